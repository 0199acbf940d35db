// What becomes of refs that come, move and go, as a client sees it. Real repositories, read in this process.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rename, rm, unlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { repairArchive } from "../../src/registry/packages/repair.ts";
import { listActivity } from "../../src/store/organizations/activity.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { versionsSeen, type TestApp } from "../worlds/process.ts";
import type { Step } from "../tools/repositories.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let counter = 0;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
});

afterAll(() => world.close());

function release(name: string, ...tags: string[]): Step {
  return { manifest: { name }, files: { "README.md": `# ${tags.join(" ")}` }, tags };
}

/** An organization of its own for each test, with a token that sees all of it. */
async function acme(): Promise<{ organization: Organization; token: string; slug: string }> {
  const slug = `acme-${++counter}`;
  const organization = await world.organization(slug);
  return { organization, slug, token: await world.token(organization) };
}

describe("a first sync", () => {
  test("publishes every tag and branch with its archive", async () => {
    const { organization, slug, token } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [
      release("acme/blog", "v1.0.0"),
      release("acme/blog", "v1.1.0"),
    ]);
    const sync = await blog.sync();
    expect(sync).toMatchObject({
      state: "done",
      outcome: "changed",
      added: 3,
      skipped: 0,
      refs_done: 3,
      refs_total: 3,
    });
    const seen = await versionsSeen(world, { slug, name: "acme/blog", token });
    expect([...seen.keys()].toSorted()).toEqual(["dev-main", "v1.0.0", "v1.1.0"]);
    const dist = seen.get("v1.0.0")?.record["dist"] as { url: string; shasum: string };
    const archive = await world.get(new URL(dist.url).pathname, token);
    const bytes = new Uint8Array(await archive.arrayBuffer());
    expect(new Bun.CryptoHasher("sha1").update(bytes).digest("hex")).toBe(dist.shasum);
    expect(await blog.row()).toMatchObject({
      state: "fresh",
      default_branch: "main",
      package_name: "acme/blog",
    });
  });

  test("gives every skipped ref its reason and goes on", async () => {
    const { organization, slug, token } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [
      { manifest: "{ not json", tags: ["1.0.0"] },
      { manifest: null, tags: ["1.1.0"] },
      { manifest: { name: "acme/blog", version: "9.9.9" }, tags: ["1.2.0"] },
      { manifest: { name: "acme/blog", require: { php: "not a constraint" } }, tags: ["1.3.0"] },
      { manifest: { name: "acme/blog" }, tags: ["1.4.0", "v1.4.0", "nightly"] },
    ]);
    const sync = await blog.sync();
    expect(sync).toMatchObject({ state: "done", added: 2, skipped: 6 });
    const reasons = await blog.reasons();
    expect(Object.keys(reasons).toSorted()).toEqual([
      "1.0.0",
      "1.1.0",
      "1.2.0",
      "1.3.0",
      "nightly",
      "v1.4.0",
    ]);
    for (const reason of Object.values(reasons)) expect(reason).toMatch(/\w+ \w+/);
    expect([...(await versionsSeen(world, { slug, name: "acme/blog", token })).keys()].toSorted()).toEqual([
      "1.4.0",
      "dev-main",
    ]);
  });

  test("that finds no valid composer.json is a failure that says so", async () => {
    const { organization, slug } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [
      { manifest: null, files: { "a.txt": "a" } },
    ]);
    const sync = await blog.sync();
    expect(sync).toMatchObject({ state: "failed", outcome: "failed" });
    expect(sync.error).toContain("No valid composer.json");
    expect((await blog.row()).state).toBe("failed");
  });

  test("of a second repository with the same name publishes nothing and names the holder", async () => {
    const { organization, slug, token } = await acme();
    const first = await world.mirror(organization, `${slug}/blog`, [release("acme/blog", "1.0.0")]);
    await first.sync();
    const second = await world.mirror(organization, `${slug}/copy`, [release("acme/blog", "1.0.0", "9.0.0")]);
    const sync = await second.sync();
    expect(sync.state).toBe("failed");
    expect(sync.error).toContain('"blog"');
    const seen = await versionsSeen(world, { slug, name: "acme/blog", token });
    expect([...seen.keys()].toSorted()).toEqual(["1.0.0", "dev-main"]);
    expect(seen.get("1.0.0")?.reference).toBe(await first.git.reference("1.0.0"));
  });
});

