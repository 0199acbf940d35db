// R9, R26, R28: the git server fails in every way, or the repository kills whoever reads it, while a client asks on.
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Operator } from "../worlds/shell.ts";
import { advertisement, someCommit, startEvilServer } from "../git/evil-server.ts";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { startRecorder, type Recorder } from "../tools/recorder.ts";
import { makeRepository, type GitRepository } from "../tools/repositories.ts";
import { startTcpProxy, type TcpProxy } from "../tools/servers/tcp-proxy.ts";
import { startAsking, type Asking } from "./asking.ts";
import { breaches } from "./invariants.ts";
import { until } from "../tools/until.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let git: GitHttpServer;
let recorder: Recorder;
let proxy: TcpProxy;
let server: Served;
let repository: GitRepository;
let asking: Asking;
let token: string;
const released = new Map<string, string>();

beforeAll(async () => {
  ann = await openWorld({
    in: "shell",
    env: { LOG_LEVEL: "info", GIT_CONCURRENCY: "4", WORKER_CONCURRENCY: "6" },
  });
  git = startGitHttp({ root: ann.folder });
  recorder = await startRecorder(git.port);
  proxy = await startTcpProxy(recorder.port);
  server = await ann.serve();
  await ann.must("org", "create", "acme");
  token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
  repository = await makeRepository(ann.folder, "acme/blog", [release("1.0.0")]);
  for (let minor = 1; minor < 12; minor++) await repository.commit(release(`1.${minor}.0`));
  await ann.must("repo", "add", "--org", "acme", `${proxy.url}/acme/blog.git`, "--sync", "--wait");
});
beforeEach(() => {
  const names = ["acme/blog", "acme/unknown"];
  asking = startAsking({ url: `${server.url}/acme`, token, names, published: ["acme/blog"] });
});
afterEach(async () => {
  proxy.harm = null;
  recorder.intercept = null;
  const { requests: requestCount, wrong } = await asking.stop();
  expect([requestCount > 0, wrong]).toEqual([true, []]);
});
afterAll(async () => {
  proxy?.stop();
  await recorder?.stop();
  await git?.stop();
  await ann?.close();
});

const faults: Record<string, (send: { status(code: number): void; cut(): void }) => void> = {
  "is answered with 500": ({ status }) => status(500),
  "is answered with 502": ({ status }) => status(502),
  "is answered with 404": ({ status }) => status(404),
  "is answered with an empty 200": ({ status }) => status(200),
  "is cut off": ({ cut }) => cut(),
};

for (const [what, fault] of Object.entries(faults))
  test(`R9: a git server whose request of any number ${what} takes no version away, and the next sync makes up for it`, async () => {
    const before = await versions();
    let requests = 0;
    for (let harmed = 1; ; harmed++) {
      await publishOne();
      requests = 0;
      recorder.intercept = (_, response) => {
        if (++requests !== harmed) return false;
        fault({
          status: (code) => response.writeHead(code, { "content-type": "text/plain" }).end(),
          cut: () => response.socket?.resetAndDestroy(),
        });
        return true;
      };
      const { code } = await sync();
      expect(await versions()).toEqual(expect.arrayContaining(before));
      // The loop ends when a sync has run through untouched: that is the control.
      if (requests < harmed) break;
      // A pack that was refused is asked for once more from the start; whoever says that it went well has all of it.
      const asksAgain = harmed > 1 && requests > harmed;
      expect(code).toBe(asksAgain ? 0 : 1);
      if (asksAgain) expect(await versions()).toEqual([...released.keys()].toSorted());
    }
    expect(requests).toBeGreaterThanOrEqual(2);
    expect(await versions()).toEqual([...released.keys()].toSorted());
  });

test("R9: a git server whose bytes are cut, reset or changed at any place takes no version away", async () => {
  let failed = 0;
  for (const does of ["cut", "reset", "corrupt"] as const) {
    await publishOne();
    for (const after of [0, 150, 900, 2500]) {
      const before = await versions();
      proxy.harm = { after, does };
      if ((await sync()).code !== 0) failed++;
      proxy.harm = null;
      // A changed letter in the list of refs is, without encryption, what the server says.
      if (does !== "corrupt") expect(await versions()).toEqual(expect.arrayContaining(before));
    }
    expect([does, (await sync()).code]).toEqual([does, 0]);
    expect(await versions()).toEqual([...released.keys()].toSorted());
  }
  // The fault has happened.
  expect(failed).toBeGreaterThan(5);
}, 120_000);

