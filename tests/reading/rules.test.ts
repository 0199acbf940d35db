// The next sync reads again, once and without another archive, what an older release read or refused.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readingRules } from "../../src/registry/syncs/plan.ts";
import { updateRepository } from "../../src/store/repositories/repositories.ts";
import { listVersions } from "../../src/store/packages/versions.ts";
import { findPackage } from "../../src/store/packages/packages.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { versionsSeen, type Mirrored, type TestApp } from "../worlds/process.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let acme: Organization;
let blog: Mirrored;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  blog = await world.mirror(acme, "blog", [
    {
      manifest: '{"name":"acme/blog","description":"A blog","extra":{"10":1,"9":2},"keywords":5}',
      tags: ["1.0.0"],
    },
    { manifest: { name: "acme/blog", abandoned: 1 }, tags: ["1.1.0"] },
  ]);
  await blog.sync();
});
afterAll(() => world?.close());

const liveVersions = async () => {
  const pkg = await findPackage(world.app.db, acme.id, "acme/blog");
  const versions = await listVersions(world.app.db, pkg?.id ?? "");
  return new Map(versions.map((version) => [version.version, version]));
};

test("FC8: fields that an older release has kept as values are served until then, and are text afterwards", async () => {
  const before = (await liveVersions()).get("1.0.0");
  const fields = { type: "library", description: "A blog", extra: { 9: 2, 10: 1 }, require: { PHP: "*" } };
  const manifest = JSON.stringify({ name: "acme/blog", version: null, timeMs: null, fields, notes: ["old"] });
  const { db } = world.app;
  await db.write
    .updateTable("versions")
    .set({ manifest, notes: null })
    .where("id", "=", before?.id ?? "")
    .execute();
  await updateRepository(db, (await blog.row()).id, { reading: 0 });
  world.tick(60_000);
  const { outcome, updated, added } = await blog.sync();
  expect([outcome, updated, added]).toEqual(["unchanged", 0, 0]);
  const after = (await liveVersions()).get("1.0.0");
  expect(after?.manifest).toContain('"extra":"{\\"10\\":1,\\"9\\":2}"');
  expect(after?.notes).toContain('"path":"keywords"');
  expect([after?.sha256, after?.updated_at, after?.dist_id]).toEqual([
    before?.sha256 ?? null,
    before?.updated_at,
    before?.dist_id ?? null,
  ]);
  expect((await blog.row()).reading).toBe(readingRules);
});

test("FC7: what an older release refused is published by the next sync, though no ref has changed", async () => {
  const { db } = world.app;
  const refused = (await liveVersions()).get("1.1.0");
  await db.write
    .updateTable("refs")
    .set({ outcome: "skipped", reason: "composer.json: abandoned must be true", version_id: null })
    .where("name", "=", "1.1.0")
    .execute();
  await db.write
    .updateTable("versions")
    .set({ removed_at: 1 })
    .where("id", "=", refused?.id ?? "")
    .execute();
  await blog.sync();
  expect([...(await liveVersions()).keys()]).not.toContain("1.1.0");
  await updateRepository(db, (await blog.row()).id, { reading: 0 });
  await blog.sync();
  expect([...(await liveVersions()).keys()]).toContain("1.1.0");
  const token = await world.token(acme);
  expect([...(await versionsSeen(world, { slug: "acme", name: "acme/blog", token })).keys()]).toContain(
    "1.1.0",
  );
});
