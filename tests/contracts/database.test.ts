// What every engine must do alike, on the real servers.
import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { sql } from "kysely";
import { Failure } from "../../src/errors.ts";
import {
  appliedMigrations,
  type Database,
  type Db,
  incoming,
  insertNew,
  migrate,
  openDatabase,
  pendingMigrations,
  upsert,
} from "../../src/store/engine/database.ts";
import type { OrganizationRow } from "../../src/store/schema.ts";
import {
  engines,
  isMissing,
  makeDatabase,
  migrationNames as names,
  type TestDatabase,
} from "../tools/servers/databases.ts";
import { failureOf } from "../tools/failure.ts";
import { stopServers } from "../tools/servers/services.ts";

afterAll(stopServers);

const acme: OrganizationRow = {
  id: "o1",
  slug: "acme",
  name: "Acme",
  publishes_source: 1,
  notice: null,
  created_at: 1,
};
const installs = {
  organization_id: "o1",
  package_name: "acme/blog",
  version_normalized: "1.0.0.0",
  day: "2026-11-23",
};
const settings = (count: number) =>
  Array.from({ length: count }, (_, at) => ({ name: `setting-${at}`, value: "old" }));
const countSettings = async (db: Db) =>
  (await db.read.selectFrom("settings").select("name").execute()).length;