test("R9: a git server that falls silent in the middle takes no version away and is given up", async () => {
  await publishOne();
  const before = await versions();
  proxy.harm = { after: 300, does: "stop" };
  const { code, stdout } = await ann.run(["sync", "--org", "acme", "blog", "--wait"], { timeoutMs: 90_000 });
  proxy.harm = null;
  expect([code, stdout]).toEqual([1, expect.stringMatching(/limit \d+ s/)]);
  expect(await versions()).toEqual(before);
  expect((await sync()).code).toBe(0);
  expect(await versions()).toEqual([...released.keys()].toSorted());
}, 120_000);

test("R26: a repository that kills its process three times rests, says so, and harms nobody else", async () => {
  const evil = await startEvilServer({
    advertise: { body: advertisement([`${someCommit} HEAD`, `${someCommit} refs/heads/main`]) },
    upload: { end: "silent" },
  });
  try {
    await ann.must("repo", "add", "--org", "acme", evil.url, "--name", "evil");
    const waits: number[] = [];
    for (let strike = 1; strike <= 3; strike++) {
      await ann.must("sync", "--org", "acme", "evil");
      await until(() => evil.requests.filter(({ method }) => method === "POST").length === strike);
      killChildren(server.pid);
      await until(() => rowOf("evil").failures === strike);
      waits.push(rowOf("evil").next_poll_at - Date.now());
      expect(server.code()).toBe(null);
    }
    const { error } = rowOf("evil");
    expect(error).toMatch(/ended unexpectedly.*3 times in a row, so the next automatic sync is at .* UTC\./);
    const hour = 3_600_000;
    expect(waits.map((wait) => wait > 23 * hour)).toEqual([false, false, true]);
    expect(server.events()).toContain("repository.rests");
    // The control: others are synced meanwhile.
    await publishOne();
    expect((await sync()).code).toBe(0);
  } finally {
    evil.stop();
  }
}, 60_000);

test("R28: with a name service that knows no name a sync fails in words and installs go on", async () => {
  const { code, stdout } = await ann.run([
    ...["repo", "add", "--org", "acme", "https://git.invalid/acme/shop.git", "--sync", "--wait"],
  ]);
  expect([code, stdout]).toEqual([1, expect.stringContaining("cannot be found by the name service")]);
  await asking.round();
  // The control: a name that is known.
  await publishOne();
  expect((await sync()).code).toBe(0);
});

test("R9: after all that the data is whole", async () => {
  server.kill("SIGTERM");
  await server.ended;
  expect(await breaches(ann.dataDir, { released, before: new Map() })).toEqual([]);
});

function release(tag: string) {
  return {
    manifest: { name: "acme/blog" },
    files: { "a.txt": crypto.getRandomValues(new Uint8Array(700)).toHex() },
    tags: [tag],
  };
}

let patch = 0;
async function publishOne(): Promise<void> {
  const tag = `2.0.${patch++}`;
  await repository.commit(release(tag));
  for (const each of (await repository.git("tag")).split("\n"))
    released.set(each, await repository.reference(each));
}

function sync() {
  return ann.run(["sync", "--org", "acme", "blog", "--wait"]);
}

/** The stable ones that are there, in their order. */
async function versions(): Promise<string[]> {
  const { versions: all } = await ann.json<{ versions: { version: string }[] }>(
    ...["package", "show", "--org", "acme", "acme/blog"],
  );
  return all
    .map(({ version }) => version)
    .filter((version) => !version.startsWith("dev-"))
    .toSorted();
}

type Row = { failures: number; error: string; next_poll_at: number };

function rowOf(name: string): Row {
  using db = new Database(join(ann.dataDir, "pricore.sqlite"), { readonly: true });
  const row = db.query("select failures, error, next_poll_at from repositories where name = ?").get(name);
  return row as Row;
}

function killChildren(pid: number): void {
  const children = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => parentOf(name) === pid);
  for (const child of children) process.kill(Number(child), "SIGKILL");
}

function parentOf(pid: string): number | null {
  try {
    return Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]);
  } catch {
    return null;
  }
}
