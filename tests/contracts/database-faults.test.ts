// What happens when the database cannot be opened, goes away, is full or belongs to somebody else at the moment.
import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { Database as BunDatabase } from "bun:sqlite";
import { statSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { startCheckpoints } from "../../src/store/engine/checkpoints.ts";
import { type Database, type Db, insertNew, migrate, openDatabase } from "../../src/store/engine/database.ts";
import { engines, isMissing, makeDatabase, type TestDatabase } from "../tools/servers/databases.ts";
import { failureOf } from "../tools/failure.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { type Server, startMariadb, startPostgres, stopServers } from "../tools/servers/services.ts";
import { until } from "../tools/until.ts";

afterAll(stopServers);

const setting = (name: string) => ({ name, value: "x".repeat(1000) });
const add = (db: Db, name: string) => insertNew(db, "settings", setting(name), ["name"]);
const names = async (db: Db) =>
  (await db.read.selectFrom("settings").select("name").orderBy("name").execute()).map(({ name }) => name);

describe("a SQLite file", () => {
  let folder: string;
  let path: string;
  let db: Database;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pricore-faults-"));
    path = join(folder, "pricore.sqlite");
    db = await openDatabase({ engine: "sqlite", path });
    await migrate(db);
  });
  afterEach(async () => {
    await db.close();
    await rm(folder, { recursive: true });
  });

  test("can be read by its owner only, and so can its log", async () => {
    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect(statSync(file).mode & 0o777).toBe(0o600);
    await db.close();
    for (const file of [path, `${path}-wal`]) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  test("keeps what was acknowledged, and keeps rows together", async () => {
    const pragma = async (name: string) =>
      Object.values((await sql`${sql.raw(`pragma ${name}`)}`.execute(db.write)).rows[0] ?? {});
    expect(await pragma("journal_mode")).toEqual(["wal"]);
    expect(await pragma("synchronous")).toEqual([2]);
    expect(await pragma("foreign_keys")).toEqual([1]);
    expect(await pragma("trusted_schema")).toEqual([0]);
  });

  test("R4: that is full says so and goes on when there is room again", async () => {
    await add(db, "first");
    const limit = (pages: number) => sql`${sql.raw(`pragma max_page_count = ${pages}`)}`.execute(db.write);
    await limit(1);
    const filling = db.transaction(async (db) => {
      for (let at = 0; at < 100; at++) await add(db, `more-${at}`);
    });
    const failure = await failureOf(filling);
    expect([failure.kind, failure.code]).toEqual(["unavailable", "disk_full"]);
    expect(await names(db)).toEqual(["first"]);
    await limit(1_000_000);
    await add(db, "second");
    expect(await names(db)).toEqual(["first", "second"]);
  });

  test("that may only be read says so and can still be read", async () => {
    await add(db, "first");
    await sql`pragma query_only = on`.execute(db.write);
    const failure = await failureOf(add(db, "second"));
    expect([failure.kind, failure.code]).toEqual(["unavailable", "database_read_only"]);
    expect(await names(db)).toEqual(["first"]);
  });

  test("R5: that another process writes lets this one do other things while it waits", async () => {
    const holder = await holdWriteLock(path);
    const order: string[] = [];
    const written = add(db, "late").then(() => order.push("written"));
    expect(await names(db)).toEqual([]);
    order.push("read");
    await Bun.sleep(50);
    order.push("waited");
    await holder.release();
    await written;
    expect(order).toEqual(["read", "waited", "written"]);
    expect(await names(db)).toEqual(["late"]);
  });

  test("R5: that another process does not let go is busy after five seconds", async () => {
    const holder = await holdWriteLock(path);
    const failure = await failureOf(add(db, "never"));
    expect([failure.kind, failure.code, failure.retryAfterSeconds]).toEqual([
      "unavailable",
      "database_busy",
      1,
    ]);
    await holder.release();
    await add(db, "after");
    expect(await names(db)).toEqual(["after"]);
  }, 30_000);
});

describe("a write-ahead log", () => {
  test("R6: a log beside the database grows while somebody reads for long, and shrinks when that is over", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pricore-wal-"));
    const path = join(folder, "pricore.sqlite");
    const db = await openDatabase({ engine: "sqlite", path });
    await migrate(db);
    const checkpoints = startCheckpoints(db);
    const megabyte = "x".repeat(1024 * 1024);
    const write = async (count: number) => {
      for (let at = 0; at < count; at++) {
        const row = { name: "large", value: `${Math.random()}${megabyte}` };
        await insertNew(db, "settings", { ...row, name: `${at % 5}` }, ["name"]);
        await db.write
          .updateTable("settings")
          .set({ value: row.value })
          .where("name", "=", `${at % 5}`)
          .execute();
      }
    };
    const megabytes = () => statSync(`${path}-wal`).size / 1024 / 1024;
    await write(60);
    expect(megabytes()).toBeLessThan(20);
    const reader = new BunDatabase(path, { readonly: true });
    reader.run("begin");
    reader.query("select count(*) from settings").get();
    await write(200);
    // The control: the fault has happened.
    expect(megabytes()).toBeGreaterThan(64);
    reader.run("commit");
    reader.close();
    await write(3);
    expect(megabytes()).toBeLessThanOrEqual(64.1);
    await checkpoints.stop();
    await db.close();
    await rm(folder, { recursive: true });
  });

  test("the last checkpoint waits for the transaction that is open, and leaves an empty log", async () => {
    const folder = await mkdtemp(join(tmpdir(), "pricore-wal-"));
    const path = join(folder, "pricore.sqlite");
    const db = await openDatabase({ engine: "sqlite", path });
    await migrate(db);
    const checkpoints = startCheckpoints(db);
    const mayEnd = Promise.withResolvers<void>();
    const writing = db.transaction(async (open) => {
      await insertNew(open, "settings", { name: "last", value: "written" }, ["name"]);
      await mayEnd.promise;
    });
    await until(() => db.writer?.inTransaction === true);
    const stopped = checkpoints.stop();
    mayEnd.resolve();
    await Promise.all([writing, stopped]);
    expect(statSync(`${path}-wal`).size).toBe(0);
    await db.close();
    await rm(folder, { recursive: true });
  });
});