for (const { engine, name, server } of engines) {
  describe.skipIf(isMissing(server))(`a new database on ${name}`, () => {
    const open = useDatabase(engine);

    test("is brought up once and then left alone", async () => {
      const { db } = open();
      expect(await appliedMigrations(db)).toEqual([]);
      expect(await pendingMigrations(db)).toEqual(names);
      expect(await migrate(db)).toEqual(names);
      expect(await migrate(db)).toEqual([]);
      expect(await pendingMigrations(db)).toEqual([]);
      expect(await appliedMigrations(db)).toEqual(names);
    });

    test("is brought up by exactly one of three processes that start at once", async () => {
      const source = join(import.meta.dir, "../../src/store/engine/database.ts");
      const program = `
        import { migrate, openDatabase } from ${JSON.stringify(source)};
        const db = await openDatabase(${JSON.stringify(open().address)});
        console.log((await migrate(db)).length);
        await db.close();`;
      const children = [1, 2, 3].map(() =>
        Bun.spawn([process.execPath, "-e", program], { stderr: "inherit" }),
      );
      const printed = await Promise.all(children.map((child) => new Response(child.stdout).text()));
      expect(printed.map(Number).toSorted()).toEqual([0, 0, names.length]);
    });

    test("of a newer Pricore is refused with what to do", async () => {
      const { db } = open();
      await migrate(db);
      const later = { name: "9999_later", timestamp: "2030-01-01T00:00:00.000Z" };
      await sql`insert into kysely_migration (name, timestamp) values (${later.name}, ${later.timestamp})`.execute(
        db.write,
      );
      for (const attempt of [migrate, pendingMigrations]) {
        const failure = await failureOf(attempt(db));
        expect([failure.kind, failure.code]).toEqual(["unavailable", "schema_newer"]);
        expect(failure.advice).toContain("newer version");
      }
    });
  });

  describe.skipIf(isMissing(server))(`a database on ${name}`, () => {
    const open = useDatabase(engine);
    beforeEach(async () => {
      await migrate(open().db);
    });

    test("keeps all of a transaction or nothing", async () => {
      const { db } = open();
      await db.transaction((db) => insertNew(db, "settings", settings(2), ["name"]));
      expect(await countSettings(db)).toBe(2);
      const failing = db.transaction(async (db) => {
        await db.write.deleteFrom("settings").execute();
        await insertNew(db, "organizations", acme, ["id"]);
        throw new Error("Something came up.");
      });
      await expect(failing).rejects.toThrow("Something came up.");
      expect(await countSettings(db)).toBe(2);
      expect(await db.read.selectFrom("organizations").selectAll().execute()).toEqual([]);
    });

    test("lets a transaction see its own writes, and everybody else once it is committed", async () => {
      const { db } = open();
      const { promise: mayCommit, resolve: commit } = Promise.withResolvers<void>();
      const { promise: written, resolve: hasWritten } = Promise.withResolvers<number>();
      const transaction = db.transaction(async (db) => {
        await insertNew(db, "settings", settings(3), ["name"]);
        hasWritten(await countSettings(db));
        await mayCommit;
      });
      expect(await written).toBe(3);
      // This read ends while the transaction is open: it doesn't wait for the writer.
      expect(await countSettings(db)).toBe(0);
      commit();
      await transaction;
      expect(await countSettings(db)).toBe(3);
    });

    test("takes many writes at once and loses none", async () => {
      const { db } = open();
      await insertNew(db, "organizations", { ...acme, created_at: 0 }, ["id"]);
      const raise = (db: Db) =>
        db.write
          .updateTable("organizations")
          .set(({ eb }) => ({ created_at: eb("created_at", "+", 1) }))
          .execute();
      await Promise.all(Array.from({ length: 40 }, (_, at) => (at % 2 ? raise(db) : db.transaction(raise))));
      const { created_at } = await db.read.selectFrom("organizations").selectAll().executeTakeFirstOrThrow();
      expect(created_at).toBe(40);
    });

    test("adds rows by upsert and brings only the named columns of known ones up to date", async () => {
      const { db } = open();
      const on = { key: ["id" as const], update: ["name" as const] };
      await upsert(db, "organizations", acme, on);
      await upsert(db, "organizations", [{ ...acme, name: "Acme Ltd", created_at: 99 }], on);
      expect(await db.read.selectFrom("organizations").selectAll().execute()).toEqual([
        { ...acme, name: "Acme Ltd" },
      ]);
    });

    test("adds what an upsert brings along to what is there", async () => {
      const { db } = open();
      for (const count of [2, 3, 4])
        await upsert(
          db,
          "downloads",
          { ...installs, count },
          {
            key: ["organization_id", "package_name", "version_normalized", "day"],
            update: { count: sql`downloads.count + ${incoming(db, "count")}` },
          },
        );
      expect(await db.read.selectFrom("downloads").selectAll().execute()).toEqual([
        { ...installs, count: 9 },
      ]);
    });

    test("tells how many rows were new and leaves the others as they are", async () => {
      const { db } = open();
      const [first, second, third] = settings(3);
      if (!first || !second || !third) throw new Error("There are three.");
      expect(await insertNew(db, "settings", [first, second], ["name"])).toBe(2);
      expect(await insertNew(db, "settings", [{ ...first, value: "new" }, third], ["name"])).toBe(1);
      expect(await insertNew(db, "settings", first, ["name"])).toBe(0);
      expect(await insertNew(db, "settings", [], ["name"])).toBe(0);
      expect(await db.read.selectFrom("settings").selectAll().orderBy("name").execute()).toEqual([
        first,
        second,
        third,
      ]);
    });

    test("takes thousands of rows at once", async () => {
      const { db } = open();
      expect(await insertNew(db, "settings", settings(2500), ["name"])).toBe(2500);
      const fresh = settings(2600).map((row) => ({ ...row, value: "new" }));
      await upsert(db, "settings", fresh, { key: ["name"], update: ["value"] });
      const { rows, old } = await db.read
        .selectFrom("settings")
        .select(({ fn }) => [
          fn.countAll<number>().as("rows"),
          sql<number>`sum(case when value = 'old' then 1 else 0 end)`.as("old"),
        ])
        .executeTakeFirstOrThrow();
      expect([rows, old]).toEqual([2600, 0]);
    });

    test("says that a name is taken, and neither the statement nor the values", async () => {
      const { db } = open();
      await insertNew(db, "organizations", acme, ["id"]);
      for (const twin of [acme, { ...acme, id: "o2" }]) {
        const failure = await failureOf(db.write.insertInto("organizations").values(twin).execute());
        expect([failure.kind, failure.code]).toEqual(["conflict", "taken"]);
        expect(JSON.stringify({ ...failure, message: failure.message })).not.toMatch(
          /acme|insert|organizations/i,
        );
      }
    });

    test("refuses what belongs to nothing, also where known rows are skipped", async () => {
      const { db } = open();
      const orphan = { organization_id: "nobody", vendor: "acme", created_at: 1 };
      for (const write of [
        () => db.write.insertInto("vendors").values(orphan).execute(),
        () => insertNew(db, "vendors", orphan, ["organization_id", "vendor"]),
      ]) {
        const failure = await failureOf(write());
        expect([failure.kind, failure.code]).toEqual(["conflict", "reference"]);
      }
      await insertNew(db, "organizations", acme, ["id"]);
      expect(
        await insertNew(db, "vendors", { ...orphan, organization_id: "o1" }, ["organization_id", "vendor"]),
      ).toBe(1);
    });

    test("gives bytes back as they were", async () => {
      const { db } = open();
      await insertNew(db, "organizations", acme, ["id"]);
      const bodies = [
        new Uint8Array(0),
        Uint8Array.from({ length: 256 }, (_, at) => at),
        new Uint8Array(3 << 20).fill(7),
      ];
      for (const [at, body] of bodies.entries()) {
        const row = { organization_id: "o1", name: `acme/${at}`, last_modified: at, hash: "h", body };
        await upsert(db, "documents", row, { key: ["organization_id", "name"], update: ["body"] });
      }
      const rows = await db.read.selectFrom("documents").select("body").orderBy("name").execute();
      expect(rows.map(({ body }) => body.constructor)).toEqual([Uint8Array, Uint8Array, Uint8Array]);
      expect(rows.map(({ body }) => Bun.hash(body))).toEqual(bodies.map((body) => Bun.hash(body)));
    });

    test("gives every number back as a number", async () => {
      const { db } = open();
      const numbers = [
        0,
        -1,
        2 ** 31,
        Date.parse("2026-11-23"),
        Number.MAX_SAFE_INTEGER,
        Number.MIN_SAFE_INTEGER,
      ];
      const rows = numbers.map((created_at, at) => ({
        ...acme,
        id: `o${at}`,
        slug: `acme${at}`,
        created_at,
      }));
      await insertNew(db, "organizations", rows, ["id"]);
      const read = await db.read.selectFrom("organizations").select("created_at").orderBy("id").execute();
      expect(read.map(({ created_at }) => created_at)).toEqual(numbers);
      const sums = await db.read
        .selectFrom("organizations")
        .select(({ fn, exists, selectFrom }) => [
          fn.countAll<number>().as("count"),
          fn.sum<number>("publishes_source").as("sum"),
          fn.max("created_at").as("max"),
          exists(selectFrom("vendors").select("vendor")).as("exists"),
          sql<number>`sum(case when created_at < 0 then 1 else 0 end)`.as("negative"),
          sql<number>`min(created_at - created_at % 60000)`.as("minute"),
          sql<number>`coalesce(max(created_at), 0)`.as("latest"),
        ])
        .executeTakeFirstOrThrow();
      const max = Number.MAX_SAFE_INTEGER;
      const minute = Number.MIN_SAFE_INTEGER - (Number.MIN_SAFE_INTEGER % 60_000);
      const counts = { count: 6, sum: 6, negative: 2 };
      expect(sums).toEqual({ ...counts, max, latest: max, minute, exists: 0 as never });
      const none = await db.read
        .selectFrom("vendors")
        .select(({ fn }) => [
          fn.countAll<number>().as("count"),
          fn.sum<number | null>("created_at").as("sum"),
        ])
        .executeTakeFirstOrThrow();
      expect(none).toEqual({ count: 0, sum: null });
    });

    test("gives every text back as it was", async () => {
      const { db } = open();
      const texts = [
        "",
        " ",
        'it\'s "quoted" \\ `so`',
        "line\r\nline\t",
        "né 🎼 \u{10ffff}",
        '{"json": [1]}',
        "x".repeat(200_000),
      ];
      const rows = texts.map((value, at) => ({ name: `text-${at}`, value }));
      await insertNew(db, "settings", rows, ["name"]);
      const read = await db.read.selectFrom("settings").selectAll().orderBy("name").execute();
      expect(read).toEqual(rows);
    });

    test("keeps an odd text whole or refuses it in words", async () => {
      const { db } = open();
      for (const text of [
        { name: "zero", value: "a\0b" },
        { name: "n".repeat(300), value: "long name" },
      ]) {
        const kept = await insertNew(db, "settings", text, ["name"]).catch((error: unknown) => error);
        if (kept === 1) {
          const row = await db.read
            .selectFrom("settings")
            .selectAll()
            .where("name", "=", text.name)
            .executeTakeFirst();
          expect(row).toEqual(text);
        } else {
          expect(kept).toBeInstanceOf(Failure);
          expect(kept).toMatchObject({ kind: "invalid" });
        }
      }
    });

    test("tells names apart byte by byte and sorts them so", async () => {
      const { db } = open();
      const names = ["ACME", "Acme", "acme", "acme ", "acme-b", "acme_b", "acmé", "ácme"];
      const rows = names.map((slug) => ({ ...acme, id: slug, slug }));
      expect(await insertNew(db, "organizations", rows, ["slug"])).toBe(names.length);
      const sorted = await db.read.selectFrom("organizations").select("slug").orderBy("slug").execute();
      expect(sorted.map(({ slug }) => slug)).toEqual(
        names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
      );
      const found = await db.read
        .selectFrom("organizations")
        .select("id")
        .where("slug", "=", "Acme")
        .execute();
      expect(found).toEqual([{ id: "Acme" }]);
    });

    test("counts the rows that an update found, changed or not", async () => {
      const { db } = open();
      await insertNew(db, "settings", settings(2), ["name"]);
      const update = (value: string, expected: string) =>
        db.write.updateTable("settings").set({ value }).where("value", "=", expected).executeTakeFirst();
      expect((await update("old", "old")).numUpdatedRows).toBe(2n);
      expect((await update("new", "old")).numUpdatedRows).toBe(2n);
      expect((await update("new", "old")).numUpdatedRows).toBe(0n);
    });
  });
}

function useDatabase(engine: "sqlite" | "pgsql" | "mysql") {
  let place: TestDatabase;
  let db: Database;
  beforeEach(async () => {
    place = await makeDatabase(engine);
    db = await openDatabase(place.address);
  });
  afterEach(async () => {
    await db.close();
    await place.remove();
  });
  return () => ({ db, address: place.address });
}
