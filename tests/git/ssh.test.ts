import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import type { Failure } from "../../src/errors.ts";
import { fingerprint, generateKeyPair } from "../../src/git/keys.ts";
import type { Remote } from "../../src/git/mirror.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { succeeded } from "../tools/process.ts";
import { startSshd, type Sshd } from "../tools/servers/sshd.ts";
import { makeBareRepository } from "./bare-repository.ts";
import { buildWorker } from "./build-worker.ts";
import { anonymous, makeFolder, makeGit, removeFolder } from "./ground.ts";

let folder: string;
let sshd: Sshd;
let remote: Remote;

beforeAll(async () => {
  folder = await makeFolder();
  sshd = await startSshd({ root: folder });
  const repository = await makeBareRepository(join(folder, "blog.git"));
  await repository.commit({ "composer.json": "{}" }, { tag: "v1" });
  remote = {
    ...anonymous(sshd.url("blog.git")),
    credential: { kind: "ssh-key", privateKey: sshd.privateKey },
  };
});

afterAll(async () => {
  await sshd.stop();
  await removeFolder(folder);
});

const failureOf = (remote: Remote) =>
  makeGit({ folder })
    .listRefs(remote)
    .catch((error: Failure) => error);
const withKey = (privateKey: string): Remote => ({ ...remote, credential: { kind: "ssh-key", privateKey } });

describe("A repository over SSH", () => {
  test("reports the host key it met first, and is opened with it from then on", async () => {
    const git = makeGit({ folder });
    const { hostKey, refs } = await git.listRefs(remote);
    expect(hostKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/]+=*$/);
    const pinned = { ...remote, hostKey };
    expect((await git.listRefs(pinned)).hostKey).toBe(hostKey);
    const mirror = await git.openMirror(pinned, refs);
    expect((await mirror.snapshot(refs[0]?.reference ?? "")).composerJson).toEqual({
      reason: "composer.json is empty",
    });
    await mirror.close();
  });

  test("is fetched by the executable, which has no native add-ons", async () => {
    const worker = { command: [await buildWorker(folder)], environment: {} };
    const git = makeGit({ folder, worker });
    const { refs } = await git.listRefs(remote);
    const mirror = await git.openMirror(remote, refs);
    expect((await mirror.snapshot(refs[0]?.reference ?? "")).composerJson).toEqual({
      reason: "composer.json is empty",
    });
    await mirror.close();
  });

  test("FA5: is refused while its list is read, when that has more tags than may be", async () => {
    const repository = await makeBareRepository(join(folder, "many.git"));
    const reference = await repository.commit({ "composer.json": "{}" });
    const tags = Array.from({ length: 100_000 }, (_, at) => `${reference} refs/tags/1.0.${at}\n`).toSorted();
    await Bun.write(join(repository.path, "packed-refs"), `# pack-refs with: sorted\n${tags.join("")}`);
    const failure = await failureOf({ ...remote, url: sshd.url("many.git") });
    expect(failure).toMatchObject({
      code: "git_too_many_refs",
      message: "The repository has more than 50000 tags and branches.",
    });
  });

  test("is refused when the host key has changed, with both fingerprints", async () => {
    const { hostKey, refs } = await makeGit({ folder }).listRefs(remote);
    const pinned = { ...remote, hostKey };
    await sshd.rotateHostKey();
    const now = (await makeGit({ folder }).listRefs(remote)).hostKey ?? "";
    const failure = (await failureOf(pinned)) as Failure;
    expect(failure).toMatchObject({ kind: "conflict", code: "ssh_hostkey_changed" });
    expect(failure.message).toContain(fingerprint(hostKey ?? ""));
    expect(failure.message).toContain(fingerprint(now));
    const mirror = await makeGit({ folder })
      .openMirror(pinned, refs)
      .catch((error: Failure) => error.code);
    expect(mirror).toBe("ssh_hostkey_changed");
  });

  test("is refused when the server no longer shows a key of the pinned type", async () => {
    const failure = await failureOf({ ...remote, hostKey: "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQ==" });
    expect(failure).toMatchObject({ code: "ssh_hostkey_changed" });
  });

  test("says so when the key is not accepted, can't be read, or is missing", async () => {
    const stranger = generateKeyPair("ben").privateKey;
    expect(await failureOf(withKey(stranger))).toMatchObject({ kind: "forbidden", code: "git_unauthorized" });
    expect(await failureOf(withKey("nonsense"))).toMatchObject({
      kind: "invalid",
      code: "ssh_key_unreadable",
    });
    expect(await failureOf({ ...remote, credential: null })).toMatchObject({ code: "credential_kind" });
    const https = { ...withKey(stranger), url: "https://127.0.0.1/blog.git" };
    expect(await failureOf(https)).toMatchObject({ code: "credential_kind" });
  });

  test("says so when nobody answers, or somebody else does", async () => {
    const nobody = { ...remote, url: `ssh://ann@127.0.0.1:${reservedPort()}/blog.git` };
    expect(await failureOf(nobody)).toMatchObject({ kind: "unavailable", code: "outbound_unreachable" });
    const web = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("web") });
    const failure = await failureOf({ ...remote, url: `ssh://ann@127.0.0.1:${web.port}/blog.git` });
    await web.stop(true);
    expect(failure).toMatchObject({ kind: "unavailable" });
  });

  test("is given up when the server never greets", async () => {
    const silent = Bun.listen({ port: 0, hostname: "127.0.0.1", socket: { data() {} } });
    const git = makeGit({ folder, limits: { connectMs: 200 } });
    const failure = await git
      .listRefs({ ...remote, url: `ssh://ann@127.0.0.1:${silent.port}/x` })
      .catch((error: Failure) => error);
    silent.stop(true);
    expect(failure).toMatchObject({ kind: "unavailable", code: "outbound_timeout" });
  });

  test("is not asked for on a private network that nobody allowed", async () => {
    const failure = await failureOf({ ...remote, url: `ssh://ann@127.0.0.2:${sshd.port}/blog.git` });
    expect(failure).toMatchObject({ kind: "invalid", code: "url_not_allowed" });
  });
});

describe("A generated key pair", () => {
  test("is an Ed25519 key that OpenSSH reads, with the fingerprint OpenSSH shows", async () => {
    const pair = generateKeyPair("pricore acme/blog");
    const path = join(folder, "generated");
    await Bun.write(path, pair.privateKey);
    await chmod(path, 0o600);
    expect(await succeeded(["ssh-keygen", "-y", "-f", path])).toStartWith(
      pair.publicKey.split(" ").slice(0, 2).join(" "),
    );
    await Bun.write(`${path}.pub`, `${pair.publicKey}\n`);
    const printed = await succeeded(["ssh-keygen", "-l", "-f", `${path}.pub`]);
    expect(printed).toBe(`256 ${pair.fingerprint} pricore acme/blog (ED25519)\n`);
    expect(generateKeyPair("x").privateKey).not.toBe(pair.privateKey);
  });
});