describe("a next sync", () => {
  test("with nothing new changes no document", async () => {
    const { organization, slug, token } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [release("acme/blog", "1.0.0")]);
    await blog.sync();
    const before = await world.get(`/${slug}/p2/acme/blog.json`, token);
    world.tick(60_000);
    const sync = await blog.sync();
    expect(sync).toMatchObject({ outcome: "unchanged", added: 0, updated: 0 });
    const after = await world.get(`/${slug}/p2/acme/blog.json`, token);
    expect(after.headers.get("last-modified")).toBe(before.headers.get("last-modified"));
    expect((await blog.row()).last_proven_fresh_at).toBe(world.app.now());
  });

  test("publishes a new tag at once, with a later Last-Modified even within the same second", async () => {
    const { organization, slug, token } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [release("acme/blog", "1.0.0")]);
    await blog.sync();
    const times: number[] = [];
    for (const tag of ["1.1.0", "1.2.0", "1.3.0"]) {
      await blog.git.commit(release("acme/blog", tag));
      await blog.sync();
      const answer = await world.get(`/${slug}/p2/acme/blog.json`, token);
      times.push(Date.parse(answer.headers.get("last-modified") ?? ""));
    }
    expect((await versionsSeen(world, { slug, name: "acme/blog", token })).has("1.3.0")).toBe(true);
    expect(times[1]).toBeGreaterThan(times[0] ?? 0);
    expect(times[2]).toBeGreaterThan(times[1] ?? 0);
  });

  test("R21: refuses a moved tag, records it once, and forgets it when the tag is put back", async () => {
    const { organization, slug, token } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [
      release("acme/blog", "1.0.0"),
      release("acme/blog"),
    ]);
    await blog.sync();
    const released = await blog.git.reference("1.0.0");
    await blog.git.git("tag", "-f", "1.0.0", "main");
    await blog.sync();
    await blog.sync();
    expect((await blog.reasons())["1.0.0"]).toContain(released.slice(0, 7));
    expect((await versionsSeen(world, { slug, name: "acme/blog", token })).get("1.0.0")?.reference).toBe(
      released,
    );
    const moved = (await listActivity(world.app.db, organization.id, 50)).filter(
      (each) => each.action === "tag.moved",
    );
    expect(moved).toHaveLength(1);
    await blog.git.git("tag", "-f", "1.0.0", released);
    await blog.sync();
    expect(await blog.reasons()).toEqual({});
  });

  test("R22: takes a deleted tag out of the documents and keeps its archive", async () => {
    const { organization, slug, token } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [
      release("acme/blog", "1.0.0"),
      release("acme/blog", "1.1.0"),
    ]);
    await blog.sync();
    const record = (await versionsSeen(world, { slug, name: "acme/blog", token })).get("1.0.0")?.record;
    const url = distOf(record).url;
    await blog.git.git("tag", "-d", "1.0.0");
    expect(await blog.sync()).toMatchObject({ state: "done", removed: 1 });
    expect((await versionsSeen(world, { slug, name: "acme/blog", token })).has("1.0.0")).toBe(false);
    expect((await world.get(new URL(url).pathname, token)).status).toBe(200);
  });

  test("R22: never gives a deleted version's number to another commit", async () => {
    const { organization, slug, token } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [
      release("acme/blog", "1.0.0"),
      release("acme/blog"),
    ]);
    await blog.sync();
    const released = await blog.git.reference("1.0.0");
    await blog.git.git("tag", "-d", "1.0.0");
    await blog.sync();
    await blog.git.git("tag", "1.0.0", "main");
    await blog.sync();
    expect((await versionsSeen(world, { slug, name: "acme/blog", token })).has("1.0.0")).toBe(false);
    expect((await blog.reasons())["1.0.0"]).toContain("already published from");
    await blog.git.git("tag", "-f", "1.0.0", released);
    await blog.sync();
    expect((await versionsSeen(world, { slug, name: "acme/blog", token })).get("1.0.0")?.reference).toBe(
      released,
    );
  });

  test("R24: follows a branch, and drops it when it is deleted", async () => {
    const { organization, slug, token } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [
      release("acme/blog", "1.0.0"),
      { ...release("acme/blog"), branch: "feature/x" },
    ]);
    await blog.sync();
    const before = await versionsSeen(world, { slug, name: "acme/blog", token });
    const locked = new URL(distOf(before.get("dev-feature/x")?.record).url).pathname;
    await blog.git.commit({ ...release("acme/blog"), branch: "feature/x", files: { "new.txt": "new" } });
    expect(await blog.sync()).toMatchObject({ updated: 1 });
    const seen = await versionsSeen(world, { slug, name: "acme/blog", token });
    expect(seen.get("dev-feature/x")?.reference).toBe(await blog.git.reference("feature/x"));
    await blog.git.git("branch", "-D", "feature/x");
    expect(await blog.sync()).toMatchObject({ removed: 1 });
    expect((await versionsSeen(world, { slug, name: "acme/blog", token })).has("dev-feature/x")).toBe(false);
    // What a lock file holds can be installed for ever.
    expect((await world.get(locked, token)).status).toBe(200);
  });

  test("R23: stops before it removes many versions, until somebody confirms", async () => {
    const { organization, slug, token } = await acme();
    const tags = Array.from({ length: 15 }, (_, minor) => `1.${minor}.0`);
    const blog = await world.mirror(
      organization,
      `${slug}/blog`,
      tags.map((tag) => release("acme/blog", tag)),
    );
    await blog.sync();
    await blog.git.git("tag", "-d", ...tags.slice(0, 12));
    const stopped = await blog.sync();
    expect(stopped).toMatchObject({ state: "failed", outcome: "stopped", removed: 0 });
    expect(stopped.error_code).toBe("removals_unconfirmed");
    expect((await versionsSeen(world, { slug, name: "acme/blog", token })).size).toBe(16);
    expect(await blog.sync({ confirmRemovals: true })).toMatchObject({ state: "done", removed: 12 });
    expect((await blog.row()).removals_confirmed).toBe(0);
    expect((await versionsSeen(world, { slug, name: "acme/blog", token })).size).toBe(4);
  });

  test("R23: of an emptied repository removes nothing", async () => {
    const { organization, slug, token } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [release("acme/blog", "1.0.0")]);
    await blog.sync();
    await blog.git.git("tag", "-d", "1.0.0");
    await blog.git.git("update-ref", "-d", "refs/heads/main");
    const sync = await blog.sync({ confirmRemovals: true });
    expect(sync.error).toContain("Nothing was removed");
    expect((await versionsSeen(world, { slug, name: "acme/blog", token })).size).toBe(2);
  });

  test("that fails is reported once for a row of failures, and again after it went well", async () => {
    const { organization } = await acme();
    const blog = await world.mirror(organization, "acme/flaky", [release("acme/flaky", "1.0.0")]);
    const syncEntries = async () => {
      const entries = await listActivity(world.app.db, organization.id, 50);
      return entries.filter(({ action }) => action === "repository.sync_failed").length;
    };
    await blog.sync();
    expect(await syncEntries()).toBe(0);
    for (const expected of [1, 2]) {
      await rename(blog.git.path, `${blog.git.path}.away`);
      for (let times = 0; times < 2; times++) expect((await blog.sync()).outcome).toBe("failed");
      expect(await syncEntries()).toBe(expected);
      await rename(`${blog.git.path}.away`, blog.git.path);
      expect((await blog.sync()).outcome).toBe("unchanged");
    }
  });

  test("keeps a branch's last good state when its composer.json breaks", async () => {
    const { organization, slug, token } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [release("acme/blog", "1.0.0")]);
    await blog.sync();
    const good = await blog.git.reference("main");
    await blog.git.commit({ manifest: "{ broken" });
    await blog.sync();
    expect((await blog.reasons())["main"]).toContain("composer.json");
    expect((await versionsSeen(world, { slug, name: "acme/blog", token })).get("dev-main")?.reference).toBe(
      good,
    );
  });
});

