// How a server ends: at a signal when it has answered what it was asked, or without a word and nothing lost.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { chmod, copyFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { startRecorder, type Recorder } from "../tools/recorder.ts";
import { makeRepository } from "../tools/repositories.ts";
import type { Operator } from "../worlds/shell.ts";
import { until } from "../tools/until.ts";
import { binary, type Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let git: GitHttpServer;
/** Between the registry and the git server: holds its answers back. */
let slow: Recorder;

beforeAll(async () => void (slow = await startRecorder(0)));
afterAll(() => slow?.stop());
beforeEach(async () => {
  ann = await openWorld({ in: "shell" });
  git = startGitHttp({ root: ann.folder });
  slow.target = git.port;
  slow.intercept = null;
  await makeRepository(ann.folder, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  await ann.must("org", "create", "acme");
});
afterEach(async () => {
  slow.intercept = null;
  await git.stop();
  await ann.close();
});

test("R25: a server that is told to stop answers the request it is reading, takes no other, and ends with 0", async () => {
  const server = await ann.serve();
  const token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
  const report = await openReport(server, token);
  server.kill("SIGTERM");
  await until(() => server.events().includes("serve.stopping"));
  await until(() =>
    fetch(`${server.url}/health`).then(
      () => false,
      () => true,
    ),
  );
  expect(server.code()).toBe(null);
  expect(await report.finish()).toStartWith("HTTP/1.1 200 OK");
  expect(await server.ended).toBe(0);
});

test("R25: a server that is told twice to stop does not wait", async () => {
  const server = await ann.serve();
  const token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
  await openReport(server, token);
  server.kill("SIGTERM");
  await until(() => server.events().includes("serve.stopping"));
  server.kill("SIGTERM");
  expect(await server.ended).toBe(1);
});

test("an interrupt from the keyboard ends it as the signal does", async () => {
  const server = await ann.serve();
  server.kill("SIGINT");
  expect(await server.ended).toBe(0);
});

test("R2: a sync that was queued, and one that was running, are taken up after kill -9", async () => {
  const held = holdAnswers();
  const first = await ann.serve();
  const url = `${slow.origin}/acme/blog.git`;
  await ann.must("repo", "add", "--org", "acme", url, "--sync");
  await held.reached;
  await makeRepository(ann.folder, "acme/shop", [{ manifest: { name: "acme/shop" }, tags: ["1.0.0"] }]);
  await ann.must("repo", "add", "--org", "acme", `${slow.origin}/acme/shop.git`, "--sync");
  first.kill("SIGKILL");
  await first.ended;
  expect(await states()).toEqual({ blog: "syncing", shop: "waiting" });
  slow.intercept = null;
  const second = await ann.serve();
  await until(async () => Object.values(await states()).every((state) => state === "fresh"));
  const packages = await ann.json<{ name: string }[]>("package", "list", "--org", "acme");
  expect(packages.map(({ name }) => name)).toEqual(["acme/blog", "acme/shop"]);
  expect(second.events()).not.toContain("sync.failed");
});

test("R25: a sync that runs when a server is told to stop is finished by the next one", async () => {
  const held = holdAnswers();
  const first = await ann.serve({ args: ["--no-worker"] });
  await ann.must("repo", "add", "--org", "acme", `${slow.origin}/acme/blog.git`, "--sync");
  const worker = await ann.serve({ args: ["worker"], env: { LOG_LEVEL: "info" } });
  await held.reached;
  for (const each of [first, worker]) each.kill("SIGTERM");
  held.release();
  expect(await first.ended).toBe(0);
  expect(await worker.ended).toBe(0);
  await ann.serve();
  await until(async () => (await states())["blog"] === "fresh");
});

test("a sync that a command runs itself is not disturbed by a server that starts meanwhile", async () => {
  const held = holdAnswers((path) => path.endsWith("/git-upload-pack"));
  const url = `${slow.origin}/acme/blog.git`;
  const adding = ann.run(["repo", "add", "--org", "acme", url, "--sync", "--wait", "--json"]);
  await held.reached;
  await ann.serve();
  held.release();
  const { code, json } = await adding;
  expect(code).toBe(0);
  expect(json<{ sync: unknown }>().sync).toMatchObject({ outcome: "changed", added: 2 });
});

test("a server whose binary is replaced by another one goes on with its own until it is restarted", async () => {
  const program = join(ann.folder, "pricore");
  await copyFile(binary, program);
  await ann.serve({ program });
  await Bun.write(`${program}.new`, "#!/bin/sh\nexit 1\n");
  await chmod(`${program}.new`, 0o755);
  await rename(`${program}.new`, program);
  await ann.must("repo", "add", "--org", "acme", `${slow.origin}/acme/blog.git`, "--sync", "--wait");
  expect(await states()).toEqual({ blog: "fresh" });
});

async function states(): Promise<Record<string, string>> {
  const all = await ann.json<{ name: string; state: string }[]>("repo", "list", "--org", "acme");
  return Object.fromEntries(all.map(({ name, state }) => [name, state]));
}

/** Holds the git server's answers to what `path` matches, until they are released. */
function holdAnswers(matches: (path: string) => boolean = () => true) {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  slow.intercept = async ({ path }) => {
    if (!matches(path)) return false;
    reached.resolve();
    await released.promise;
    return false;
  };
  return { reached: reached.promise, release: released.resolve };
}

/** A report of installs whose body has only begun. */
async function openReport({ port, url }: Served, token: string): Promise<{ finish(): Promise<string> }> {
  const body = JSON.stringify({ downloads: [] });
  const closed = Promise.withResolvers<void>();
  let received = "";
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data: (_socket, bytes) => void (received += bytes.toString()),
      close: () => closed.resolve(),
    },
  });
  const head = [
    "POST /acme/notify-batch HTTP/1.1",
    `Host: ${new URL(url).host}`,
    `Authorization: Bearer ${token}`,
    "Content-Type: application/json",
    `Content-Length: ${body.length}`,
    "Connection: close",
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${body.slice(0, 3)}`);
  socket.flush();
  await until(async () => (await fetch(`${url}/health`)).ok);
  return {
    async finish() {
      socket.write(body.slice(3));
      socket.flush();
      await closed.promise;
      return received;
    },
  };
}

test("FA19: a server that is killed while its health is looked at leaves no file behind", async () => {
  const own = await openWorld({ in: "shell" });
  try {
    const server = await own.serve();
    expect((await fetch(`${server.url}/health`)).status).toBe(200);
    const looks = Array.from({ length: 20 }, () => fetch(`${server.url}/health`).catch(() => null));
    server.kill("SIGKILL");
    await Promise.all([server.ended, ...looks]);
    expect(readdirSync(join(own.dataDir, "tmp")).filter((name) => name.startsWith("health-"))).toEqual([]);
  } finally {
    await own.close();
  }
});