describe("a SQLite file that cannot be opened", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "pricore-faults-"));
  });
  afterEach(() => rm(folder, { recursive: true }));

  const cases: [title: string, prepare: (folder: string) => Promise<string>, says: RegExp, remedy: RegExp][] =
    [
      ["is a folder", async (folder) => folder, /is a folder/, /DB_DATABASE/],
      ["lies in no folder", async (folder) => join(folder, "none", "x.sqlite"), /does not exist/, /DATA_DIR/],
      [
        "lies where nobody may write",
        async () => "/sys/pricore.sqlite",
        /may not be opened for writing/,
        /DATA_DIR/,
      ],
      [
        "is something else",
        (folder) => made(folder, "A letter to Ben.\n".repeat(500)),
        /is not a database/,
        /DB_DATABASE/,
      ],
      [
        "is damaged",
        (folder) => made(folder, `SQLite format 3\0${"rubbish".repeat(900)}`),
        /is not a database, or it is damaged/,
        /backup/,
      ],
    ];
  for (const [title, prepare, says, remedy] of cases)
    test(`because it ${title} is refused in one sentence`, async () => {
      const path = await prepare(folder);
      const failure = await failureOf(openDatabase({ engine: "sqlite", path }));
      expect([failure.kind, failure.code]).toEqual(["unavailable", "database_unopened"]);
      expect(failure.message).toMatch(says);
      expect(failure.advice).toMatch(remedy);
    });

  test("opens when nothing is wrong with it", async () => {
    await mkdir(join(folder, "data"));
    const db = await openDatabase({ engine: "sqlite", path: join(folder, "data", "x.sqlite") });
    await db.close();
  });
});

