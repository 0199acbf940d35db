// One word per kind of column, spelled for each engine, so that a migration is written once. Everything textual
// compares byte by byte.
import { type CreateTableBuilder, type RawBuilder, sql } from "kysely";
import type { Engine } from "./engine.ts";

type Type = RawBuilder<unknown>;

export type ColumnTypes = {
  /** A UUID as text, or other text of at most 36 characters. */
  key: Type;
  /** At most 255 characters; may be part of an index. */
  name: Type;
  /** Up to 16 MB, in no index. */
  text: Type;
  long: Type;
  /** 64 bits. */
  integer: Type;
  blob: Type;
  /** What follows the closing parenthesis of CREATE TABLE. */
  tail: <Table extends string>(table: CreateTableBuilder<Table>) => CreateTableBuilder<Table>;
};

/**
 * `serverVersion` is the result of `select version()`, empty on SQLite: MySQL and MariaDB name collations differently.
 */
export function columnTypes(engine: Engine, serverVersion: string): ColumnTypes {
  if (engine === "sqlite") return sqlite;
  return engine === "pgsql" ? pgsql : mysql(serverVersion);
}

const sqlite: ColumnTypes = {
  key: sql`text`,
  name: sql`text`,
  text: sql`text`,
  long: sql`text`,
  integer: sql`integer`,
  blob: sql`blob`,
  tail: (table) => table.modifyEnd(sql`strict`),
};

const bytewise = sql`text collate "C"`;
const pgsql: ColumnTypes = {
  key: bytewise,
  name: bytewise,
  text: bytewise,
  long: bytewise,
  integer: sql`bigint`,
  blob: sql`bytea`,
  tail: (table) => table,
};

/** `utf8mb4_bin` would take "a" and "a " for equal, so the collation is one that does not pad. */
function mysql(serverVersion: string): ColumnTypes {
  const collation = sql.raw(/mariadb/i.test(serverVersion) ? "utf8mb4_nopad_bin" : "utf8mb4_0900_bin");
  const ending = sql`engine = InnoDB row_format = dynamic character set utf8mb4 collate ${collation}`;
  return {
    key: sql`varchar(36)`,
    name: sql`varchar(255)`,
    text: sql`mediumtext`,
    long: sql`longtext`,
    integer: sql`bigint`,
    blob: sql`longblob`,
    tail: (table) => table.modifyEnd(ending),
  };
}
