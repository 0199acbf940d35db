// A registry that moves to another database while it is read and written.
import { Database as SqliteFile } from "bun:sqlite";
import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { sql } from "kysely";
import { migrate, openDatabase, type Database } from "../../src/store/engine/database.ts";
import type { ServerAddress } from "../../src/store/engine/engine.ts";
import { addOrganization } from "../../src/store/organizations/organizations.ts";
import { findSetting, setSetting } from "../../src/store/settings.ts";
import { listMovedTables } from "../../src/store/move/tables.ts";
import { startBinary } from "../tools/binary.ts";
import { makeRepository } from "../tools/repositories.ts";
import { startRegistry, type Registry } from "../tools/registry.ts";
import { isMissing, makeDatabase, type TestDatabase } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";
import { until } from "../tools/until.ts";

let registry: Registry;
let token: string;
const targets: TestDatabase[] = [];

beforeEach(async () => {
  registry = await startRegistry({ LOG_LEVEL: "info", LOG_FORMAT: "json" });
  const repository = await makeRepository(registry.dataDir, "acme/blog", [
    { manifest: { name: "acme/blog" }, tags: ["1.0.0", "1.1.0"] },
  ]);
  await must("org", "create", "acme");
  await must("repo", "add", "--org", "acme", repository.path, "--sync", "--wait");
  token = await must("token", "create", "--org", "acme", "--name", "ci");
});
afterEach(async () => {
  await registry.close();
  for (const target of targets.splice(0)) await target.remove();
});
afterAll(stopServers);

async function must(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await registry.pricore(args, { timeoutMs: 60_000 });
  if (code !== 0) throw new Error(`pricore ${args.join(" ")} ended with ${code}: ${stderr}`);
  return stdout.trim();
}

async function makeTarget(engine: "pgsql" | "mysql"): Promise<ServerAddress> {
  const made = await makeDatabase(engine);
  targets.push(made);
  return made.address as ServerAddress;
}

const read = (path: string, with_ = token) =>
  fetch(`${registry.url}${path}`, { headers: { Authorization: `Bearer ${with_}` } });
const oldFile = () => join(registry.dataDir, "pricore.sqlite");

/** So many rows that copying them takes longer than looking at it. */
function fill(file: string, rows: number): void {
  using database = new SqliteFile(file, { readwrite: true, create: false });
  database.run(
    `with recursive n (i) as (select 1 union all select i + 1 from n where i < ${rows})
     insert into settings (name, value) select 'row ' || i, 'filled' from n`,
  );
}

/** Writes as fast as 200 a second; `kept` are those that were acknowledged, `refused` those that were held. */
function writeOn(file: string) {
  const database = new SqliteFile(file, { readwrite: true, create: false });
  database.run("pragma busy_timeout = 0");
  const [kept, refused]: [string[], string[]] = [[], []];
  let count = 0;
  const timer = setInterval(() => {
    const name = `test ${count++}`;
    try {
      database.run("insert into settings (name, value) values (?, 'written')", [name]);
      kept.push(name);
    } catch (error) {
      refused.push(String((error as Error).message));
    }
  }, 5);
  return {
    kept,
    refused,
    stop() {
      clearInterval(timer);
      database.close();
    },
  };
}

/** Reads without a pause; every answer that is not the one of before is wrong. */
async function readOn() {
  const paths = ["/acme/packages.json", "/acme/p2/acme/blog.json"];
  const before = await Promise.all(paths.map(async (path) => (await read(path)).text()));
  const [wrong, seen]: [string[], { answers: number }] = [[], { answers: 0 }];
  const reading = { isOver: false };
  const readers = paths.map(async (path, at) => {
    while (!reading.isOver) {
      const answer = await read(path).catch((error: Error) => new Response(String(error), { status: 599 }));
      const text = await answer.text();
      if (answer.status !== 200 || text !== before[at])
        wrong.push(`${path} ${answer.status} ${text.slice(0, 90)}`);
      seen.answers++;
    }
  });
  return {
    wrong,
    seen,
    async stop() {
      reading.isOver = true;
      await Promise.all(readers);
    },
  };
}