describe("a renamed package", () => {
  test("gives all its versions the new name and points from the old one, which stays installable", async () => {
    const { organization, slug, token } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [release("acme/old", "1.0.0")]);
    await blog.sync();
    await blog.git.commit(release("acme/new", "2.0.0"));
    expect((await blog.sync()).state).toBe("done");
    const renamed = await versionsSeen(world, { slug, name: "acme/new", token });
    expect([...renamed.keys()].toSorted()).toEqual(["1.0.0", "2.0.0", "dev-main"]);
    const old = await versionsSeen(world, { slug, name: "acme/old", token });
    expect(old.get("1.0.0")?.record["abandoned"]).toBe("acme/new");
    expect(old.has("2.0.0")).toBe(false);
  });
});

describe("a removed repository", () => {
  test("leaves the root, keeps its archives, and lets another one take the name without changing a version", async () => {
    const { organization, slug, token } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [
      release("acme/blog", "1.0.0"),
      release("acme/blog", "1.1.0"),
    ]);
    await blog.sync();
    const record = (await versionsSeen(world, { slug, name: "acme/blog", token })).get("1.0.0")?.record;
    const { removeRepository } = await import("../../src/registry/repositories/repositories.ts");
    await removeRepository(world.app, { organization, repository: await blog.row(), actor: "cli" });
    const root = (await (await world.get(`/${slug}/packages.json`, token)).json()) as Record<
      string,
      string[]
    >;
    expect(root["available-packages"]).toEqual([]);
    expect(root["available-package-patterns"]).toEqual(["acme/*"]);
    const shield = await world.get(`/${slug}/p2/acme/blog.json`, token);
    expect([shield.status, await shield.json()]).toEqual([
      200,
      { minified: "composer/2.0", packages: { "acme/blog": [] } },
    ]);
    const url = new URL(distOf(record).url).pathname;
    expect((await world.get(url, token)).status).toBe(200);

    const other = await world.mirror(organization, `${slug}/other`, [
      { manifest: { name: "acme/blog" }, files: { "evil.txt": "x" }, tags: ["1.0.0"] },
      release("acme/blog", "3.0.0"),
    ]);
    await other.sync();
    const seen = await versionsSeen(world, { slug, name: "acme/blog", token });
    expect(seen.has("1.0.0")).toBe(false);
    expect(seen.has("3.0.0")).toBe(true);
  });
});

