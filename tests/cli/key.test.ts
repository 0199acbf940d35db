// Going on without the encryption key: what is sealed is given up, and everything else is as before.
import { databaseBeside } from "../attacks/database-beside.ts";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { makeRepository } from "../tools/repositories.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let closed: GitHttpServer;
beforeEach(async () => {
  ann = await openWorld({ in: "shell" });
  closed = startGitHttp({ root: ann.folder, auth: { username: "ben", password: "canary-git-password" } });
});
afterEach(async () => {
  await closed.stop();
  await ann.close();
});

const keyFile = () => join(ann.dataDir, "app.key");
const replace = ["key", "replace", "--forget-credentials"];

async function fill(): Promise<void> {
  await makeRepository(ann.folder, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  await ann.must("org", "create", "acme");
  const env = { PRICORE_GIT_PASSWORD: "canary-git-password" };
  const url = `${closed.url}/acme/blog.git`;
  const words = ["repo", "add", "--org", "acme", url, "--credential", "ben", "--sync", "--wait"];
  expect((await ann.run(words, { env })).code).toBe(0);
  await ann.must("repo", "add", "--org", "acme", "git@git.acme.test:acme/money.git", "--ssh-key", "new");
  await ann.must("user", "create", "--email", "ann@acme.test", "--name", "Ann");
  using db = databaseBeside(ann.dataDir);
  db.run("update users set totp_secret = 'v1.sealed', totp_confirmed_at = 1");
  const { id, organization_id } = db
    .query<{ id: string; organization_id: string }, []>("select id, organization_id from repositories")
    .get() ?? { id: "", organization_id: "" };
  db.run(
    "insert into webhooks (repository_id, organization_id, state, secret, created_at, next_check_at) values (?, ?, 'manual', 'v1.sealed', 1, 1)",
    [id, organization_id],
  );
  db.run(
    "insert into mails (id, recipient, subject, body, state, created_at, next_try_at) values ('1', 'a', 'b', 'v1.sealed', 'waiting', 1, 1)",
  );
}

for (const [what, lose] of [
  ["lost", () => rmSync(keyFile())],
  ["cut off", () => writeFileSync(keyFile(), "base64:c2hv")],
  ["another one", () => writeFileSync(keyFile(), `base64:${Buffer.alloc(32, 7).toString("base64")}\n`)],
] as const)
  test(`FA22: a registry whose key is ${what} goes on without it, and says what must be entered again`, async () => {
    await fill();
    const published = await ann.json<unknown>("package", "show", "--org", "acme", "acme/blog");
    lose();
    const stopped = await ann.run(["serve"]);
    expect([stopped.code, stopped.stderr]).toEqual([
      1,
      expect.stringContaining("pricore key replace --forget-credentials"),
    ]);
    const output = await ann.must(...replace);
    expect(output).toContain("acme: ben at ");
    expect(output).toMatch(/acme: .*\n {4}ssh-ed25519 \S+/);
    expect(output).toMatch(/These webhooks need a new secret.*\n {2}acme: blog/);
    expect(output).toMatch(
      /authenticator apps of these people no longer work:\n {2}ann@acme\.test\n.*disable-2fa/,
    );
    expect(output).toContain("Emails that were waiting and cannot be sent: 1.");
    expect(readFileSync(keyFile(), "utf8")).toMatch(/^base64:[A-Za-z0-9+/]{43}=\n$/);

    const server = await ann.serve();
    expect(server.code()).toBe(null);
    expect(await ann.json<unknown>("package", "show", "--org", "acme", "acme/blog")).toEqual(published);
    const sync = await ann.run(["sync", "--org", "acme", "blog", "--wait"]);
    expect([sync.code, sync.stdout + sync.stderr]).toEqual([
      1,
      expect.stringMatching(/was encrypted with a key that was replaced\. .*[Ee]nter it again/),
    ]);
    // A second time there is nothing to replace.
    server.kill("SIGTERM");
    await server.ended;
    const again = await ann.run(replace);
    expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("it was not replaced")]);
    expect(readFileSync(join(ann.dataDir, "pricore.sqlite")).includes("canary")).toBe(false);
  });

test("FA22: the key in APP_KEY may be the new one, and then no file is made", async () => {
  await fill();
  rmSync(keyFile());
  const env = { APP_KEY: Buffer.alloc(32, 9).toString("base64") };
  expect((await ann.run(replace, { env })).code).toBe(0);
  expect((await ann.run(["org", "list"], { env })).code).toBe(0);
  expect(await Bun.file(keyFile()).exists()).toBe(false);
});

test("FA22: nothing is forgotten without being asked for, beside a server, or while the key is right", async () => {
  await fill();
  const plain = await ann.run(["key", "replace"]);
  expect([plain.code, plain.stderr]).toEqual([2, expect.stringContaining("--forget-credentials")]);
  const server = await ann.serve();
  const beside = await ann.run(replace);
  expect([beside.code, beside.stderr]).toEqual([
    1,
    expect.stringContaining("Another server uses the database"),
  ]);
  server.kill("SIGTERM");
  await server.ended;
  expect((await ann.run(replace)).code).toBe(1);
  const sync = await ann.run(["sync", "--org", "acme", "blog", "--wait"]);
  expect(sync.code).toBe(0);
});
