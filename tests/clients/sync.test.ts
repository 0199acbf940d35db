// Conformance of syncing: numbers 38–44, and the transports that repositories come over.

import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { startGitHttp } from "../tools/servers/git-http-server.ts";
import { makeRepository, type Step } from "../tools/repositories.ts";
import { startSshd } from "../tools/servers/sshd.ts";
import { clients } from "./clients.ts";
import { readDocument, readRoot, readVersion } from "./documents.ts";
import { createProject } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

let world: ClientWorld;
let acme: Organization;

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
});
afterAll(() => world?.close());

const versionsOf = async (name: string): Promise<string[]> =>
  (await readDocument(acme, name)).records.map(({ version }) => version);

test("38: of tags that mean the same version the first is published and the others are listed with a reason", async () => {
  const name = "acme/same-tags";
  const repository = await world.publish(acme, name, [
    { manifest: { name }, tags: ["1.0.0.0", "v1.0.0", "1.0"] },
  ]);
  expect(await versionsOf(name)).toEqual(["1.0"]);
  const { skipped } = await world.sync(acme, repository);
  expect(skipped.map(({ ref }) => ref.replace(/^.*\//, "")).toSorted()).toEqual(["1.0.0.0", "v1.0.0"]);
  for (const { reason } of skipped) expect(reason).toContain("1.0");
});

test("39: of branches that mean the same version the first is published and the other is listed with a reason", async () => {
  const name = "acme/same-branches";
  const manifest = { name };
  const repository = await world.publish(acme, name, [
    { manifest },
    { branch: "1.0", manifest, files: { "from.txt": "1.0" } },
    { branch: "1.0.x", manifest, files: { "from.txt": "1.0.x" } },
  ]);
  const { records } = await readDocument(acme, `${name}~dev`);
  const ones = records.filter(({ version_normalized }) => version_normalized === "1.0.9999999.9999999-dev");
  expect(ones.map(({ dist }) => dist.reference)).toEqual([await repository.reference("1.0")]);
  const { skipped } = await world.sync(acme, repository);
  expect(skipped.map(({ ref }) => ref.replace(/^.*\//, ""))).toEqual(["1.0.x"]);
});

test("40: a tag that composer.json contradicts is skipped and says why", async () => {
  const name = "acme/contradicted";
  const repository = await world.publish(acme, name, [
    { manifest: { name, version: "1.0.0" }, tags: ["1.0.0"] },
    { manifest: { name, version: "1.0.0" }, tags: ["1.1.0"] },
  ]);
  expect(await versionsOf(name)).toEqual(["1.0.0"]);
  const { skipped } = await world.sync(acme, repository);
  const outputs = skipped.find(({ ref }) => ref.endsWith("1.1.0"));
  expect(outputs?.reason).toContain("composer.json");
  expect(outputs?.reason).toContain("1.0.0");
});

test("41: a new name on the default branch becomes the name of every version", async () => {
  const [before, after] = ["acme/before", "acme/after"];
  const repository = await world.publish(acme, before, [{ manifest: { name: before }, tags: ["1.0.0"] }]);
  expect(await versionsOf(before)).toEqual(["1.0.0"]);
  await repository.commit({ manifest: { name: after }, tags: ["1.1.0"] });
  await world.sync(acme, repository);
  expect((await versionsOf(after)).toSorted()).toEqual(["1.0.0", "1.1.0"]);
  for (const record of (await readDocument(acme, after)).records) expect(record.name).toBe(after);
  expect((await readRoot(acme)).json["available-packages"]).toContain(after);
});

test("42: a deleted branch leaves the document of development versions at the next sync", async () => {
  const name = "acme/branches";
  const manifest = { name };
  const repository = await world.publish(acme, name, [{ manifest }, { branch: "feature/foo", manifest }]);
  expect((await versionsOf(`${name}~dev`)).toSorted()).toEqual(["dev-feature/foo", "dev-main"]);
  await repository.git("branch", "-D", "feature/foo");
  expect(await world.sync(acme, repository)).toMatchObject({ removed: 1 });
  expect(await versionsOf(`${name}~dev`)).toEqual(["dev-main"]);
});

test("43: an archive or source that composer.json names itself is replaced by the real one", async () => {
  const name = "acme/pretender";
  const evil = "https://evil.example.com/x.zip";
  await world.pricore("org", "update", "acme", "--source", "on");
  const repository = await world.publish(acme, name, [
    {
      manifest: {
        name,
        dist: { type: "zip", url: evil, reference: "evil" },
        source: { type: "git", url: evil, reference: "evil" },
        "notification-url": evil,
        "transport-options": { ssl: { verify_peer: false } },
      },
      tags: ["1.0.0"],
    },
  ]);
  const { text } = await readDocument(acme, name);
  expect(text).not.toContain("evil");
  expect(text).not.toContain("transport-options");
  const record = await readVersion(acme, name, "1.0.0");
  expect(record.dist.url).toStartWith(`${acme.url}/dists/acme/pretender/`);
  expect(record["source"]).toMatchObject({ type: "git", reference: await repository.reference("1.0.0") });
});

test("44: a repository without one valid ref fails its sync and keeps its earlier versions", async () => {
  const name = "acme/broken";
  const repository = await world.publish(acme, name, [{ manifest: { name }, tags: ["1.0.0"] }]);
  await repository.commit({ manifest: "{ not json" });
  await repository.git("tag", "--delete", "1.0.0");
  const outcome = await world.registry.pricore(["sync", "--org", "acme", name, "--wait", "--json"]);
  expect(outcome.code).toBe(1);
  expect(await versionsOf(name)).toEqual(["1.0.0"]);
  const listed = (await world.pricore("repo", "list", "--org", "acme", "--json")).json<Listed[]>();
  expect(listed.find((each) => each.name === name)).toMatchObject({
    state: "failed",
    error: expect.any(String),
  });
});

test("44: a repository that never had a valid ref is an error and publishes nothing", async () => {
  const repository = await world.repository("acme/nothing", [{ manifest: null, tags: ["1.0.0"] }]);
  expect((await world.add(acme, repository)).code).toBe(1);
  expect((await readRoot(acme)).json["available-packages"]).not.toContain("acme/nothing");
});

type Listed = { name: string; state: string; error: string | null };

test("a repository behind a password is synced with it, refused without, and the password is never shown", async () => {
  const root = join(world.folder, "guarded");
  const name = "acme/guarded";
  await makeRepository(root, name, release(name));
  const git = startGitHttp({ root, auth: { username: "ann", password: "s3cret-word" } });
  try {
    const add = ["repo", "add", "--org", "acme", `${git.url}/${name}.git`, "--sync", "--wait"];
    const refused = await world.registry.pricore([...add, "--name", "refused"]);
    expect(refused.code).toBe(1);
    await world.pricore("repo", "remove", "--org", "acme", "refused");
    const args = [...add, "--name", name, "--credential", "ann", "--password-stdin"];
    const added = await world.registry.pricore(args, { stdin: "s3cret-word\n" });
    expect(added).toMatchObject({ code: 0 });
    await installs(name);
    const outputs = [
      added.stdout,
      added.stderr,
      world.registry.logs(),
      (await readDocument(acme, name)).text,
    ];
    expect(outputs.join("\n")).not.toContain("s3cret-word");
  } finally {
    await git.stop();
  }
});

test("a repository over SSH is synced with its key and refused without", async () => {
  const root = join(world.folder, "ssh");
  const name = "acme/by-ssh";
  await makeRepository(root, name, release(name));
  const sshd = await startSshd({ root });
  try {
    const url = `ssh://${sshd.user}@${sshd.host}:${sshd.port}${root}/${name}.git`;
    const add = ["repo", "add", "--org", "acme", url, "--sync", "--wait"];
    expect((await world.registry.pricore([...add, "--name", "keyless"])).code).toBe(1);
    const key = join(world.folder, "id");
    await Bun.write(key, sshd.privateKey);
    expect(await world.registry.pricore([...add, "--name", name, "--ssh-key", key])).toMatchObject({
      code: 0,
    });
    await installs(name);
  } finally {
    await sshd.stop();
  }
});

function release(name: string): Step[] {
  return [{ manifest: { name }, files: { "src/a.php": "<?php\n" }, tags: ["1.0.0"] }];
}

async function installs(name: string): Promise<void> {
  const [composer] = clients;
  if (!composer) throw new Error("There is no Composer");
  const site = await createProject(world, { composer, org: acme, manifest: { require: { [name]: "*" } } });
  expect(await site.say("update")).toMatchObject({ code: 0 });
  expect(site.has(`vendor/${name}/src/a.php`)).toBe(true);
}
