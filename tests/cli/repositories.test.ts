// What somebody can get wrong about a repository: its address and its name.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { makeRepository } from "../tools/repositories.ts";
import { addAndSync, rowsOf } from "./mirroring.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let git: GitHttpServer;
/** A new organization for each test. */
let org = "";
let organizations = 0;

const add = (...words: string[]) => addAndSync(ann, org, words);

const password = "canary-git-password";
const blog = { manifest: { name: "acme/blog" }, tags: ["1.0.0"] };

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  git = startGitHttp({ root: ann.folder });
  await makeRepository(ann.folder, "acme/blog", [blog]);
});
afterAll(async () => {
  await git?.stop();
  await ann?.close();
});
beforeEach(async () => {
  org = `org-${++organizations}`;
  await ann.must("org", "create", org);
});

describe("an address", () => {
  const malformed: [url: string, says: RegExp][] = [
    ["acme/blog", /must begin with https:\/\/ or ssh:\/\//],
    ["git://git.example.com/acme/blog.git", /neither encrypted/],
    ["ext::sh -c id", /must begin with/],
    ["ftp://git.example.com/acme/blog.git", /must begin with/],
    ["C:\\acme\\blog", /must begin with/],
    ["--upload-pack=touch /tmp/x", /must begin with/],
    ["", /must begin with/],
    ["https://git.example.com/acme/blog.git?access_token=x", /Put credentials/],
    ["https://git.example.com/acme/%0ablog.git", /malformed/],
    [`https://git.example.com/${"a".repeat(2100)}`, /malformed/],
    ["ssh://-oProxyCommand=id/acme/blog.git", /malformed/],
    ["git@-host:acme/blog.git", /malformed/],
    ["git@git.example.com:--upload-pack", /malformed/],
    [`https://ben:${password}@git.example.com/acme/blog.git`, /Put credentials in the credential field/],
    ["https://git.example.com/!!!", /cannot be used as a name[^]*--name/],
  ];

  test("that is none is refused with the forms that there are, and leaves nothing behind", async () => {
    for (const [url, says] of malformed) {
      const { code, stdout, stderr } = await ann.run(["repo", "add", "--org", org, "--", url]);
      expect([url, code, stdout]).toEqual([url, 1, ""]);
      expect(stderr).toMatch(says);
      expect(stderr).not.toContain(password);
    }
    expect(rowsOf(ann, org)).toEqual({ repositories: 0, credentials: 0, jobs: 0 });
  });

  test("on a private network is refused at once, by the variable that allows it", async () => {
    for (const host of ["127.0.0.1", "10.1.2.3", "192.168.0.9", "169.254.169.254", "[::1]", "localhost"]) {
      const url = `https://${host}/acme/blog.git`;
      const { code, stderr } = await ann.run(["repo", "add", "--org", org, url], {
        env: { OUTBOUND_ALLOW: "" },
      });
      expect([host, code]).toEqual([host, 1]);
      expect(stderr).toContain("private network");
      expect(stderr).toContain(`OUTBOUND_ALLOW=${host.replace(/[[\]]/g, "")}`);
    }
    const ssh = ["repo", "add", "--org", org, "git@10.1.2.3:acme/blog.git", "--ssh-key", "new"];
    expect((await ann.run(ssh)).stderr).toContain("OUTBOUND_ALLOW=10.1.2.3");
    expect(rowsOf(ann, org)).toEqual({ repositories: 0, credentials: 0, jobs: 0 });
  });

  test("over an open line is refused, and https:// proposed", async () => {
    const { code, stderr } = await ann.run([
      "repo",
      "add",
      "--org",
      org,
      "http://93.184.216.34/acme/blog.git",
    ]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/unencrypted\.\nUse https:\/\/\. .*OUTBOUND_ALLOW=93\.184\.216\.34/);
  });

  test("whose host is unknown or does not answer fails the sync, not the mirror, which can be synced later", async () => {
    const port = reservedPort();
    for (const [name, url, says] of [
      [
        "unknown",
        "https://git.invalid/acme/blog.git",
        "git.invalid cannot be found by the name service (DNS).",
      ],
      [
        "silent",
        `http://127.0.0.1:${port}/acme/blog.git`,
        `127.0.0.1:${port} can't be reached (ECONNREFUSED).`,
      ],
    ] as const) {
      const { code, stdout, sync } = await add(url, "--name", name);
      expect([name, code, stdout]).toEqual([name, 1, expect.stringContaining(says)]);
      expect(sync).toMatchObject({ outcome: "failed", error: says, added: 0 });
    }
    const listed = await ann.json<{ name: string; state: string; error: string }[]>(
      "repo",
      "list",
      "--org",
      org,
    );
    expect(listed.map(({ name, state }) => [name, state])).toEqual([
      ["silent", "failed"],
      ["unknown", "failed"],
    ]);
  });

  test("where there is no repository, or something else, is reported with what to check", async () => {
    await mkdir(join(ann.folder, "empty"), { recursive: true });
    const web = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("<h1>Welcome</h1>") });
    for (const [name, url, says] of [
      ["nothing", `${git.url}/acme/nothing.git`, /no such repository.*Check the address\. Add a credential/],
      ["web", `http://127.0.0.1:${web.port}/acme/blog`, /not as a git repository\. Check the address/],
      ["folder", join(ann.folder, "empty"), /empty is no git repository\./],
      ["nowhere", "/nowhere/blog", /\/nowhere\/blog is no git repository\./],
    ] as const) {
      const { code, sync } = await add(url, "--name", name);
      expect([name, code, sync?.error]).toEqual([name, 1, expect.stringMatching(says)]);
    }
    await web.stop(true);
  });
});

describe("a name", () => {
  test("that is taken, and an address that is mirrored already, are refused and keep no credential", async () => {
    await ann.must("repo", "add", "--org", org, `${git.url}/acme/blog.git`);
    const before = rowsOf(ann, org);
    for (const [args, says] of [
      [[`${git.url}/acme/blog.git/`], `${git.url}/acme/blog.git was already added as "blog".`],
      [[`${git.url}/acme/blog.git`, "--name", "other"], 'was already added as "blog".'],
      [[`${git.url}/other/blog.git`], 'Another repository is named "blog".'],
    ] as const) {
      const credential = ["--credential", "ben", "--password-stdin"];
      const { code, stderr } = await ann.run(["repo", "add", "--org", org, ...args, ...credential], {
        stdin: password,
      });
      expect([args, code]).toEqual([args, 1]);
      expect(stderr).toContain(says);
    }
    expect(rowsOf(ann, org)).toEqual(before);
  });

  test("of a package that another repository holds publishes nothing, and names the holder", async () => {
    await makeRepository(ann.folder, `${org}/twin`, [blog]);
    expect((await add(`${git.url}/acme/blog.git`)).code).toBe(0);
    const { code, sync } = await add(`${git.url}/${org}/twin.git`);
    expect(code).toBe(1);
    expect(sync?.error).toContain('acme/blog is published by the repository "blog"');
    const [pkg] = await ann.json<{ repository: string }[]>("package", "list", "--org", org);
    expect(pkg).toMatchObject({ name: "acme/blog", repository: "blog" });
  });

  test("of the same package is free in another organization", async () => {
    expect((await add(`${git.url}/acme/blog.git`)).code).toBe(0);
  });
});
