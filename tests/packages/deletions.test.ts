// What a person deletes stays away, whatever the repository says, until somebody brings it back.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  restorePackage,
  restoreVersion,
  deletePackage,
  deleteVersion,
} from "../../src/registry/packages/deletions.ts";
import { sweepArchives } from "../../src/registry/packages/sweep.ts";
import { explain } from "../../src/registry/why/why.ts";
import { listActivity } from "../../src/store/organizations/activity.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { findPackage } from "../../src/store/packages/packages.ts";
import { findFullVersion, listVersionLines } from "../../src/store/packages/pages.ts";
import { versionsSeen, type Mirrored, type TestApp } from "../worlds/process.ts";
import { failureOf } from "../tools/failure.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let acme: Organization;
let blog: Mirrored;
let token: string;
let bytes: Uint8Array<ArrayBuffer>;

const manifest = { name: "acme/blog", type: "library" };

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  token = await world.token(acme);
  blog = await world.mirror(acme, "acme/blog", [
    { manifest, files: { "a.php": "1" }, tags: ["1.0.0"] },
    { manifest, files: { "a.php": "2" }, tags: ["1.1.0"] },
    { manifest, files: { "a.php": "3" } },
  ]);
  await blog.sync();
});
afterAll(() => world?.close());

const seen = async () =>
  [...(await versionsSeen(world, { slug: "acme", name: "acme/blog", token })).keys()].toSorted();

async function idOf(version?: string): Promise<{ packageId: string; versionId: string }> {
  const pkg = await findPackage(world.app.db, acme.id, "acme/blog");
  const found = await findFullVersion(world.app.db, pkg?.id ?? "", {
    version: version ?? "dev-main",
    versionNormalized: null,
  });
  return { packageId: pkg?.id ?? "", versionId: found?.id ?? "" };
}

const archiveOf = async (version: string) => {
  const reference = await blog.git.reference(version);
  return world.get(`/acme/dists/acme/blog/${version}/${reference}.zip`, token);
};

describe("deleting a version", () => {
  test("asks for its name", async () => {
    const ids = await idOf("1.0.0");
    const failure = await failureOf(
      deleteVersion(world.app, { organization: acme, ...ids, actor: "cli", typed: "1.0" }),
    );
    expect([failure.kind, failure.field]).toEqual(["invalid", "name"]);
    expect(await seen()).toEqual(["1.0.0", "1.1.0", "dev-main"]);
  });

  test("takes it and its archive away at once, and its bytes with the next sweep", async () => {
    const before = await archiveOf("1.0.0");
    expect(before.status).toBe(200);
    bytes = await before.bytes();
    world.tick();
    await deleteVersion(world.app, {
      organization: acme,
      ...(await idOf("1.0.0")),
      actor: "cli",
      typed: "1.0.0",
    });
    expect(await seen()).toEqual(["1.1.0", "dev-main"]);
    expect((await archiveOf("1.0.0")).status).toBe(404);
    expect((await archiveOf("1.1.0")).status).toBe(200);
    // Files on a disk have the time of the machine.
    const later = { ...world.app, now: () => Date.now() + 2 * 3_600_000 };
    expect(await sweepArchives(later)).toBe(1);
    const [entry] = await listActivity(world.app.db, acme.id, 1);
    expect([entry?.action, entry?.subject]).toEqual(["version.deleted", "acme/blog"]);
  });

  test("holds against the next sync, also of everything, and says why it is not there", async () => {
    expect((await blog.sync()).outcome).toBe("unchanged");
    await blog.git.git("tag", "v1.0.0", "1.0.0");
    await blog.sync();
    expect(await seen()).toEqual(["1.1.0", "dev-main"]);
    expect((await blog.reasons())["1.0.0"]).toContain("was deleted here on 2026-03-01");
    const { steps } = await explain(world.app, acme, { name: "acme/blog", version: "1.0.0" });
    const broken = steps.find((step) => step.state === "failed");
    expect([broken?.step, broken?.action?.do]).toEqual(["manifest", "restore-version"]);
    await blog.git.git("tag", "-d", "v1.0.0");
    await blog.sync();
  });

  test("T7: never gives its name to other bytes", async () => {
    const taken = await blog.git.reference("1.0.0");
    await blog.git.git("tag", "-f", "1.0.0", "main");
    await blog.sync();
    expect(await seen()).toEqual(["1.1.0", "dev-main"]);
    await blog.git.git("tag", "-f", "1.0.0", taken);
    await blog.sync();
    expect(await seen()).toEqual(["1.1.0", "dev-main"]);
  });

  test("is taken back by bringing it back: the same bytes again", async () => {
    await restoreVersion(world.app, { organization: acme, ...(await idOf("1.0.0")), actor: "cli" });
    await blog.sync();
    expect(await seen()).toEqual(["1.0.0", "1.1.0", "dev-main"]);
    expect(await (await archiveOf("1.0.0")).bytes()).toEqual(bytes);
    const failure = await failureOf(
      restoreVersion(world.app, { organization: acme, ...(await idOf("1.0.0")), actor: "cli" }),
    );
    expect(failure.kind).toBe("conflict");
  });
});

describe("deleting a package", () => {
  test("takes all its versions out of the documents and the root", async () => {
    const { packageId } = await idOf();
    await deletePackage(world.app, { organization: acme, packageId, actor: "cli", typed: "acme/blog" });
    expect(await seen()).toEqual([]);
    const root = (await (await world.get("/acme/packages.json", token)).json()) as Record<string, string[]>;
    expect(root["available-packages"]).toEqual([]);
    expect((await archiveOf("1.1.0")).status).toBe(404);
  });

  test("holds against a new tag, and its repository is not failed by that", async () => {
    await blog.git.commit({ manifest, files: { "a.php": "4" }, tags: ["2.0.0"] });
    const sync = await blog.sync();
    expect([sync.state, (await blog.row()).state]).toEqual(["done", "fresh"]);
    expect(await seen()).toEqual([]);
  });

  test("is taken back with all that the repository has now", async () => {
    const pkg = await findPackage(world.app.db, acme.id, "acme/blog");
    await restorePackage(world.app, { organization: acme, packageId: pkg?.id ?? "", actor: "cli" });
    await blog.sync();
    expect(await seen()).toEqual(["1.0.0", "1.1.0", "2.0.0", "dev-main"]);
    expect(await listVersionLines(world.app.db, pkg?.id ?? "")).toHaveLength(4);
    expect((await archiveOf("2.0.0")).status).toBe(200);
  });
});
