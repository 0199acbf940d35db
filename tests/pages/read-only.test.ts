// Reading needs no writing: every page comes while nothing can be written.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { setSetting } from "../../src/store/settings.ts";
import type { TestApp } from "../worlds/process.ts";
import { signedIn } from "./visitor.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
beforeEach(async () => {
  world = await openWorld({ in: "process", environment: { DB_CONNECTION: "sqlite" } });
});
afterEach(() => world?.close());

test("FA10: every page comes while the database can only be read", async () => {
  const acme = await world.organization("acme");
  const mirrored = await world.mirror(acme, "acme/blog", [
    { manifest: { name: "acme/blog" }, tags: ["1.0.0"], files: { "README.md": "# Blog" } },
  ]);
  await mirrored.sync();
  const ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  const pages = [
    "/organizations",
    "/organizations/acme",
    "/organizations/acme/packages",
    "/organizations/acme/packages/acme/blog",
    "/organizations/acme/packages/acme/blog/versions",
    "/organizations/acme/packages/acme/blog/1.0.0",
    "/organizations/acme/packages/acme/blog/dependencies",
    "/organizations/acme/packages/acme/blog/dependents",
    "/organizations/acme/packages/acme/blog/downloads",
    "/organizations/acme/packages/acme/blog/why",
    "/organizations/acme/repositories",
    "/organizations/acme/repositories/blog",
    "/organizations/acme/repositories/blog/syncs",
    "/organizations/acme/activity",
    "/organizations/acme/activity.csv",
    "/organizations/acme/security",
    "/organizations/acme/settings/members",
    "/organizations/acme/settings/tokens",
    "/organizations/acme/settings/credentials",
    "/palette?q=blog",
    "/account",
    "/account/tokens",
    "/account/sessions",
  ];
  const statuses = async () =>
    Object.fromEntries(await Promise.all(pages.map(async (path) => [path, (await ann.get(path)).status])));
  const before = await statuses();
  // What is noted at most once a minute is due again.
  world.tick(120_000);
  world.app.db.writer?.run("pragma query_only = on");
  expect(await statuses()).toEqual(before);
  expect(Object.values(before).filter((status) => status === 200).length).toBeGreaterThan(18);
  expect(world.log.join("\n")).toContain("visit.not_written");
  // The control: what writes is refused.
  await expect(setSetting(world.app.db, "scrub", "1")).rejects.toThrow("is read-only");
  world.app.db.writer?.run("pragma query_only = off");
});
