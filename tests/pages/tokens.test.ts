// Tokens as people make them: shown once, with what it takes to use them, and gone when they are revoked.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createToken } from "../../src/registry/tokens.ts";
import { listActivity } from "../../src/store/organizations/activity.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import type { TestApp } from "../worlds/process.ts";
import { countQueries } from "../tools/queries.ts";
import { signedIn } from "./visitor.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let acme: Organization;
const tokens = "/organizations/acme/settings/tokens";
const month = 30 * 86_400_000;
const form = { name: "ci", expires: "90", date: "", packages: "" };

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  await world.organization("other");
});
afterAll(() => world.close());

const admin = () => signedIn(world, "ann", { roles: { acme: "admin" } });
const secretIn = (text: string) => /prc_[0-9A-Za-z]{46}/.exec(text.replaceAll(/<\/?b>/g, ""))?.[0] ?? "";
const opens = async (secret: string, slug = "acme") =>
  (await world.get(`/${slug}/packages.json`, secret)).status;

/** The token that the form makes, and where it is shown. */
async function make(ann: Awaited<ReturnType<typeof admin>>, fields: Record<string, string>, at = tokens) {
  const answer = await ann.post(at, { ...form, ...fields });
  const path = answer.headers.get("location") ?? "";
  return { answer, path, id: path.split("made=")[1] ?? "" };
}

describe("a new token", () => {
  test("is shown once with the commands that use it, and works", async () => {
    const ann = await admin();
    const { answer, path } = await make(ann, { name: "ci-github" });
    expect(answer.status).toBe(303);
    expect(path).not.toContain("prc_");
    const shown = await ann.read(path);
    const secret = secretIn(shown);
    expect(await opens(secret)).toBe(200);
    const { host } = new URL(world.app.config.appUrl);
    expect(shown.replaceAll(/<\/?b>/g, "")).toContain(
      `composer config --global --auth http-basic.${host} token ${secret}`,
    );
    expect(shown.replaceAll(/<\/?b>/g, "")).toContain(
      `composer config repositories.acme composer ${world.app.config.appUrl}/acme`,
    );
    expect(shown).toContain("COMPOSER_AUTH");
    const again = await ann.read(path);
    expect(secretIn(again)).toBe("");
    expect(again).toContain("It cannot be shown again");
    expect(world.log.join("\n")).not.toContain(secret);
  });

  test("is shown to no other session, though its cookie were stolen", async () => {
    const ann = await admin();
    const { path } = await make(ann, { name: "guarded" });
    const second = await admin();
    second.cookies.set("pricore-once", ann.cookies.get("pricore-once") ?? "");
    expect(secretIn(await second.read(path))).toBe("");
  });

  test("reads what its patterns name, until the end of the day that it was given", async () => {
    const ann = await admin();
    const day = new Date(world.app.now() + 2 * 86_400_000).toISOString().slice(0, 10);
    const fields = {
      name: "narrow",
      expires: "date",
      date: day,
      packages: "acme/blog\nacme/shop-*, acme/blog",
    };
    const { path, id } = await make(ann, fields);
    expect(await ann.read(path)).toContain("acme/blog, acme/shop-*");
    const token = await world.app.db.read
      .selectFrom("tokens")
      .selectAll()
      .where("id", "=", id)
      .executeTakeFirstOrThrow();
    expect(token.expires_at).toBe(Date.parse(`${day}T23:59:59.999Z`));
    expect(token.created_by).toBe(ann.user.id);
  });

  test("says beside its field what is wrong and keeps what was typed", async () => {
    const ann = await admin();
    const tooMany = Array.from({ length: 51 }, (_, at) => `acme/p${at}`).join("\n");
    const wrong: [Record<string, string>, string][] = [
      [{ name: " " }, "a name of up to 100 characters"],
      [{ packages: "blog" }, "is not a package or pattern"],
      [{ packages: tooMany }, "up to 50 packages"],
      [{ expires: "date", date: "2020-01-01" }, "This date is in the past"],
      [{ expires: "date", date: "soon" }, "Enter a date"],
      [{ expires: "1000" }, "Choose when"],
    ];
    for (const [change, sentence] of wrong) {
      const answer = await ann.post(tokens, { ...form, name: "kept-name", ...change });
      expect(answer.status).toBe(422);
      const text = await answer.text();
      expect(text).toContain(sentence);
      expect(text).toContain('aria-invalid="true"');
      if (!("name" in change)) expect(text).toContain("kept-name");
    }
  });

  test("asks for the password again when it was given a while ago", async () => {
    const ann = await admin();
    world.tick(11 * 60_000);
    for (const place of [tokens, "/account/tokens"]) {
      expect((await ann.get(`${place}/new`)).headers.get("location")).toStartWith("/confirm?next=");
      expect((await ann.post(place, form)).headers.get("location")).toStartWith("/confirm");
    }
    expect((await ann.get(tokens)).status).toBe(200);
  });
});

