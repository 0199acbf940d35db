// R14: the PostgreSQL server is restarted, ends connections, freezes and loses answers, while a client asks on.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { SQL } from "bun";
import type { Operator } from "../worlds/shell.ts";
import { isMissing, makeDatabase, type TestDatabase } from "../tools/servers/databases.ts";
import { makeRepository, type GitRepository } from "../tools/repositories.ts";
import { startPostgres, stopServers } from "../tools/servers/services.ts";
import { startTcpProxy, type TcpProxy } from "../tools/servers/tcp-proxy.ts";
import { startAsking, type Asking } from "./asking.ts";
import { until } from "../tools/until.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let place: TestDatabase;
let proxy: TcpProxy;
let ann: Operator;
let server: Served;
let repository: GitRepository;
let token: string;
let asking: Asking;
/** Past the proxy. */
let direct: string;

describe.skipIf(isMissing("postgres"))("with a database server", () => {
  beforeAll(async () => {
    place = await makeDatabase("pgsql");
    if (place.address.engine === "sqlite") throw new Error("not a server");
    direct = place.address.url;
    proxy = await startTcpProxy(Number(new URL(direct).port));
    const url = new URL(direct);
    url.port = String(proxy.port);
    const database = { DB_CONNECTION: "pgsql", DB_URL: url.href };
    ann = await openWorld({ in: "shell", env: { ...database, LOG_LEVEL: "info" } });
    server = await ann.serve();
    await ann.must("org", "create", "acme");
    token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
    repository = await makeRepository(ann.folder, "acme/blog", [release("1.0.0")]);
    await ann.must("repo", "add", "--org", "acme", repository.path, "--sync", "--wait");
  });
  beforeEach(() => {
    const names = ["acme/blog", "acme/unknown"];
    asking = startAsking({ url: `${server.url}/acme`, token, names, published: ["acme/blog"] });
  });
  afterEach(async () => {
    await until(isServed);
    await asking.round();
    const { requests: requestCount, wrong } = await asking.stop();
    expect([requestCount > 0, wrong]).toEqual([true, []]);
  });
  afterAll(async () => {
    await ann?.close();
    proxy?.stop();
    await place?.remove();
    await stopServers();
  });

  test("R14: a database server that is restarted is 503 meanwhile, and then everything is as before", async () => {
    const postgres = await startPostgres();
    await postgres.kill();
    expect(await statuses()).toEqual([503, 503, 503]);
    await postgres.start();
    await until(isServed);
    expect(await statuses()).toEqual([200, 200, 404]);
  });

  test("R14: a database server that ends our connections again and again costs answers of 503 at most", async () => {
    await using sql = new SQL(direct, { max: 1 });
    let ended = 0;
    for (let round = 0; round < 20; round++) {
      const rows = await sql.unsafe(
        "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
      );
      ended += rows.length;
      for (const status of await statuses()) expect([200, 404, 503]).toContain(status);
    }
    expect(ended).toBeGreaterThan(0);
    await publish("1.1.0");
  });

  test("R14: a database server that freezes is 503 in time, and nothing hangs afterwards", async () => {
    proxy.freeze();
    const pending = Array.from({ length: 30 }, () => ask("/acme/p2/acme/blog.json"));
    expect(new Set(await Promise.all(pending))).toEqual(new Set([503]));
    await Bun.sleep(5000);
    proxy.thaw();
    await until(isServed);
    expect(await statuses()).toEqual([200, 200, 404]);
    await publish("1.2.0");
  }, 90_000);

  test("R14: a report of installs whose commit is cut off counts once when the client sends it again", async () => {
    const body = JSON.stringify({ downloads: [{ name: "acme/blog", version: "1.0.0.0" }] });
    const report = () => ask("/acme/notify-batch", { method: "POST", body });
    const before = proxy.connections();
    proxy.loseAnswerTo = "commit";
    const answers: number[] = [];
    for (let attempt = 0; attempt < 3; attempt++) answers.push(await report());
    expect(proxy.loseAnswerTo as string | null).toBe(null);
    expect([200, 503]).toContain(answers[0] ?? 0);
    expect(answers.at(-1)).toBe(200);
    expect(proxy.connections()).toBeGreaterThanOrEqual(before);
    expect(await installs()).toBe(1);
  });

  test("R14: a sync whose commits are cut off, each in its turn, doubles nothing and loses nothing", async () => {
    let cut = 0;
    for (let minor = 0; minor < 6; minor++) {
      await repository.commit(release(`3.${minor}.0`));
      proxy.loseAnswerTo = "commit";
      for (let attempt = 0; attempt < 4; attempt++)
        if ((await ann.run(["sync", "--org", "acme", "blog", "--wait"])).code === 0) break;
      if (proxy.loseAnswerTo === null) cut++;
    }
    proxy.loseAnswerTo = null;
    expect(cut).toBe(6);
    await ann.must("sync", "--org", "acme", "blog", "--wait");
    const tags = (await repository.git("tag")).split("\n").toSorted();
    expect((await tagged()).toSorted()).toEqual(tags);
  }, 90_000);
});

function release(tag: string) {
  return { manifest: { name: "acme/blog" }, files: { "a.txt": tag }, tags: [tag] };
}

/** The control of every fault here: without one a release goes through. */
async function publish(tag: string): Promise<void> {
  await repository.commit(release(tag));
  await ann.must("sync", "--org", "acme", "blog", "--wait");
  expect(await tagged()).toContain(tag);
}

async function ask(path: string, options: RequestInit = {}): Promise<number> {
  const headers = { Authorization: `Bearer ${token}`, "Content-Type": "application/json" };
  const answer = await fetch(server.url + path, { ...options, headers });
  await answer.bytes();
  return answer.status;
}

/** A package, a name of ours without one, a name of somebody else. */
function statuses(): Promise<number[]> {
  return Promise.all(
    ["acme/blog", "acme/unknown", "symfony/console"].map((name) => ask(`/acme/p2/${name}.json`)),
  );
}

async function isServed(): Promise<boolean> {
  return (await ask("/acme/p2/acme/blog.json")) === 200;
}

async function tagged(): Promise<string[]> {
  const rows = await select("select version from versions where ref_kind = 'tag'");
  return rows.map(({ version }) => String(version));
}

async function installs(): Promise<number> {
  const [row] = await select("select count(*)::int as count from installs");
  return Number(row?.["count"]);
}

async function select(statement: string): Promise<Record<string, unknown>[]> {
  await using sql = new SQL(direct, { max: 1 });
  const rows: Record<string, unknown>[] = await sql.unsafe(statement);
  return rows;
}