describe("a lost or damaged archive", () => {
  for (const harm of ["lost", "damaged"] as const)
    test(`R7: that is ${harm} is answered 503, made again from git, and then served with the same bytes`, async () => {
      const { organization, slug, token } = await acme();
      const blog = await world.mirror(organization, `${slug}/blog`, [release("acme/blog", "1.0.0")]);
      await blog.sync();
      const record = (await versionsSeen(world, { slug, name: "acme/blog", token })).get("1.0.0")?.record;
      const path = new URL(distOf(record).url).pathname;
      const before = await (await world.get(path, token)).bytes();
      const sha256 = new Bun.CryptoHasher("sha256").update(before).digest("hex");
      const file = join(world.folder, "data/dists", sha256.slice(0, 2), `${sha256.slice(2)}.zip`);
      if (harm === "lost") await unlink(file);
      else await writeFile(file, "not a zip at all");
      const refused = await world.get(path, token);
      expect([refused.status, refused.headers.has("retry-after")]).toEqual([503, true]);
      expect((await world.get(path, token)).status).toBe(503);
      const { waiting } = await world.app.jobs.stats();
      expect(waiting).toBeGreaterThan(0);
      const payload = { organizationId: organization.id, packageName: "acme/blog" };
      await repairArchive(world.app, { ...payload, reference: await blog.git.reference("1.0.0") });
      const after = await world.get(path, token);
      expect([after.status, Buffer.from(await after.bytes()).equals(Buffer.from(before))]).toEqual([
        200,
        true,
      ]);
    });

  test("FC5: that was made before contents were converted is made again with the bytes that it had", async () => {
    const { organization, slug } = await acme();
    const files = {
      ".gitattributes": "*.bat text eol=crlf\n*.txt export-subst\n",
      "a.bat": "a\nb\n",
      "v.txt": "$Format:%H$",
    };
    const blog = await world.mirror(organization, `${slug}/blog`, [
      { manifest: { name: "acme/blog" }, files, tags: ["1.0.0"] },
    ]);
    const reference = await blog.git.reference("1.0.0");
    // As the version before made it.
    const old = await world.app.git.openMirror({ url: blog.git.path, credential: null, hostKey: null }, [
      { kind: "tag", name: "1.0.0", reference },
    ]);
    const topFolder = `acme-blog-${reference.slice(0, 7)}`;
    const first = await old.archive({ reference, topFolder, exclude: [], format: 1 });
    await blog.sync();
    const { db } = world.app;
    const dists = db.read.selectFrom("dists").selectAll().where("organization_id", "=", organization.id);
    const made = (await dists.execute()).find((each) => each.reference === reference);
    expect(made).toMatchObject({ archive_format: 2 });
    expect(made?.sha256).not.toBe(first.sha256);
    const { sha1, sha256, sizeBytes } = first;
    await db.write
      .updateTable("dists")
      .set({ archive_format: 1, sha1, sha256, size_bytes: sizeBytes })
      .where("id", "=", made?.id ?? "")
      .execute();
    await old.close();
    await repairArchive(world.app, { organizationId: organization.id, packageName: "acme/blog", reference });
    expect(await world.app.storage.isSound(first.sha256)).toBe(true);
  });

  test("whose commit git no longer has stays away and says so", async () => {
    const { organization, slug } = await acme();
    const blog = await world.mirror(organization, `${slug}/blog`, [
      release("acme/blog", "1.0.0"),
      release("acme/blog"),
    ]);
    await blog.sync();
    const reference = await blog.git.reference("1.0.0");
    await blog.git.git("tag", "-d", "1.0.0");
    await blog.sync();
    await rm(join(world.folder, "data/dists"), { recursive: true });
    const lost = { organizationId: organization.id, packageName: "acme/blog", reference };
    expect(repairArchive(world.app, lost)).rejects.toMatchObject({ code: "archive_unrepairable" });
  });
});

