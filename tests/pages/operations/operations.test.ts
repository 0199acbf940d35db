// The page that says whether everything is all right and, if not, what to do.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { examine, lastFindings } from "../../../src/registry/operations/findings.ts";
import { claimScheduleEntry } from "../../../src/store/jobs/schedules.ts";
import { insertNew } from "../../../src/store/engine/database.ts";
import { setSetting } from "../../../src/store/settings.ts";
import type { TestApp } from "../../worlds/process.ts";
import { startSmtp, type SmtpServer } from "../../tools/servers/smtp-server.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let root: Visitor;
let ann: Visitor;
let mails: SmtpServer;
beforeAll(async () => {
  mails = await startSmtp();
  world = await openWorld({
    in: "process",
    environment: {
      OUTBOUND_ALLOW: "127.0.0.1",
      ...{
        MAIL_MAILER: "smtp",
        MAIL_HOST: "127.0.0.1",
        MAIL_PORT: String(mails.port),
        MAIL_ENCRYPTION: "none",
      },
      ...{ MAIL_FROM_ADDRESS: "pricore@acme.test", METRICS_TOKEN: "canary-canary-canary" },
    },
  });
  const acme = await world.organization("acme");
  root = await signedIn(world, "root", { roles: { acme: "owner" }, isAdmin: true });
  ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  const blog = await world.mirror(acme, "blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  await blog.sync();
  await world.token(acme);
});
afterAll(async () => {
  await world?.close();
  mails?.stop();
});

test("is for administrators of the instance alone, and led to from every page of theirs", async () => {
  for (const path of ["/operations", "/account/operations"]) expect((await ann.get(path)).status).toBe(404);
  for (const path of ["/operations/checks", "/operations/test-mail"])
    expect((await ann.post(path, {})).status).toBe(404);
  expect(await ann.read("/organizations/acme")).not.toContain("/operations");
  expect(await root.read("/organizations/acme")).toContain('href="/operations"');
});

test("says before the first run that nothing was looked at, and runs the checks on request", async () => {
  expect(await root.read("/operations")).toContain("Not checked yet");
  expect((await root.post("/operations/checks", {})).status).toBe(303);
  expect(await root.read("/operations")).toContain("Checking…");
  await examine(world.app);
  await world.app.db.write.deleteFrom("jobs").execute();
  const found = await lastFindings(world.app);
  expect(found?.results.length).toBeGreaterThan(20);
  const page = await root.read("/operations");
  expect(page).toContain("No worker was seen in the last minute");
  expect(page).toContain("Run now");
}, 60_000);

test("shows what failed first, with one remedy and its link, and hostile texts as text", async () => {
  const well = { advice: null, remedy: null };
  const results = [
    { id: "disk", title: "Disk space", status: "ok", seen: "Much room.", ...well },
    {
      ...{
        id: "webhooks",
        title: "Webhooks",
        status: "warn",
        seen: "<script>alert(1)</script>",
        advice: null,
      },
      remedy: { do: "check-webhook", organization: "acme", repository: "blog" },
    },
    {
      id: "database",
      title: "Database",
      status: "fail",
      seen: "It is damaged.",
      advice: "Restore it.",
      remedy: null,
    },
  ];
  await setSetting(world.app.db, "doctor", JSON.stringify({ at: world.app.now(), results }));
  const page = await root.read("/operations");
  expect(page).toContain("1 check failed, 1 warning");
  expect(page.indexOf("It is damaged.")).toBeLessThan(page.indexOf("&lt;script&gt;alert(1)"));
  expect(page).toContain('href="/organizations/acme/repositories/blog/webhook"');
  expect(await root.read("/organizations/acme")).toContain("1 check of this server failed");
  expect(await ann.read("/organizations/acme")).not.toContain("of this server failed");
  expect(page).not.toContain("<script>alert(1)");
});

test("shows what the storage holds by organization and package, and no secret of the settings", async () => {
  const page = await root.read("/operations");
  expect(page).toContain("What the storage holds");
  expect(page).toContain('href="/organizations/acme/packages/acme/blog"');
  expect(page).toContain("METRICS_TOKEN");
  expect(page).not.toContain("canary");
});

test("sends a test mail and says what came of it", async () => {
  await root.post("/operations/test-mail", {});
  expect(await root.read("/operations")).toContain("Test mail sent to root@acme.test");
  expect(mails.mails.map(({ to }) => to)).toEqual([["root@acme.test"]]);
  mails.harm = { does: "refuse", at: "recipient", reply: "550 No such user" };
  await root.post("/operations/test-mail", {});
  expect(await root.read("/operations")).toContain("The test mail was not sent.");
});

test("is below /account while an organization has had its address", async () => {
  const other = await openWorld({ in: "process" });
  const row = { id: Bun.randomUUIDv7(), slug: "operations", name: "Ops", created_at: 0, notice: null };
  await insertNew(other.app.db, "organizations", { ...row, publishes_source: 0 }, ["id"]);
  const admin = await signedIn(other, "root", { isAdmin: true });
  const answer = await admin.get("/operations");
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/account/operations"]);
  expect(await admin.read("/account/operations")).toContain("Not checked yet");
  await other.close();
});

test("the daily check waits until a new server has settled, and then comes round every day", async () => {
  const { app } = world;
  const minuteMs = 60_000;
  const entry = { name: "run-doctor", everyMs: 1440 * minuteMs, firstAfterMs: 10 * minuteMs };
  const claim = (minutes: number) =>
    claimScheduleEntry(app.db, { ...entry, now: app.now() + minutes * minuteMs });
  expect([await claim(0), await claim(9), await claim(10), await claim(11)]).toEqual([
    false,
    false,
    true,
    false,
  ]);
  expect(await claim(10 + 1440)).toBe(true);
});
