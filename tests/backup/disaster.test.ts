// From a living registry to a restored one, on the built binary and with a real Composer.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { databaseBeside } from "../attacks/database-beside.ts";
import type { Operator } from "../worlds/shell.ts";
import type { Served } from "../tools/binary.ts";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { until } from "../tools/until.ts";
import { makeRepository, type GitRepository } from "../tools/repositories.ts";
import { composerProject, type ComposerProject } from "./composer-project.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let git: GitHttpServer;
let blog: GitRepository;
let server: Served;
let token: string;
let recoveryKey: string;
let target: string;
let project: ComposerProject;

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  target = join(ann.folder, "backups");
  git = startGitHttp({ root: ann.folder, auth: { username: "ben", password: "canary-git-password" } });
  blog = await makeRepository(ann.folder, "acme/blog", [
    { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
  ]);
  await ann.must("org", "create", "acme");
  const env = { PRICORE_GIT_PASSWORD: "canary-git-password" };
  const words = ["repo", "add", "--org", "acme", `${git.url}/acme/blog.git`, "--credential", "ben"];
  expect((await ann.run([...words, "--sync", "--wait"], { env })).code).toBe(0);
  token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
  server = await ann.serve();
  project = await composerProject({ folder: ann.folder, url: server.url, organization: "acme", token });
  expect(await project.run("require", "acme/blog")).toMatchObject({ code: 0 });
});
afterAll(async () => {
  await git?.stop();
  await ann?.close();
});

test("without a recovery key nothing is backed up, and the message says how to make one", async () => {
  const refused = await ann.run(["backup", "--to", target]);
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("pricore backup key")]);
  expect(existsSync(join(target, "sets"))).toBe(false);
  recoveryKey = (await ann.json<{ recoveryKey: string }>("backup", "key")).recoveryKey;
  expect(recoveryKey).toMatch(/^pricore(-[0-9A-HJKMNP-TV-Z]{4}){14}$/);
  const again = await ann.run(["backup", "key"]);
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("--replace")]);
});

test("OP21: a backup beside a running server is complete, and a second one stores only what is new", async () => {
  const first = await ann.json<{ id: string; archives: number }>("backup", "--to", target);
  expect(first.archives).toBe(1);
  const blobs = readdirSync(join(target, "blobs"), { recursive: true }).length;
  const second = await ann.json<{ archives: number }>("backup", "--to", target);
  expect(second.archives).toBe(1);
  expect(readdirSync(join(target, "blobs"), { recursive: true }).length - blobs).toBeLessThan(8);
  expect(await ann.json<unknown[]>("backup", "list", "--from", target)).toHaveLength(2);
  expect(await ann.must("backup", "verify", "--from", target, "--all-bytes")).toContain("is complete");
  expect(server.code()).toBe(null);
});

test("OP30: no secret is in any byte of a target", () => {
  const secrets = [
    "canary-git-password",
    token,
    readFileSync(join(ann.dataDir, "app.key"), "utf8").trim(),
    "acme/blog",
  ];
  const texts = readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(join(entry.parentPath, entry.name)));
  expect(texts.length).toBeGreaterThan(4);
  for (const secret of secrets) expect(texts.some((bytes) => bytes.includes(secret))).toBe(false);
  // Seen to find what is there.
  expect(texts.some((bytes) => bytes.includes("keyFingerprint"))).toBe(true);
});

test("OP29: a wrong recovery key is refused, and nothing is written", async () => {
  const into = join(ann.folder, "nothing");
  const other = recoveryKey.endsWith("0") ? `${recoveryKey.slice(0, -1)}1` : `${recoveryKey.slice(0, -1)}0`;
  const mistyped = await restore({ into, key: other });
  expect([mistyped.code, mistyped.stderr]).toEqual([1, expect.stringContaining("a character is wrong")]);
  const without = await restore({ into, key: null });
  expect([without.code, without.stderr]).toEqual([1, expect.stringContaining("PRICORE_RECOVERY_KEY")]);
  expect(existsSync(into)).toBe(false);
});

test("OP31: a folder that is not empty is refused", async () => {
  const refused = await restore({ into: ann.dataDir, key: recoveryKey });
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("is not empty")]);
  expect(server.code()).toBe(null);
});

test("OP34: lock files from before the disaster install from the restored registry", async () => {
  const newer = await ann.json<{ id: string }>("backup", "--to", target);
  // After the backup a version appears, which git still has.
  await blog.commit({ manifest: { name: "acme/blog" }, tags: ["1.1.0"] });
  const env = { PRICORE_GIT_PASSWORD: "canary-git-password" };
  expect((await ann.run(["sync", "--org", "acme", "blog", "--wait"], { env })).code).toBe(0);
  const before = await documentOf(server, "acme/blog");
  server.kill("SIGKILL");
  await server.ended;
  const into = join(ann.folder, "restored");
  const dry = await restore({ into, key: recoveryKey, more: ["--dry-run"] });
  expect([dry.code, dry.stdout]).toEqual([0, expect.stringContaining("Nothing was kept")]);
  expect(existsSync(into)).toBe(false);
  const restored = await restore({ into, key: recoveryKey.toLowerCase() });
  expect({ code: restored.code, stderr: restored.stderr }).toMatchObject({ code: 0 });
  expect(restored.stdout).toContain(newer.id.slice(0, 10));
  rmSync(ann.dataDir, { recursive: true });
  // The sync needs git, which is away: the restored copy alone must do.
  await git.stop();
  server = await ann.serve({ env: { DATA_DIR: into, PORT: String(server.port), APP_URL: server.url } });
  expect(server.code()).toBe(null);
  const after = await documentOf(server, "acme/blog");
  expect(Date.parse(after.lastModified)).toBeGreaterThanOrEqual(Date.parse(before.lastModified));
  await project.forget();
  expect(await project.run("install")).toMatchObject({ code: 0 });
  expect(project.has("vendor/acme/blog/composer.json")).toBe(true);
});

test("OP33: after a restore no session, mail or webhook of before is used, and every repository is synced", async () => {
  using db = databaseBeside(join(ann.folder, "restored"));
  const one = (statement: string) =>
    Object.values(db.query<Record<string, number>, []>(statement).get() ?? {})[0];
  expect(one("select count(*) from sessions")).toBe(0);
  expect(one("select count(*) from mails where state = 'waiting'")).toBe(0);
  await until(() => Number(one("select count(*) from syncs where reason = 'resumed'")) > 0);
  const { value } = db
    .query<{ value: string }, []>("select value from settings where name = 'restored'")
    .get() ?? {
    value: "",
  };
  expect(JSON.parse(value)).toMatchObject({ confirmedAt: null });
});

type Restore = { into: string; key: string | null; more?: string[] };

function restore({ into, key, more = [] }: Restore) {
  const env = { DATA_DIR: into, ...(key === null ? {} : { PRICORE_RECOVERY_KEY: key }) };
  return ann.run(["restore", target, ...more], { env });
}

async function documentOf({ url }: Served, name: string) {
  const response = await fetch(`${url}/acme/p2/${name}.json`, {
    headers: { Authorization: `Bearer ${token}` },
  });
  return { status: response.status, lastModified: response.headers.get("Last-Modified") ?? "" };
}
