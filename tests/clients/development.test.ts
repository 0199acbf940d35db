// Development versions: the commit that a project pins, or that its lock file names, is the code that it gets.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Composer } from "../tools/composers.ts";
import type { GitRepository, Step } from "../tools/repositories.ts";
import { withEachComposer } from "./clients.ts";
import { basic, readVersion } from "./documents.ts";
import { createProject, type Project } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

let world: ClientWorld;
let acme: Organization;
/** Commits of acme/blog: published, never published, published; and of its branch with a slash. */
let commits: { first: string; between: string; second: string; feature: string };

const step = (text: string, more: Partial<Step> = {}): Step => ({
  manifest: { name: "acme/blog", extra: { "branch-alias": { "dev-main": "2.x-dev" } } },
  files: { "which.txt": text },
  ...more,
});

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  const branch = "feature/search+more";
  const blog = await world.publish(acme, "acme/blog", [
    step("first", { tags: ["1.0.0"] }),
    step("feature one", { branch }),
  ]);
  const [first, feature] = [await blog.reference("main"), await blog.reference(branch)];
  await blog.commit(step("between"));
  const between = await blog.reference("main");
  await blog.commit(step("second"), step("feature two", { branch }));
  await world.sync(acme, blog);
  commits = { first, between, second: await blog.reference("main"), feature };
});
afterAll(() => world?.close());

withEachComposer((composer) => {
  const project = (constraint: string, more: Record<string, unknown> = {}) =>
    createProject(world, {
      composer,
      org: acme,
      manifest: { require: { "acme/blog": constraint }, ...more },
    });

  test("FC2: a pinned commit is what is installed, and what its lock file installs elsewhere", async () => {
    const site = await project(`dev-main#${commits.first}`);
    expect(await site.say("update")).toMatchObject({ code: 0 });
    expect(await which(site)).toBe("first");
    const [locked] = (await site.lock()).packages;
    expect(locked?.dist?.reference).toBe(commits.first);
    await expectInstallElsewhere(site, { composer, text: "first" });
  });

  test("FC2: without a pin it is the newest commit, and a lock file stays where it was made", async () => {
    const { name, repository, site } = await moving(composer);
    expect(await site.say("update")).toMatchObject({ code: 0 });
    await repository.commit({ manifest: { name }, files: { "which.txt": "moved on" } });
    await world.sync(acme, repository);
    await rm(join(site.dir, "vendor"), { recursive: true });
    expect(await site.say("install")).toMatchObject({ code: 0 });
    expect(await which(site, name)).toBe("as locked");
    const { code, text } = await site.say("update");
    expect({ code, text }).toMatchObject({ code: 0, text: expect.stringContaining(`Upgrading ${name}`) });
    expect(await which(site, name)).toBe("moved on");
  });

  test("FC2: a branch with a slash, an alias and a shortened commit are pinned alike", async () => {
    for (const [constraint, text] of [
      [`dev-feature/search+more#${commits.feature}`, "feature one"],
      [`dev-main#${commits.first} as 1.9.0`, "first"],
      [`2.x-dev#${commits.first}`, "first"],
      [`dev-main#${commits.first.slice(0, 10)}`, "first"],
    ] as const) {
      const site = await project(constraint);
      expect([constraint, await site.say("update")]).toMatchObject([constraint, { code: 0 }]);
      expect([constraint, await which(site)]).toEqual([constraint, text]);
    }
  });

  test("FC2: a commit that is unknown, or that no sync has met, is refused in words", async () => {
    for (const reference of ["f".repeat(40), commits.between]) {
      const site = await project(`dev-main#${reference}`);
      const { code, text } = await site.say("update");
      expect(code).not.toBe(0);
      expect(text).toContain("This archive does not exist");
      expect(text).toContain("a tag or branch pointed to");
      expect(site.has("vendor/acme/blog/composer.json")).toBe(false);
    }
  });

  test("FC2: a lock file from before, with the commit in the address and a checksum, goes on", async () => {
    const site = await project("dev-main");
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
    const url = `${acme.url}/dists/acme/blog/dev-main/${commits.first}.zip`;
    const shasum = createHash("sha1")
      .update(await download(url))
      .digest("hex");
    const lock = await site.lock();
    for (const each of lock.packages) each.dist = { ...each.dist, url, shasum, reference: commits.first };
    await Bun.write(join(site.dir, "composer.lock"), JSON.stringify(lock));
    expect(await site.say("install")).toMatchObject({ code: 0 });
    expect(await which(site)).toBe("first");
  });

  test("FC2: a clone is put on the pinned commit too, where documents name sources", async () => {
    const open = await world.organization(`open-${composer.version.replaceAll(".", "-")}`);
    await world.pricore("org", "update", open.slug, "--source", "on");
    const name = `${open.slug}/blog`;
    const written = (text: string): Step => ({ manifest: { name }, files: { "which.txt": text } });
    const repository = await world.publish(open, name, [written("first")]);
    const first = await repository.reference("main");
    await repository.commit(written("second"));
    await world.sync(open, repository);
    const require = { [name]: `dev-main#${first}` };
    for (const way of ["--prefer-source", "--prefer-dist"]) {
      const site = await createProject(world, { composer, org: open, manifest: { require } });
      expect([way, await site.say("update", way)]).toMatchObject([way, { code: 0 }]);
      expect([way, await which(site, name)]).toEqual([way, "first"]);
      expect([way, site.has(`vendor/${name}/.git`)]).toEqual([way, way === "--prefer-source"]);
    }
  });

  test("FC17: a lock file with a branch of any name in its address installs", async () => {
    const site = await project("dev-main");
    expect(await site.say("update", "--no-install")).toMatchObject({ code: 0 });
    const url = `${acme.url}/dists/acme/blog/dev-feature/search+more/${commits.feature}.zip`;
    const lock = await site.lock();
    for (const each of lock.packages)
      each.dist = { ...each.dist, url, shasum: "", reference: commits.feature };
    await Bun.write(join(site.dir, "composer.lock"), JSON.stringify(lock));
    expect(await site.say("install")).toMatchObject({ code: 0 });
    expect(await which(site)).toBe("feature one");
  });
});

