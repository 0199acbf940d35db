// R15: the clock is set forward and back by a day while a server runs. libfaketime lies to the built binary.
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Operator } from "../worlds/shell.ts";
import { fakeTime } from "../tools/fake-time.ts";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import { startRecorder, type Recorder } from "../tools/recorder.ts";
import { makeRepository, type GitRepository } from "../tools/repositories.ts";
import { startAsking } from "./asking.ts";
import { until } from "../tools/until.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let git: GitHttpServer;
let slow: Recorder;
let repository: GitRepository;
let server: Served;
let setClock: (offset: string) => Promise<void>;
let tokens: Record<"lasting" | "short" | "long", string>;

beforeAll(async () => {
  ann = await openWorld({ in: "shell", env: { SYNC_INTERVAL: "1s", LOG_LEVEL: "info" } });
  git = startGitHttp({ root: ann.folder });
  slow = await startRecorder(git.port);
  repository = await makeRepository(ann.folder, "acme/blog", [release("1.0.0")]);
  await ann.must("org", "create", "acme");
  const token = (name: string, ...args: string[]) =>
    ann.must("token", "create", "--org", "acme", "--name", name, ...args);
  tokens = {
    lasting: await token("lasting"),
    short: await token("short", "--expires", "1h"),
    long: await token("long", "--expires", "90d"),
  };
  const clock = await fakeTime(ann.folder);
  setClock = clock.set;
  server = await ann.serve({ env: clock.environment });
  await ann.must("repo", "add", "--org", "acme", `${slow.origin}/acme/blog.git`, "--sync", "--wait");
});
afterAll(async () => {
  await slow?.stop();
  await git?.stop();
  await ann?.close();
});

test("R15: a clock set forward and back brings no expired token back, and no document's date goes down", async () => {
  const names = ["acme/blog", "acme/unknown"];
  const client = { url: `${server.url}/acme`, token: tokens.lasting, names, published: ["acme/blog"] };
  const asking = startAsking(client);
  const dates = [await changedAt()];
  expect(await statuses()).toEqual({ lasting: 200, short: 200, long: 200 });

  for (const [offset, tag] of [
    ["+1d", "1.1.0"],
    ["-1d", "1.2.0"],
    ["+0", "1.3.0"],
  ] as const) {
    await setClock(offset);
    await until(async () => Math.abs((await serverTime()) - Date.now() - days(offset)) < 60_000);
    await until(async () => (await statuses()).short === 401);
    expect(await statuses()).toEqual({ lasting: 200, short: 401, long: 200 });
    await repository.commit(release(tag));
    // By the timetable: nobody asks for a sync.
    await until(published(tag));
    dates.push(await changedAt());
  }
  expect(dates).toEqual([...new Set(dates)].toSorted((a, b) => a - b));
  const { requests: requestCount, wrong } = await asking.stop();
  expect([requestCount > 10, wrong]).toEqual([true, []]);
}, 120_000);

test("R15: a sync that runs while the clock jumps keeps its lease and is done once", async () => {
  const reached = Promise.withResolvers<void>();
  const released = Promise.withResolvers<void>();
  slow.intercept = async () => {
    reached.resolve();
    await released.promise;
    return false;
  };
  await repository.commit(release("2.0.0"));
  await reached.promise;
  await setClock("+1d");
  await Bun.sleep(3000);
  released.resolve();
  slow.intercept = null;
  await until(published("2.0.0"));
  await setClock("+0");
  expect(server.events()).not.toContain("job.lost");
  expect(server.events().filter((event) => event === "job.failed")).toEqual([]);
}, 60_000);

const published = (tag: string) => async () => {
  const { body } = await ask(tokens.lasting);
  return body.includes(`"${tag}"`);
};

function release(tag: string) {
  return { manifest: { name: "acme/blog" }, files: { "a.txt": tag }, tags: [tag] };
}

async function ask(token: string) {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await fetch(`${server.url}/acme/p2/acme/blog.json`, { headers });
  return { status: answer.status, headers: answer.headers, body: await answer.text() };
}

async function statuses(): Promise<Record<string, number>> {
  const answers = Object.entries(tokens).map(async ([name, token]) => [name, (await ask(token)).status]);
  return Object.fromEntries(await Promise.all(answers)) as Record<string, number>;
}

/** The document's Last-Modified. */
async function changedAt(): Promise<number> {
  return Date.parse((await ask(tokens.lasting)).headers.get("last-modified") ?? "");
}

/** What the server takes for now. */
async function serverTime(): Promise<number> {
  return Date.parse((await ask(tokens.lasting)).headers.get("date") ?? "");
}

function days(offset: string): number {
  return (Number.parseInt(offset, 10) || 0) * 86_400_000;
}