async function opened<Result>(
  address: ServerAddress,
  work: (db: Database) => Promise<Result>,
): Promise<Result> {
  const db = await openDatabase(address);
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

const settingsIn = (address: ServerAddress) =>
  opened(address, async (db) => {
    const rows = await sql<{ name: string }>`select name from settings where name like 'test %'`.execute(
      db.read,
    );
    return new Set(rows.rows.map(({ name }) => name));
  });

const isOnNew = () =>
  until(
    () => registry.logs().includes('"move.followed"') && registry.logs().split('"serve.ready"').length > 2,
  );

for (const { engine, name, server } of [
  { engine: "pgsql", name: "PostgreSQL", server: "postgres" },
  { engine: "mysql", name: "MariaDB", server: "mariadbd" },
] as const)
  describe.skipIf(isMissing(server))(`to ${name}`, () => {
    test("OP53: under writes and reads no answer is wrong, and what was acknowledged is in the new database", async () => {
      const address = await makeTarget(engine);
      const [writing, reading] = [writeOn(oldFile()), await readOn()];
      await until(() => writing.kept.length > 50);
      const report = JSON.parse(await must("move", "database", "--to", address.url, "--json")) as Record<
        string,
        number
      >;
      await isOnNew();
      const answers = reading.seen.answers;
      await until(() => reading.seen.answers > answers + 20);
      writing.stop();
      await reading.stop();
      if (reading.wrong.length > 0)
        console.log(registry.logs().slice(-3000), reading.wrong.length, reading.wrong[0]);
      expect(reading.wrong.length).toBe(0);
      expect(report["rows"]).toBeGreaterThan(50);
      const there = await settingsIn(address);
      expect(writing.kept.filter((each) => !there.has(each))).toEqual([]);
      // A control: the old database refused what came later, and nothing of it is here.
      expect(writing.refused.at(-1)).toBe("moved");
      expect(there.size).toBe(writing.kept.length);
      // Commands and the server go on where the registry is now, with the settings of before.
      const later = await must("token", "create", "--org", "acme", "--name", "later");
      expect((await read("/acme/p2/acme/blog.json", later)).status).toBe(200);
      expect((await read("/acme/packages.json", "prc_nonsense")).status).toBe(401);
      await registry.stop();
      await registry.start();
      expect((await read("/acme/p2/acme/blog.json", later)).status).toBe(200);
    }, 120_000);
  });

describe.skipIf(isMissing("postgres"))("a move", () => {
  test("OP54: that is killed in any state leaves the old database in use, and can begin again", async () => {
    const address = await makeTarget("pgsql");
    let made = 0;
    const hasMoved = () =>
      opened(
        address,
        async (db) => (await findSetting(db, "move_target"))?.startsWith("moved") === true,
      ).catch(() => false);
    for (const after of [0, 50, 150, 300, 500]) {
      const moving = await startCommand(["move", "database", "--to", address.url]);
      await Bun.sleep(after);
      moving.kill("SIGKILL");
      await moving.exited;
      if (await hasMoved()) break;
      // Whatever is left of it, the registry goes on where it was.
      expect((await read("/acme/p2/acme/blog.json")).status).toBe(200);
      await must("token", "create", "--org", "acme", "--name", `after ${after}`);
      made++;
    }
    if (!(await hasMoved())) await must("move", "database", "--to", address.url);
    await isOnNew();
    const kept = (JSON.parse(await must("token", "list", "--org", "acme", "--json")) as unknown[]).length;
    expect(kept).toBe(1 + made);
  }, 120_000);

  test("that was cut off leaves a copy that cannot be started, and that another move may fill again", async () => {
    const address = await makeTarget("pgsql");
    await opened(address, async (db) => {
      await migrate(db);
      await setSetting(db, "move_target", "filling abc");
    });
    const place = {
      DB_CONNECTION: "pgsql",
      DB_URL: address.url,
      DATA_DIR: join(registry.dataDir, "elsewhere"),
    };
    const env = { PATH: process.env.PATH ?? "", ...place, PORT: "0" };
    const started = await startBinary({ args: ["serve"], cwd: registry.dataDir, env });
    expect([started.code(), started.printed()]).toEqual([
      1,
      expect.stringContaining("This database is the unfinished copy of a move.") as string,
    ]);
    await must("move", "database", "--to", address.url);
    await isOnNew();
  }, 60_000);

  test("is shown while it runs, and can be forgotten when it was cut off", async () => {
    expect(await must("move", "status")).toBe("No move is running.");
    fill(oldFile(), 50_000);
    const other = await makeTarget("pgsql");
    const moving = await startCommand(["move", "database", "--to", other.url]);
    await until(async () => (await must("move", "status")).startsWith("copying") || moving.exitCode !== null);
    moving.kill("SIGKILL");
    await moving.exited;
    await must("move", "cancel");
    expect(await must("move", "status")).toBe("No move is running.");
    using file = new SqliteFile(oldFile(), { readonly: true });
    expect(file.query("select name from sqlite_schema where name like 'move_%'").all()).toEqual([]);
  }, 60_000);

  test("OP55: a difference in the copy is named by its table and key, and nothing is moved", async () => {
    const address = await makeTarget("pgsql");
    const moving = must("move", "database", "--to", address.url);
    // Something else writes to the copy, as long as the move lasts.
    const planting = (async () => {
      while (!registry.logs().includes('"move.followed"')) {
        const isDone = await opened(address, (db) =>
          sql`update organizations set name = 'Planted' where slug = 'acme'`.execute(db.write).then(
            ({ numAffectedRows }) => numAffectedRows === 1n,
            () => false,
          ),
        );
        if (isDone) return true;
      }
      return false;
    })();
    const outcome = await moving.then(
      () => "moved",
      (error: Error) => error.message,
    );
    if (await planting) {
      expect(outcome).toMatch(
        /The copy differs from the original in the table organizations, at the row [0-9a-f-]+\./,
      );
      await must("token", "create", "--org", "acme", "--name", "later");
      expect((await read("/acme/p2/acme/blog.json")).status).toBe(200);
    }
  }, 60_000);

  test("OP56: goes back with what was written meanwhile, and the old file is the one in use again", async () => {
    const address = await makeTarget("pgsql");
    await must("move", "database", "--to", address.url);
    await isOnNew();
    const later = await must("token", "create", "--org", "acme", "--name", "later");
    const report = await must("move", "back", "--json");
    expect(JSON.parse(report)).toMatchObject({ engine: "sqlite" });
    await until(() => registry.logs().split('"move.followed"').length > 2);
    await until(async () => (await read("/acme/p2/acme/blog.json", later)).status === 200);
    await must("token", "create", "--org", "acme", "--name", "back again");
    using file = new SqliteFile(oldFile(), { readonly: true });
    const names = file.query<{ name: string }, []>("select name from tokens order by name").all();
    expect(names.map(({ name }) => name)).toEqual(["back again", "ci", "later"]);
    expect(file.query("select name from settings where name = 'moved_to'").all()).toEqual([]);
  }, 120_000);

  test("refuses a database in use, its own, and an address that is none", async () => {
    const address = await makeTarget("pgsql");
    const failed = async (...args: string[]) => {
      const { code, stderr } = await registry.pricore(["move", "database", ...args]);
      return [code, stderr];
    };
    expect(await failed("--to", "ftp://db")).toEqual([
      2,
      expect.stringContaining("--to is an address like") as string,
    ]);
    expect(await failed("--to", "sqlite")).toEqual([
      1,
      expect.stringContaining("in this database already") as string,
    ]);
    await opened(address, async (db) => {
      await migrate(db);
      await addOrganization(db, { slug: "shop", name: "Shop", now: 1 });
    });
    expect(await failed("--to", address.url)).toEqual([1, expect.stringContaining("in use") as string]);
    expect((await read("/acme/p2/acme/blog.json")).status).toBe(200);
  }, 60_000);
});

test("the tables are in an order in which each comes after those it refers to", async () => {
  const names = (await listMovedTables(registry.dataDir)).map(({ name }) => name);
  expect(names.indexOf("organizations")).toBeLessThan(names.indexOf("repositories"));
  expect(names.indexOf("packages")).toBeLessThan(names.indexOf("versions"));
  expect(names.length).toBeGreaterThan(30);
  expect((await listMovedTables(registry.dataDir)).every(({ key }) => key.length > 0)).toBe(true);
});

async function startCommand(args: string[]) {
  const { binary } = await import("../tools/binary.ts");
  return Bun.spawn([binary, ...args], {
    env: { PATH: process.env.PATH ?? "", DATA_DIR: registry.dataDir, APP_URL: registry.url },
    stdout: "ignore",
    stderr: "ignore",
  });
}