test("FC2: a development version's address leaves the commit to the client, a release's does not", async () => {
  const main = await readVersion(acme, "acme/blog", "dev-main");
  const url = `${acme.url}/dists/acme/blog/dev-main/%reference%.zip`;
  expect(main.dist).toEqual({ type: "zip", url, reference: commits.second } as typeof main.dist);
  const release = await readVersion(acme, "acme/blog", "1.0.0");
  expect(release.dist.url).toEndWith(`/1.0.0/${commits.first}.zip`);
  expect(release.dist.shasum).toMatch(/^[0-9a-f]{40}$/);
});

test("FC17: whatever is written as version before the reference, the archive is found", async () => {
  const bytes = await download(`${acme.url}/dists/acme/blog/1.0.0/${commits.first}.zip`);
  for (const text of [
    "dev-feature/x",
    "dev-feature%2Fx",
    "dev-a/b/c/d/e",
    "1.0.0+build",
    "dev-fix%23123",
    "dev-fix%2B1",
    "dev-übung/ß",
    "dev-%E3%83%96%E3%83%A9%E3%83%B3%E3%83%81",
    "dev-100%",
    "dev-a..b/.c",
    "v1.0.0",
    "packages.json/p2",
  ])
    expect([
      text,
      (await download(`${acme.url}/dists/acme/blog/${text}/${commits.first}.zip`)).length,
    ]).toEqual([text, bytes.length]);
  for (const path of [`acme/blog/dev-x/${"f".repeat(40)}.zip`, `acme/blag/dev-x/y/${commits.first}.zip`]) {
    const { status } = await fetch(`${acme.url}/dists/${path}`, { headers: basic(acme.token) });
    expect([path, status]).toEqual([path, 404]);
  }
});

/** With an empty cache and nothing but the lock file. */
async function expectInstallElsewhere(
  site: Project,
  { composer, text }: { composer: Composer; text: string },
): Promise<void> {
  const other = await createProject(world, { composer, org: acme });
  for (const file of ["composer.json", "composer.lock"])
    await Bun.write(join(other.dir, file), await readFile(join(site.dir, file)));
  expect(await other.say("install")).toMatchObject({ code: 0 });
  expect(await which(other)).toBe(text);
}

async function moving(
  composer: Composer,
): Promise<{ name: string; repository: GitRepository; site: Project }> {
  const name = `acme/moving-${composer.version.replaceAll(".", "-")}`;
  const repository = await world.publish(acme, name, [
    { manifest: { name }, files: { "which.txt": "as locked" } },
  ]);
  const manifest = { require: { [name]: "dev-main" } };
  return { name, repository, site: await createProject(world, { composer, org: acme, manifest }) };
}

function which(site: Project, name = "acme/blog"): Promise<string> {
  return readFile(join(site.dir, "vendor", name, "which.txt"), "utf8");
}

async function download(url: string): Promise<Uint8Array> {
  const response = await fetch(url, { headers: basic(acme.token) });
  if (response.status !== 200) throw new Error(`${url} answers ${response.status}: ${await response.text()}`);
  return response.bytes();
}
