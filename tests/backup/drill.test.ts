// The drill of the manual: its commands, as they are printed, with nothing but the program, the target and the key.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Operator } from "../worlds/shell.ts";
import { readPage } from "../docs/pages.ts";
import { binary, type Served } from "../tools/binary.ts";
import { finished } from "../tools/process.ts";
import { makeRepository } from "../tools/repositories.ts";
import { startS3 } from "../tools/servers/s3-server.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { until } from "../tools/until.ts";
import { composerProject } from "./composer-project.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let token: string;
let recoveryKey: string;
let server: Served;
beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  const blog = await makeRepository(ann.folder, "acme/blog", [
    { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
  ]);
  await ann.must("org", "create", "acme");
  await ann.must("repo", "add", "--org", "acme", blog.path, "--sync", "--wait");
  token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
  recoveryKey = (await ann.json<{ recoveryKey: string }>("backup", "key")).recoveryKey;
});
afterAll(() => ann?.close());

const backups = () => join(ann.folder, "backups");

test("OP35: a server with a target backs up and rehearses by itself, and its figures say when", async () => {
  server = await ann.serve({ env: { BACKUP_TO: backups() } });
  await until(() => server.events().includes("rehearsal.done"), {
    what: "a rehearsal after the first backup",
  });
  const figures = await figuresOf(async () => await (await fetch(`${server.url}/metrics`)).text());
  expect(figures).toMatch(/^pricore_backup_last_success_seconds 1\d{9}/m);
  expect(figures).toMatch(/^pricore_rehearsal_last_success_seconds 1\d{9}/m);
  expect(readdirSync(join(backups(), "sets")).filter((name) => name.endsWith(".json"))).toHaveLength(1);
  expect(readdirSync(join(ann.dataDir, "tmp")).filter((name) => /backup|rehearsal/.test(name))).toEqual([]);
  server.kill("SIGKILL");
  await server.ended;
});

test("OP38: the drill of the manual leads from an empty folder to an installed package", async () => {
  const [, drill = ""] = /## The drill[\s\S]*?```sh\n([\s\S]*?)```/.exec(readPage("docs/backup.md")) ?? [];
  expect(drill.trim().split("\n")).toHaveLength(5);
  const port = await reservedPort();
  const empty = join(ann.folder, "empty");
  mkdirSync(empty);
  const script = drill
    .replaceAll("/backups/pricore", backups())
    .replaceAll("/var/lib/pricore", join(empty, "data"))
    .replace("pricore-…", recoveryKey)
    .replace(/^pricore serve/m, "exec pricore serve");
  const url = `http://127.0.0.1:${port}`;
  const bin = join(empty, "bin");
  mkdirSync(bin);
  const env = {
    PATH: `${bin}:/usr/bin:/bin`,
    HOME: empty,
    PORT: String(port),
    APP_URL: url,
    SYNC_INTERVAL: "off",
  };
  await finished(["ln", "-s", binary, join(bin, "pricore")], { cwd: empty, env });
  const drilled = Bun.spawn(["bash", "-ec", script], {
    cwd: empty,
    env,
    stdio: ["ignore", "ignore", "pipe"],
  });
  try {
    await until(
      async () =>
        (await fetch(`${url}/health`).catch(() => null))?.status === 200 || drilled.exitCode !== null,
    );
    expect(drilled.exitCode).toBe(null);
    const project = await composerProject({ folder: ann.folder, url, organization: "acme", token });
    expect(await project.run("require", "acme/blog")).toMatchObject({ code: 0 });
    expect(project.has("vendor/acme/blog/composer.json")).toBe(true);
    expect(readFileSync(join(empty, "data/app.key"))).toEqual(readFileSync(join(ann.dataDir, "app.key")));
  } finally {
    drilled.kill("SIGKILL");
    await drilled.exited;
  }
});

async function figuresOf(text: () => Promise<string>): Promise<string> {
  let found = "";
  await until(async () => (found = await text()).includes("pricore_rehearsal_last_success_seconds 1"));
  return found;
}

test("OP36: a backup process ends with the server that is killed", async () => {
  const [ben, bucket] = [await openWorld({ in: "shell" }), startS3("backups")];
  bucket.fault = "silent";
  try {
    await ben.must("backup", "key");
    const stalled = await ben.serve({
      env: {
        BACKUP_TO: "s3://backups",
        BACKUP_S3_ACCESS_KEY_ID: "key",
        BACKUP_S3_SECRET_ACCESS_KEY: "secret",
        BACKUP_S3_ENDPOINT: bucket.endpoint,
        BACKUP_S3_USE_PATH_STYLE_ENDPOINT: "true",
      },
    });
    let found: number[] = [];
    await until(() => {
      found = childrenOf(stalled.pid).filter((pid) => commandOf(pid).includes("backup-worker"));
      return found.length === 1;
    });
    stalled.kill("SIGKILL");
    await until(() => found.every((pid) => commandOf(pid) === ""), { what: "the end of the process" });
  } finally {
    await ben.close();
    await bucket.stop();
  }
});

/** Each thread has children of its own. */
function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((thread) =>
    readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
}

/** Empty once it has ended. */
function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8");
  } catch {
    return "";
  }
}