describe("a token of an organization", () => {
  test("is revoked after a question, and refused from the next request on", async () => {
    const ann = await admin();
    const { path, id } = await make(ann, { name: "old-jenkins" });
    const secret = secretIn(await ann.read(path));
    expect(await ann.read(`${tokens}/${id}/revoke`)).toContain("It was never used.");
    expect((await ann.post(`${tokens}/${id}/revoke`)).headers.get("location")).toBe(tokens);
    expect(await opens(secret)).toBe(401);
    expect(await ann.read(tokens)).toContain("Token old-jenkins revoked.");
    const [last] = await listActivity(world.app.db, acme.id, 1);
    expect([last?.action, last?.subject, last?.actor]).toEqual([
      "token.revoked",
      "old-jenkins",
      `user:${ann.user.id}`,
    ]);
  });

  test("stays in the list for 30 days after it expired, and can be removed", async () => {
    const ann = await admin();
    const owner = { organizationId: acme.id };
    const request = { owner, packages: [], actor: "cli", expiresAt: world.app.now() + 1000 };
    await createToken(world.app, { ...request, name: "contractor-q3" });
    const { token } = await createToken(world.app, { ...request, name: "contractor-q4" });
    world.tick(2000);
    expect(await ann.read(tokens)).toContain("Remove contractor-q3");
    await ann.post(`${tokens}/${token.id}/revoke`);
    expect(await ann.read(tokens)).toContain("Token contractor-q4 removed.");
    expect(await ann.read(tokens)).not.toContain("Remove contractor-q4");
    world.tick(month + 1);
    const later = await admin();
    expect(await later.read(tokens)).not.toContain("contractor-q3");
  });

  test("is for admins and owners", async () => {
    const ben = await signedIn(world, "ben", { roles: { acme: "member" } });
    expect((await ben.get(tokens)).status).toBe(403);
    expect((await ben.post(tokens, form)).status).toBe(403);
  });

  test("of another organization is as if it were not there", async () => {
    const ann = await admin();
    const other = await signedIn(world, "chloe", { roles: { other: "owner" } });
    const { id } = await make(other, { name: "theirs" }, "/organizations/other/settings/tokens");
    const foreign = await ann.post(`${tokens}/${id}/revoke`);
    const none = await ann.post(`${tokens}/${Bun.randomUUIDv7()}/revoke`);
    expect([foreign.status, none.status]).toEqual([404, 404]);
    expect(await foreign.text()).toBe(await none.text());
    const personal = await make(ann, { name: "mine" }, "/account/tokens");
    expect((await ann.post(`${tokens}/${personal.id}/revoke`)).status).toBe(404);
    expect((await other.post(`/account/tokens/${personal.id}/revoke`)).status).toBe(404);
  });

  test("is listed with as few queries among fifty as alone", async () => {
    const ann = await admin();
    const ask = () => countQueries(world, () => ann.read(tokens));
    await ask();
    const before = await ask();
    for (let at = 0; at < 50; at++) await world.token(acme);
    expect(await ask()).toBe(before);
    expect(before).toBeLessThanOrEqual(10);
  });
});

describe("a personal token", () => {
  test("opens every organization of its person, and is in no list but theirs", async () => {
    const ann = await signedIn(world, "ann", { roles: { acme: "admin", other: "member" } });
    const { path } = await make(ann, { name: "laptop" }, "/account/tokens");
    const shown = await ann.read(path);
    expect(shown).toContain(`composer config repositories.other composer`);
    const secret = secretIn(shown);
    expect([await opens(secret), await opens(secret, "other")]).toEqual([200, 200]);
    expect(await ann.read(tokens)).not.toContain("laptop");
    const ben = await signedIn(world, "ben");
    expect(await ben.read("/account/tokens")).toContain("No tokens yet");
  });
});
