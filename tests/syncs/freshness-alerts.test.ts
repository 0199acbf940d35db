// Repositories that were not proven fresh for too long: told on the pages, by mail once, and over when they are again.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { parseConfig } from "../../src/config/config.ts";
import { handlersOf } from "../../src/registry/handlers.ts";
import { timetableOf } from "../../src/registry/jobs/timetable.ts";
import { bodyOf } from "../../src/registry/mail.ts";
import { listActivity } from "../../src/store/organizations/activity.ts";
import { getMail, listMails } from "../../src/store/mails.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { updateRepository } from "../../src/store/repositories/repositories.ts";
import { signedIn, type Visitor } from "../pages/visitor.ts";
import type { Mirrored, TestApp } from "../worlds/process.ts";
import { openWorld } from "../worlds/world.ts";

const minute = 60_000;
const hour = 60 * minute;
let world: TestApp;
let acme: Organization;
let blog: Mirrored;
let ann: Visitor;

beforeEach(async () => {
  world = await openWorld({ in: "process", environment: { SYNC_INTERVAL: "15m", FRESHNESS_LIMIT: "1h" } });
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  await signedIn(world, "ada", { roles: { acme: "admin" } });
  await signedIn(world, "mia", { roles: { acme: "member" } });
  blog = await mirror("blog");
  await blog.sync();
});
afterEach(() => world.close());

function mirror(name: string): Promise<Mirrored> {
  return world.mirror(acme, name, [{ manifest: { name: `acme/${name}` }, tags: ["1.0.0"] }]);
}

/** Time goes by, a minute at a time, as the timetable sees it. */
async function pass(ms: number): Promise<void> {
  for (let passed = 0; passed < ms; passed += minute) {
    world.tick(minute);
    await watch();
  }
}

function watch() {
  const running = { id: "x", attempt: 1, signal: new AbortController().signal };
  return handlersOf(world.app)["watch-freshness"]({}, running);
}

async function mails(): Promise<{ to: string; subject: string; text: string }[]> {
  const found = await listMails(world.app.db, { limit: 100, before: null });
  return Promise.all(
    found.toReversed().map(async ({ id, recipient: to, subject }) => {
      const text = bodyOf(world.app, await getMail(world.app.db, id)) ?? "";
      return { to, subject, text };
    }),
  );
}

async function shown(page: "" | "/repositories"): Promise<string> {
  const text = await ann.read(`/organizations/acme${page}`);
  return text
    .replace(/<script[\s\S]*?<\/script>/g, "")
    .replace(/<[^>]+>/g, "")
    .replace(/\s+/g, " ");
}

test("a repository that is checked in time raises nothing", async () => {
  await pass(50 * minute);
  await blog.sync();
  await pass(50 * minute);
  expect(await mails()).toEqual([]);
  expect(await shown("")).not.toContain("without a successful check");
  expect(await shown("/repositories")).not.toContain("without a successful check");
});

test("the owner and admins get one mail of all that are behind, and members are not", async () => {
  const shop = await mirror("shop");
  await shop.sync();
  await updateRepository(world.app.db, (await shop.row()).id, {
    state: "failed",
    error: "git.example.com refused the credential.",
  });
  await pass(2 * hour);
  const sent = await mails();
  expect(sent.map(({ to }) => to).toSorted()).toEqual(["ada@acme.test", "ann@acme.test"]);
  expect(sent[0]?.subject).toBe("acme: 2 repositories without a successful check for 1 hour");
  expect(sent[0]?.text).toContain("- blog, since 2026-03-01 09:00 UTC");
  expect(sent[0]?.text).toContain(
    "- shop, since 2026-03-01 09:00 UTC: git.example.com refused the credential.",
  );
  expect(sent[0]?.text).toContain(`${world.app.config.appUrl}/organizations/acme/repositories?sort=fresh`);
});

test("one that joins the others is no new incident; a day later they are reported again", async () => {
  await pass(2 * hour);
  expect(await mails()).toHaveLength(2);
  await mirror("shop");
  await pass(2 * hour);
  expect(await mails()).toHaveLength(2);
  await pass(22 * hour);
  const sent = await mails();
  expect(sent).toHaveLength(4);
  expect(sent.at(-1)?.subject).toBe("acme: 2 repositories without a successful check for 1 hour");
}, 30_000);

