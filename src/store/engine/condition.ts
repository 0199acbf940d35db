// The condition of the database, for operators: whether it is whole, and what it leaves lying about.
import { statSync } from "node:fs";
import { sql } from "kysely";
import { sizeOfDatabase } from "../metrics.ts";
import type { Database } from "./database.ts";
import type { DatabaseAddress } from "./engine.ts";
import { damageOf } from "./soundness.ts";

type Condition = {
  /** `SQLite 3.54.1`. */
  version: string;
  bytes: number;
  /** Of the write-ahead log; 0 on the servers. */
  logBytes: number;
  /** In the file, and used by nothing. */
  freeBytes: number;
  /** null when it is whole, or was too large to be read. */
  damage: string | null;
};

/** Reads every page only of a file of up to `wholeBytes`: that holds up the process. */
export async function findCondition(
  db: Database,
  address: DatabaseAddress,
  wholeBytes: number,
): Promise<Condition> {
  const bytes = (await sizeOfDatabase(db, address)) ?? 0;
  if (address.engine !== "sqlite" || db.sqlite === null)
    return { version: await serverVersion(db), bytes, logBytes: 0, freeBytes: 0, damage: null };
  const pragma = (name: string) =>
    Object.values(db.sqlite?.query<Record<string, number>, []>(`pragma ${name}`).get() ?? {})[0] ?? 0;
  const version = db.sqlite
    .query<{ version: string }, []>("select sqlite_version() as version")
    .get()?.version;
  return {
    version: `SQLite ${version}`,
    bytes,
    logBytes: statSync(`${address.path}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    freeBytes: pragma("freelist_count") * pragma("page_size"),
    damage: bytes <= wholeBytes ? damageOf(db) : null,
  };
}

async function serverVersion(db: Database): Promise<string> {
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db.read);
  const text = rows[0]?.version ?? "";
  const [number = ""] = /\d+(?:\.\d+)+/.exec(text) ?? [];
  if (db.engine === "pgsql") return `PostgreSQL ${number}`;
  return `${text.includes("MariaDB") ? "MariaDB" : "MySQL"} ${number}`;
}
