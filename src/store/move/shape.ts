// The tables of the schema, parents before children, as an empty SQLite database has them: the same on every engine.
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { sql } from "kysely";
import { type Database, migrate, openDatabase } from "../engine/database.ts";
import { migrationTable } from "../engine/migrator.ts";

export type TableShape = {
  name: string;
  columns: string[];
  /** The columns of the primary key, in its order. */
  key: string[];
};

/** `folder` is for a file that is removed again. */
export async function readShapes(folder: string): Promise<TableShape[]> {
  const place = await mkdtemp(join(folder, "shape-"));
  const db = await openDatabase({ engine: "sqlite", path: join(place, "shape.sqlite") });
  try {
    await migrate(db);
    return await shapesIn(db);
  } finally {
    await db.close();
    await rm(place, { recursive: true, force: true });
  }
}

type Column = { name: string; pk: number };

async function shapesIn(db: Database): Promise<TableShape[]> {
  const tables = await sql<{ name: string }>`select name from sqlite_schema where type = 'table'`.execute(
    db.read,
  );
  const names = tables.rows.map(({ name }) => name).filter((name) => !isOfEngine(name));
  const shapes = new Map<string, TableShape>();
  const parents = new Map<string, string[]>();
  for (const name of names) {
    const { rows } = await sql<Column>`select name, pk from pragma_table_info(${name})`.execute(db.read);
    const key = rows.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
    shapes.set(name, {
      name,
      columns: rows.map((column) => column.name),
      key: key.map((column) => column.name),
    });
    const foreign = await sql<{
      table: string;
    }>`select "table" from pragma_foreign_key_list(${name})`.execute(db.read);
    parents.set(
      name,
      foreign.rows.map(({ table }) => table).filter((table) => table !== name),
    );
  }
  return [...parentsFirst(parents)].flatMap((name) => shapes.get(name) ?? []);
}

/** Migrations belong to the engine that made them. */
function isOfEngine(name: string): boolean {
  return name.startsWith("sqlite_") || name.startsWith(migrationTable);
}

function parentsFirst(parents: Map<string, string[]>): Set<string> {
  const ordered = new Set<string>();
  const visit = (name: string, below: string[]) => {
    if (below.includes(name)) throw new Error(`These tables refer to each other: ${below.join(", ")}.`);
    for (const parent of parents.get(name) ?? []) if (!ordered.has(parent)) visit(parent, [...below, name]);
    ordered.add(name);
  };
  for (const name of parents.keys()) visit(name, []);
  return ordered;
}