for (const { engine, name, server } of engines) {
  if (engine === "sqlite") continue;
  describe.skipIf(isMissing(server))(`a ${name} server`, () => {
    let place: TestDatabase;
    let db: Database;
    let running: Server;
    beforeEach(async () => {
      running = await (engine === "pgsql" ? startPostgres() : startMariadb());
      place = await makeDatabase(engine);
      db = await openDatabase(place.address);
      await migrate(db);
    });
    afterEach(async () => {
      await db.close();
      await place.remove();
    });

    test("that is killed is unavailable until it is back, and then nothing is missing", async () => {
      await add(db, "before");
      await running.kill();
      for (const work of [
        () => names(db),
        () => add(db, "during"),
        () => db.transaction((db) => add(db, "during")),
      ]) {
        const failure = await failureOf(work());
        expect([failure.kind, failure.code]).toEqual(["unavailable", "database_gone"]);
        expect(failure.retryAfterSeconds).toBeGreaterThan(0);
      }
      await running.start();
      await add(db, "after");
      expect(await names(db)).toEqual(["after", "before"]);
    });

    test("R14: that is killed within a transaction has kept nothing of it", async () => {
      const cut = db.transaction(async (db) => {
        await add(db, "half");
        await running.kill();
        await add(db, "other half");
      });
      const failure = await failureOf(cut);
      expect([failure.kind, failure.code]).toEqual(["unavailable", "database_gone"]);
      await running.start();
      expect(await names(db)).toEqual([]);
    });

    test("R14: that is killed before it has confirmed leaves the outcome open, and we say so", async () => {
      const cut = db.transaction(async (db) => {
        await add(db, "perhaps");
        await running.kill();
      });
      expect((await failureOf(cut)).code).toBe("outcome_unknown");
      await running.start();
    });

    test("serves more transactions than it has connections for", async () => {
      await Promise.all(Array.from({ length: 20 }, (_, at) => db.transaction((db) => add(db, `at-${at}`))));
      expect(await names(db)).toHaveLength(20);
    });

    test("that ends a deadlock lets the one that lost begin again, and both are kept", async () => {
      await add(db, "a");
      await add(db, "b");
      const set = (db: Db, name: string, value: string) =>
        db.write.updateTable("settings").set({ value }).where("name", "=", name).execute();
      let runs = 0;
      let holding = 0;
      const bothHoldOne = Promise.withResolvers<void>();
      const cross = (first: string, second: string) =>
        db.transaction(async (db) => {
          runs++;
          await set(db, first, first);
          if (++holding === 2) bothHoldOne.resolve();
          await bothHoldOne.promise;
          await set(db, second, first);
        });
      await Promise.all([cross("a", "b"), cross("b", "a")]);
      const rows = await db.read.selectFrom("settings").select("value").execute();
      expect(new Set(rows.map(({ value }) => value)).size).toBe(1);
      expect(runs).toBe(3);
    });

    const wrong: [title: string, change: (url: URL) => void, says: RegExp, remedy: RegExp][] = [
      [
        "the password is wrong",
        (url) => (url.password = "hunter2"),
        /rejected the user or password/,
        /DB_PASSWORD/,
      ],
      [
        "the user is unknown",
        (url) => (url.username = "nobody"),
        /rejected the user or password/,
        /DB_USERNAME/,
      ],
      [
        "the database is unknown",
        (url) => (url.pathname = "/nowhere"),
        /has no database "nowhere"/,
        /DB_DATABASE/,
      ],
      [
        "nobody listens",
        (url) => (url.port = String(reservedPort())),
        /No database server responds at 127/,
        /DB_HOST, DB_PORT/,
      ],
    ];
    for (const [title, change, says, remedy] of wrong)
      test(`is not opened when ${title}, in one sentence without the password`, async () => {
        const address = place.address as { engine: "pgsql" | "mysql"; url: string };
        const url = new URL(address.url);
        change(url);
        const failure = await failureOf(openDatabase({ engine, url: url.href }));
        expect([failure.kind, failure.code]).toEqual(["unavailable", "database_unopened"]);
        expect(failure.message).toMatch(says);
        expect(failure.advice).toMatch(remedy);
        expect(`${failure.message} ${failure.advice}`).not.toContain(url.password);
      });
  });
}

describe("an address that is none", () => {
  test("is refused without repeating it", async () => {
    for (const url of ["postgres//ann:hunter2@host", "postgres://ann:hunter2@127.0.0.1/%zz"]) {
      const failure = await failureOf(openDatabase({ engine: "pgsql", url }));
      expect(failure.advice).toContain("DB_URL");
      expect(failure.message).not.toContain("hunter2");
    }
  });
});

async function made(folder: string, text: string): Promise<string> {
  const path = join(folder, "x.sqlite");
  await writeFile(path, text);
  return path;
}

/** A process of its own that has begun to write and does not end. */
async function holdWriteLock(path: string): Promise<{ release(): Promise<void> }> {
  const program = `
    import { Database } from "bun:sqlite";
    const db = new Database(${JSON.stringify(path)});
    db.run("begin immediate");
    console.log("held");
    for await (const _ of console) break;
    db.run("rollback");`;
  const child = Bun.spawn([process.execPath, "-e", program], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "inherit",
  });
  await child.stdout.getReader().read();
  return {
    async release() {
      child.stdin.write("done\\n");
      child.stdin.end();
      await child.exited;
    },
  };
}
