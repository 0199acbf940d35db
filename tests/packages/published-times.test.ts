// When a version was published: what Composer's cooldown counts from. Set once, and kept whatever becomes of the version.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
  restorePackage,
  restoreVersion,
  deletePackage,
  deleteVersion,
} from "../../src/registry/packages/deletions.ts";
import { moveOrganization } from "../../src/registry/organizations/change-address.ts";
import { addRepository, removeRepository } from "../../src/registry/repositories/repositories.ts";
import { moveRepository } from "../../src/registry/repositories/change-url.ts";
import { runSync } from "../../src/registry/syncs/sync.ts";
import { getOrganizationById, type Organization } from "../../src/store/organizations/organizations.ts";
import { findPackage } from "../../src/store/packages/packages.ts";
import { updateRepository } from "../../src/store/repositories/repositories.ts";
import { findVersion } from "../../src/store/packages/versions.ts";
import { versionsSeen, type Mirrored, type TestApp } from "../worlds/process.ts";
import { startGitHttp } from "../tools/servers/git-http-server.ts";
import { succeeded } from "../tools/process.ts";
import type { GitRepository } from "../tools/repositories.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let acme: Organization;
let token: string;

const day = 86_400_000;
beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  acme = await world.organization("acme");
  token = await world.token(acme);
});
afterAll(() => world?.close());

