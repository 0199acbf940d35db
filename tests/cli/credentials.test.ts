// Credentials of repositories: missing, wrong, of the wrong kind, and a server that shows another host key.
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { join } from "node:path";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { succeeded } from "../tools/process.ts";
import { makeRepository } from "../tools/repositories.ts";
import { startSshd, type Sshd } from "../tools/servers/sshd.ts";
import { addAndSync, rowsOf } from "./mirroring.ts";
import type { Operator, RunOptions } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let closed: GitHttpServer;
let sshd: Sshd;
/** A new organization for each test. */
let org = "";
let organizations = 0;

const add = (...words: (string | RunOptions)[]) => addAndSync(ann, org, words);
const password = "canary-git-password";

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  closed = startGitHttp({ root: ann.folder, auth: { username: "ben", password } });
  sshd = await startSshd({ root: ann.folder });
  await Bun.write(join(ann.folder, "id"), sshd.privateKey);
  await makeRepository(ann.folder, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
});
afterAll(async () => {
  await Promise.all([closed?.stop(), sshd?.stop()]);
  await ann?.close();
});
beforeEach(async () => {
  org = `org-${++organizations}`;
  await ann.must("org", "create", org);
});

const url = () => `${closed.url}/acme/blog.git`;

test("credentials over https: none, wrong ones and right ones are told apart, and none is ever shown", async () => {
  const without = await add(url(), "--name", "without");
  expect(without.code).toBe(1);
  expect(without.sync?.error).toMatch(/asks for a valid credential\. Add a credential that may read/);
  const wrong = await add(url(), "--name", "other");
  expect(wrong).toMatchObject({ code: 1, stderr: expect.stringContaining("was already added as") });
  await ann.must("repo", "remove", "--org", org, "without");

  const env = { PRICORE_GIT_PASSWORD: "canary-wrong-password" };
  const refused = await add(url(), "--credential", "ben", { env });
  expect(refused.sync?.error).toMatch(
    /asks for a valid credential\. Check that the credential is still valid/,
  );
  await ann.must("repo", "remove", "--org", org, "blog");

  const taken = await add(url(), "--credential", "ben", "--password-stdin", { stdin: `${password}\n` });
  expect(taken).toMatchObject({ code: 0, sync: { outcome: "changed", added: 2 } });
  for (const { stdout, stderr } of [without, wrong, refused, taken])
    expect(stdout + stderr).not.toMatch(/canary/);
});

test("FC11: the user in an address, as clone buttons give it, is the credential's", async () => {
  const { port } = closed;
  const pasted = `git clone http://ben@127.0.0.1:${port}/acme/blog.git/ blog`;
  const taken = await add(pasted, "--password-stdin", { stdin: `${password}\n` });
  expect(taken).toMatchObject({ code: 0, sync: { outcome: "changed", added: 2 } });
  const { stdout } = await ann.run(["repo", "list", "--org", org, "--json"]);
  expect(JSON.parse(stdout)[0].url).toBe(url());
  await ann.must("repo", "remove", "--org", org, "blog");
  const other = await add(`http://zoe@127.0.0.1:${port}/acme/blog.git`, "--credential", "ben", {
    env: { PRICORE_GIT_PASSWORD: password },
  });
  expect(other.code).toBe(0);
  await ann.must("repo", "remove", "--org", org, "blog");
  const open = await add(`http://ben@127.0.0.1:${port}/acme/blog.git`);
  expect(open.sync?.error).toContain("asks for a valid credential");
});

test("credentials that are missing, or do not go with the address, are wrong before anything is kept", async () => {
  const cases: [args: string[], code: number, says: RegExp][] = [
    [[url(), "--credential", "ben"], 2, /--password-stdin or PRICORE_GIT_PASSWORD, or run it in a terminal/],
    [[url(), "--credential", "ben", "--password-stdin"], 2, /Standard input was empty/],
    [[url(), "--ssh-key", join(ann.folder, "id")], 1, /An SSH key needs an address like git@host:path/],
    [[sshd.url("acme/blog.git")], 1, /An SSH address needs an SSH key\.\nUse --ssh-key FILE/],
    [[sshd.url("acme/blog.git"), "--ssh-key", "/nowhere/id"], 1, /The SSH key \/nowhere\/id cannot be read/],
    [
      [sshd.url("acme/blog.git"), "--ssh-key", "/etc/passwd"],
      1,
      /no private SSH key, or it has a passphrase/,
    ],
    [[url(), "--credential", "ben", "--ssh-key", "new"], 2, /either --credential or --ssh-key/],
    [[url(), "--provider", "svn"], 1, /"svn" is not one of github, gitlab, bitbucket, gitea, git/],
    [[url(), "--wait"], 2, /--wait needs --sync/],
  ];
  for (const [args, code, says] of cases) {
    const outcome = await ann.run(["repo", "add", "--org", org, ...args], { stdin: "" });
    expect([args, outcome.code]).toEqual([args, code]);
    expect(outcome.stderr).toMatch(says);
  }
  expect(rowsOf(ann, org)).toEqual({ repositories: 0, credentials: 0, jobs: 0 });
});

test("an SSH key that is not accepted says where to put it, one that is accepted works", async () => {
  const address = sshd.url("acme/blog.git");
  const made = await add(address, "--ssh-key", "new");
  expect(made.code).toBe(1);
  expect(made.value).toMatchObject({
    publicKey: expect.stringMatching(/^ssh-ed25519 [A-Za-z0-9+/]+=*/),
    fingerprint: expect.stringMatching(/^SHA256:/),
  });
  expect(made.sync?.error).toMatch(
    /does not accept the SSH key\. Add the public key to the repository's deploy keys/,
  );
  await ann.must("repo", "remove", "--org", org, "blog");
  const known = await add(address, "--ssh-key", join(ann.folder, "id"));
  expect(known).toMatchObject({ code: 0, sync: { outcome: "changed" } });
  expect((await add(sshd.url("acme/nothing.git"), "--ssh-key", join(ann.folder, "id"))).sync?.error).toMatch(
    /does not open the repository: .*Check the address/,
  );
});

test("a host key that changed stops the sync with both fingerprints until somebody confirms it", async () => {
  const key = ["--ssh-key", join(ann.folder, "id")];
  expect((await add(sshd.url("acme/blog.git"), ...key)).code).toBe(0);
  const before = await hostKeyFingerprint();
  await sshd.rotateHostKey();
  const after = await hostKeyFingerprint();
  expect(after).not.toBe(before);
  const refused = await ann.run(["sync", "--org", org, "blog", "--wait"]);
  expect(refused.code).toBe(1);
  expect(refused.stdout).toContain(before);
  expect(refused.stdout).toContain(after);
  const command = /run: pricore (.*)/.exec(refused.stdout)?.[1] ?? "";
  expect(command).toBe(`repo forget-host-key --org ${org} blog`);
  await ann.must(...command.split(" "));
  expect((await ann.run(["sync", "--org", org, "blog", "--wait"])).code).toBe(0);
});

async function hostKeyFingerprint(): Promise<string> {
  const keys = await succeeded(["ssh-keyscan", "-t", "ed25519", "-p", String(sshd.port), sshd.host]);
  const { stdout } = Bun.spawnSync(["ssh-keygen", "-lf", "-"], { stdin: Buffer.from(keys) });
  return stdout.toString().split(" ")[1] ?? "";
}