describe("a sync that was cut off", () => {
  test("R1: shows only complete versions and takes up the rest", async () => {
    const { organization, slug, token } = await acme();
    const tags = Array.from({ length: 60 }, (_, minor) => `1.${minor}.0`);
    const blog = await world.mirror(
      organization,
      `${slug}/blog`,
      tags.map((tag) => release("acme/blog", tag)),
    );
    const { runSync } = await import("../../src/registry/syncs/sync.ts");
    const stop = new AbortController();
    const put = world.app.storage.put;
    let stored = 0;
    world.app.storage.put = async (sha256, path) => {
      if (++stored === 55) stop.abort(new Error("cut off"));
      await put(sha256, path);
    };
    const request = { repositoryId: (await blog.row()).id, reason: "asked" };
    await runSync(world.app, request, stop.signal).catch(() => {});
    world.app.storage.put = put;
    const half = await versionsSeen(world, { slug, name: "acme/blog", token });
    expect(half.size).toBeGreaterThan(0);
    expect(half.size).toBeLessThan(61);
    expect(half.has("1.59.0")).toBe(true);
    for (const { record } of half.values()) {
      const { url } = distOf(record);
      expect((await world.get(new URL(url).pathname, token)).status).toBe(200);
    }
    expect((await blog.sync()).state).toBe("done");
    expect((await versionsSeen(world, { slug, name: "acme/blog", token })).size).toBe(61);
  });
});

/** With the address that a client makes of it. */
function distOf(record: Record<string, unknown> | undefined): { url: string } {
  const dist = record?.["dist"] as { url: string; reference: string } | undefined;
  return { url: dist?.url.replace("%reference%", dist.reference) ?? "" };
}
