// The first page of an organization: is anything behind or broken, and what to do first.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { addActivity } from "../../../src/store/organizations/activity.ts";
import { addInstalls, countInstalls } from "../../../src/store/packages/downloads.ts";
import { updateRepository } from "../../../src/store/repositories/repositories.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import type { TestApp } from "../../worlds/process.ts";
import { countQueries } from "../../tools/queries.ts";
import { signedIn } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let acme: Organization;
const page = "/organizations/acme";
const steps = [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }];

beforeEach(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
});
afterEach(() => world.close());

const admin = () => signedIn(world, "ann", { roles: { acme: "admin" } });
const textOf = (markup: string) =>
  markup
    .replaceAll(/<(script|style)[^]*?<\/\1>/g, "")
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll(/\s+/g, " ");

async function install(count: number, at: number): Promise<void> {
  const { db } = world.app;
  const rows = Array.from({ length: count }, (_, token) => ({
    organization_id: acme.id,
    package_name: "acme/blog",
    version_normalized: "1.0.0.0",
    token_id: `t${token}`,
    minute: Math.floor(at / 60_000),
  }));
  await addInstalls(db, rows);
  await db.transaction((tx) => countInstalls(tx, { now: at, keepMs: 0 }));
}

describe("the overview", () => {
  test("of an empty organization says what to do first, to those who may", async () => {
    const ann = await admin();
    const text = await ann.read(page);
    expect(text).toContain("Add the first repository");
    expect(text).toContain(`${world.app.config.appUrl}/acme`);
    const ben = await signedIn(world, "ben", { roles: { acme: "member" } });
    const seen = await ben.read(page);
    expect(seen).toContain("once an owner or admin adds");
    expect(seen).not.toContain("Invite people");
  });

  test("tells what failed first, then what waits, then what is fresh", async () => {
    const ann = await admin();
    const blog = await world.mirror(acme, "blog", steps);
    await blog.sync();
    expect(textOf(await ann.read(page))).toContain("Up to date");
    const shop = await world.mirror(acme, "shop", steps);
    const cart = await world.mirror(acme, "cart", steps);
    await updateRepository(world.app.db, (await shop.row()).id, { state: "failed" });
    const text = textOf(await ann.read(page));
    expect(text).toMatch(/1 failed.*1 waiting.*1 up to date.*oldest check/);
    expect((await cart.row()).state).toBe("waiting");
    const freshness = text.slice(text.indexOf("Repository status"));
    expect(freshness).toMatch(/shop.*cart.*acme\/ ?blog/);
    expect(await ann.read(page)).toContain("1 sync: none failed, 1 changed something");
  });

  test("counts packages, versions, people and the downloads of 30 days", async () => {
    const ann = await admin();
    await signedIn(world, "ben", { roles: { acme: "member" } });
    await (await world.mirror(acme, "blog", steps)).sync();
    const day = 86_400_000;
    await install(10, world.app.now() - 40 * day);
    await install(12, world.app.now() - 2 * day);
    await install(3, world.app.now());
    const text = textOf(await ann.read(page));
    expect(text).toMatch(/Packages 1 2 versions Repositories 1/);
    expect(text).toMatch(/Members 2/);
    expect(text).toMatch(/Downloads, 30 days 15 50% more than before/);
    const table = textOf(await ann.read(`${page}?view=table`));
    expect(table).toMatch(/1 Mar, so far 3 28 Feb 0 27 Feb 12/);
  });

  test("leads through the first steps until they are done or no longer wanted", async () => {
    const ann = await admin();
    const blog = await world.mirror(acme, "blog", steps);
    expect(textOf(await ann.read(page))).toContain("2 of 5 Next: wait for the first package");
    await blog.sync();
    expect(textOf(await ann.read(page))).toContain("3 of 5 Next: create a token");
    await world.token(acme);
    expect(textOf(await ann.read(page))).toContain("4 of 5 Next: choose a package");
    const ben = await signedIn(world, "ben", { roles: { acme: "member" } });
    await ann.post(`${page}/first-steps/dismiss`);
    expect(await ann.read(page)).not.toContain("Next:");
    expect(await ben.read(page)).toContain("Next:");
    await install(1, world.app.now());
    expect(await ben.read(page)).not.toContain("Next:");
  });

  test("tells what alike happened within ten minutes as one", async () => {
    const ann = await admin();
    const entry = { organizationId: acme.id, actor: `user:${ann.user.id}`, action: "token.revoked" } as const;
    await addActivity(world.app.db, { ...entry, subject: "first", now: world.app.now() });
    world.tick(11 * 60_000);
    for (const subject of ["second", "third", "fourth"])
      await addActivity(world.app.db, { ...entry, subject, now: world.app.now() });
    const text = textOf(await ann.read(page));
    expect(text).toContain("ann revoked 3 tokens");
    expect(text).toContain("ann revoked token first");
  });

  test("asks the database as often for many repositories as for one", async () => {
    const ann = await admin();
    await (await world.mirror(acme, "blog", steps)).sync();
    await ann.read(page);
    const alone = await countQueries(world, () => ann.read(page));
    for (let at = 0; at < 15; at++) {
      await world.mirror(acme, `shop-${at}`, steps);
      await world.token(acme);
    }
    expect(await countQueries(world, () => ann.read(page))).toBe(alone);
    expect(alone).toBeLessThanOrEqual(24);
  });
});

describe("the start page", () => {
  test("leads to the organization that was looked at last", async () => {
    await world.organization("other");
    const ann = await signedIn(world, "ann", { roles: { acme: "admin", other: "member" } });
    const start = async () => (await ann.get("/")).headers.get("location");
    await ann.read("/organizations/other");
    world.tick(61_000);
    await ann.read(page);
    expect(await start()).toBe(page);
    world.tick(61_000);
    // A part of a page that is open somewhere is no visit.
    await ann.get("/organizations/other", { "HX-Request": "true" });
    expect(await start()).toBe(page);
    await ann.read("/organizations/other");
    expect(await start()).toBe("/organizations/other");
  });

  test("is the list of organizations for somebody who is in none", async () => {
    const ben = await signedIn(world, "ben");
    expect(await ben.read("/")).toContain("You are not in an organization yet");
  });
});