const manifest = (name: string) => ({ name, type: "library" });
const clock = () => rfc(world.app.now());
const rfc = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}+00:00`;

async function times(name: string, slug = "acme"): Promise<Record<string, unknown>> {
  const seen = await versionsSeen(world, { slug, name, token });
  return Object.fromEntries([...seen].map(([version, { record }]) => [version, record["published-time"]]));
}

/** A commit, and a tag on it, with times of their own. */
async function tagAt(
  git: GitRepository,
  tag: string,
  at: { author: string; committer: string; tagger?: string },
): Promise<void> {
  const person = { GIT_AUTHOR_NAME: "Ann", GIT_COMMITTER_NAME: "Ann" };
  const mail = { GIT_AUTHOR_EMAIL: "ann@acme.example", GIT_COMMITTER_EMAIL: "ann@acme.example" };
  const env = { PATH: process.env["PATH"] ?? "", ...person, ...mail };
  const run = async (args: string[], dates: Record<string, string>) =>
    (await succeeded(["git", "-C", git.path, ...args], { env: { ...env, ...dates } })).trim();
  const dates = { GIT_AUTHOR_DATE: at.author, GIT_COMMITTER_DATE: at.committer };
  const commit = await run(["commit-tree", "main^{tree}", "-p", "main", "-m", tag], dates);
  if (at.tagger === undefined) await run(["tag", tag, commit], {});
  else await run(["tag", "-a", "-m", tag, tag, commit], { GIT_COMMITTER_DATE: at.tagger });
}

async function blogOf(name: string): Promise<Mirrored> {
  return world.mirror(acme, name, [
    { manifest: manifest(name), tags: ["1.0.0"] },
    { manifest: manifest(name), tags: ["1.1.0"] },
  ]);
}

describe("what the first sync of a repository meets", () => {
  test("FC3: has the latest time that git gives it, and none later than its first sight", async () => {
    const name = "acme/dated";
    const { git, ...blog } = await blogOf(name);
    await tagAt(git, "2.0.0", { author: "2019-05-01T10:00:00Z", committer: "2020-06-01T10:00:00Z" });
    const annotated = { author: "2019-05-01T10:00:00Z", committer: "2019-06-01T10:00:00Z" };
    await tagAt(git, "2.1.0", { ...annotated, tagger: "2021-07-01T12:00:00+02:00" });
    await tagAt(git, "2.2.0", { author: "2099-01-01T00:00:00Z", committer: "2019-05-01T10:00:00Z" });
    await tagAt(git, "2.3.0", { ...annotated, tagger: "2098-01-01T00:00:00Z" });
    const now = clock();
    await blog.sync();
    expect(await times(name)).toEqual({
      "1.0.0": "2024-01-02T03:04:05+00:00",
      "1.1.0": "2024-01-03T03:04:05+00:00",
      "dev-main": "2024-01-03T03:04:05+00:00",
      "2.0.0": "2020-06-01T10:00:00+00:00",
      "2.1.0": "2021-07-01T10:00:00+00:00",
      "2.2.0": now,
      "2.3.0": now,
    });
  });

  test("FC3: has it over HTTP too, where the tag comes in the pack", async () => {
    const name = "acme/far";
    const { git } = await blogOf(name);
    const dates = { author: "2019-05-01T10:00:00Z", committer: "2019-06-01T10:00:00Z" };
    await tagAt(git, "2.0.0", { ...dates, tagger: "2020-01-01T00:00:00Z" });
    const server = startGitHttp({ root: world.folder });
    const url = `${server.url}/${name}.git`;
    const request = {
      url,
      name: "far-http",
      provider: null,
      credential: null,
      allowLocal: false,
      actor: "cli",
    };
    const { repository } = await addRepository(world.app, acme, request);
    await runSync(world.app, { repositoryId: repository.id, reason: "asked" }, new AbortController().signal);
    await server.stop();
    expect((await times(name))["2.0.0"]).toBe("2020-01-01T00:00:00+00:00");
  });

  test("FC3: is still it when that sync was cut off and another one goes on", async () => {
    const name = "acme/cut";
    const blog = await blogOf(name);
    const stop = new AbortController();
    const { id } = await blog.row();
    const running = runSync(world.app, { repositoryId: id, reason: "asked" }, stop.signal);
    stop.abort(new Error("the process stops"));
    await running.catch(() => {});
    expect((await blog.row()).first_read_at).toBeNull();
    world.tick(day);
    await blog.sync();
    expect((await times(name))["1.0.0"]).toBe("2024-01-02T03:04:05+00:00");
  });
});

test("FC3: what comes later has its first sight, whatever it says of its age", async () => {
  const name = "acme/later";
  const { git, ...blog } = await blogOf(name);
  await blog.sync();
  world.tick(day);
  const old = { author: "2015-05-01T10:00:00Z", committer: "2015-05-01T10:00:00Z" };
  await tagAt(git, "2.0.0", old);
  await tagAt(git, "2.1.0", { ...old, tagger: "2016-05-01T10:00:00Z" });
  await git.git("branch", "feature", "2.0.0");
  const now = clock();
  await blog.sync();
  const seen = await times(name);
  expect([seen["2.0.0"], seen["2.1.0"], seen["dev-feature"]]).toEqual([now, now, now]);
});

test("FC3: a repository that gave nothing at first was read all the same", async () => {
  const name = "acme/empty-at-first";
  const { git, ...blog } = await world.mirror(acme, name, [{ manifest: null }]);
  expect(await blog.sync()).toMatchObject({ state: "failed" });
  world.tick(day);
  await git.commit({ manifest: manifest(name), tags: ["1.0.0"] });
  const now = clock();
  await blog.sync();
  expect((await times(name))["1.0.0"]).toBe(now);
});

describe("FC3: the time stays", () => {
  test("when a tag and a branch are removed and come back, and when a branch moves", async () => {
    const name = "acme/back";
    const { git, ...blog } = await blogOf(name);
    await blog.sync();
    world.tick(day);
    await git.git("branch", "feature", "1.0.0");
    await blog.sync();
    const before = await times(name);
    const commit = await git.reference("1.0.0");
    await git.git("tag", "-d", "1.0.0");
    await git.git("branch", "-D", "feature");
    world.tick(day);
    await blog.sync({ confirmRemovals: true });
    expect(Object.keys(await times(name)).toSorted()).toEqual(["1.1.0", "dev-main"]);
    await git.git("tag", "1.0.0", commit);
    await git.git("branch", "feature", commit);
    await git.commit({ manifest: manifest(name), files: { "a.txt": "more" } });
    world.tick(day);
    await blog.sync();
    expect(await times(name)).toEqual(before);
  });

  test("when a person deletes a version or the package and brings it back", async () => {
    const name = "acme/deleted";
    const blog = await blogOf(name);
    await blog.sync();
    const before = await times(name);
    const pkg = await findPackage(world.app.db, acme.id, name);
    const version = await findVersion(world.app.db, pkg?.id ?? "", "1.0.0.0");
    const one = { organization: acme, packageId: pkg?.id ?? "", versionId: version?.id ?? "", actor: "cli" };
    world.tick(day);
    await deleteVersion(world.app, { ...one, typed: "1.0.0" });
    await restoreVersion(world.app, one);
    await blog.sync();
    expect(await times(name)).toEqual(before);
    world.tick(day);
    await deletePackage(world.app, { ...one, typed: name });
    expect(await times(name)).toEqual({});
    await restorePackage(world.app, one);
    world.tick(day);
    await blog.sync();
    expect(await times(name)).toEqual(before);
  });

  test("when the repository is removed and added again", async () => {
    const name = "acme/again";
    const { git, ...blog } = await blogOf(name);
    await blog.sync();
    const before = await times(name);
    await removeRepository(world.app, { organization: acme, repository: await blog.row(), actor: "cli" });
    world.tick(day);
    const request = {
      url: git.path,
      name: null,
      provider: null,
      credential: null,
      allowLocal: true,
      actor: "cli",
    };
    const { repository } = await addRepository(world.app, acme, request);
    await runSync(world.app, { repositoryId: repository.id, reason: "asked" }, new AbortController().signal);
    expect(await times(name)).toEqual(before);
  });

  test("when the package is renamed, and renamed back", async () => {
    const name = "acme/old-name";
    const { git, ...blog } = await blogOf(name);
    await blog.sync();
    world.tick(day);
    await git.commit({ manifest: manifest(name), tags: ["1.2.0"] });
    await blog.sync();
    const before = await times(name);
    for (const next of ["acme/new-name", name]) {
      world.tick(day);
      await git.commit({ manifest: manifest(next), files: { "a.txt": next } });
      await blog.sync();
      expect([next, await times(next)]).toEqual([next, before]);
    }
  });

  test("when the repository gets another address, and the organization too", async () => {
    const name = "acme/moved";
    const { git, ...blog } = await blogOf(name);
    const server = startGitHttp({ root: world.folder });
    await blog.sync();
    const before = await times(name);
    world.tick(day);
    const moving = { organization: acme, repository: await blog.row() };
    await moveRepository(world.app, moving, {
      url: `${server.url}/${name}.git`,
      credential: null,
      actor: "cli",
    });
    await git.commit({ manifest: manifest(name), files: { "a.txt": "more" } });
    await blog.sync();
    await server.stop();
    expect(await times(name)).toEqual(before);
    await moveOrganization(world.app, acme, { slug: "acme-labs", actor: "cli" });
    expect(await times(name, "acme-labs")).toEqual(before);
    const moved = await getOrganizationById(world.app.db, acme.id);
    await moveOrganization(world.app, moved, { slug: "acme", actor: "cli" });
    expect(await times(name)).toEqual(before);
  });

  test("when every ref is looked at anew, as after a restore of an older database", async () => {
    const name = "acme/restored";
    const blog = await blogOf(name);
    await blog.sync();
    const before = await times(name);
    world.tick(day);
    const { id } = await blog.row();
    await world.app.db.write.deleteFrom("refs").where("repository_id", "=", id).execute();
    await updateRepository(world.app.db, id, { default_branch: null });
    await blog.sync();
    expect(await times(name)).toEqual(before);
  });
});