test("it stands on the overview and above the repositories, and so does that it is over", async () => {
  await pass(2 * hour);
  for (const page of ["", "/repositories"] as const) {
    expect(await shown(page)).toContain("1 repository without a successful check for 2 h");
    expect(await shown(page)).toContain("Composer still gets the versions known at");
  }
  await blog.sync();
  await pass(minute);
  for (const page of ["", "/repositories"] as const) {
    expect(await shown(page)).not.toContain("Composer still gets the versions known at");
    expect(await shown(page)).toContain("All repositories are up to date again");
  }
  const acts = await listActivity(world.app.db, acme.id, 100);
  expect(acts.map(({ action }) => action)).toContainValues(["freshness.lost", "freshness.recovered"]);
  await pass(50 * minute);
  await blog.sync();
  world.tick(25 * hour);
  await blog.sync();
  expect(await shown("")).not.toContain("up to date again");
}, 30_000);

test("after a recovery the next incident is reported again", async () => {
  await pass(2 * hour);
  await blog.sync();
  await pass(2 * hour);
  expect(await mails()).toHaveLength(4);
});

test("who was away tells nobody of what is late because of that, unless it stays so", async () => {
  await pass(10 * minute);
  world.tick(8 * hour);
  await pass(10 * minute);
  expect(await mails()).toEqual([]);
  await pass(10 * minute);
  expect(await mails()).toHaveLength(2);
});

test("another organization gets mail about its own alone", async () => {
  const other = await world.organization("other");
  await signedIn(world, "ben", { roles: { other: "owner" } });
  await pass(2 * hour);
  expect(other.slug).toBe("other");
  expect((await mails()).map(({ to }) => to)).not.toContain("ben@acme.test");
});

test("FRESHNESS_LIMIT=off tells nobody, and nothing watches", async () => {
  const calm = { ...world.app, config: { ...world.app.config, freshnessLimitMs: null } };
  expect(timetableOf(calm).map(({ name }) => name)).not.toContain("watch-freshness");
  expect(timetableOf(world.app)).toContainEqual({ name: "watch-freshness", everyMs: minute });
});

test("FRESHNESS_LIMIT is an hour, or two intervals where those are longer, and must be longer than one", () => {
  const limit = (environment: Record<string, string>) => {
    const parsed = parseConfig(environment);
    return "config" in parsed ? parsed.config.freshnessLimitMs : parsed.problems;
  };
  expect(limit({})).toBe(hour);
  expect(limit({ SYNC_INTERVAL: "6h" })).toBe(12 * hour);
  expect(limit({ SYNC_INTERVAL: "off" })).toBeNull();
  expect(limit({ SYNC_INTERVAL: "off", FRESHNESS_LIMIT: "3d" })).toBe(72 * hour);
  expect(limit({ FRESHNESS_LIMIT: "off" })).toBeNull();
  expect(limit({ FRESHNESS_LIMIT: "soon" })).toEqual([
    'FRESHNESS_LIMIT "soon" is not a duration like 1h, or off',
  ]);
  expect(limit({ FRESHNESS_LIMIT: "15m" })).toEqual([
    'FRESHNESS_LIMIT "15m" is not longer than SYNC_INTERVAL (15 minutes): every repository would be late',
  ]);
});

test("a repository that was not checked for two intervals is overdue everywhere, and so is its package", async () => {
  const pages = ["", "/repositories", "/repositories/blog", "/packages", "/packages/acme/blog"];
  const words = async (page: string) =>
    (await ann.read(`/organizations/acme${page}`)).match(
      /is-waiting[^"]* strong[^"]*">[^]{0,200}?<span>(1 )?stale/gi,
    )?.length ?? 0;
  for (const page of pages) expect([page, await words(page)]).toEqual([page, 0]);
  world.tick(31 * minute);
  for (const page of pages) expect([page, (await words(page)) > 0]).toEqual([page, true]);
  expect(await ann.read("/organizations/acme/repositories/blog")).toContain('class="proof is-waiting"');
  expect(await ann.read("/organizations/acme/repositories?state=stale")).toContain("repositories/blog");
  expect(await ann.read("/organizations/acme/repositories?state=fresh")).toContain("No repository matches");
  await blog.sync();
  for (const page of pages) expect([page, await words(page)]).toEqual([page, 0]);
});
