import { sql, type Kysely } from "kysely";
import type { Migration } from "kysely/migration";
import type { ColumnTypes } from "../engine/columns.ts";

/**
 * The code of a sync's failure, by which commands and pages choose what helps. Stored sentences lose the commands
 * they ended with, and the tag or branch that stands beside them.
 */
export function errorCodes({ name }: ColumnTypes): Migration {
  return {
    async up(db: Kysely<unknown>) {
      await db.schema.alterTable("syncs").addColumn("error_code", name).execute();
      await sql`update syncs set error_code = 'removals_unconfirmed' where outcome = 'stopped'`.execute(db);
      for (const [table, column] of withCommands) await removeCommands(db, table, column);
      for (const table of ["refs", "sync_refs"]) await removeSubjects(db, table);
    },
  };
}

const withCommands = [
  ["repositories", "error"],
  ["syncs", "error"],
  ["jobs", "error"],
  ["job_attempts", "error"],
  ["activity", "details"],
] as const;

type Row = { id: string; text: string };

/** Few rows have one: a sync that stopped or was given up for a day, and an SSH host key that changed. */
async function removeCommands(db: Kysely<unknown>, table: string, column: string): Promise<void> {
  const [from, text] = [sql.table(table), sql.ref(column)];
  const { rows } = await sql<Row>`
    select id, ${text} as text from ${from} where ${text} like '%run: pricore %'`.execute(db);
  for (const row of rows)
    await sql`update ${from} set ${text} = ${withoutCommand(row.text)} where id = ${row.id}`.execute(db);
}

/** The command ends the sentence, or in JSON the string. */
function withoutCommand(text: string): string {
  return text
    .replace(/; or, if [^."]*, run: pricore [^"]*/, ".")
    .replace(/ If [^."]*, run: pricore [^"]*/, "");
}

async function removeSubjects(db: Kysely<unknown>, table: string): Promise<void> {
  for (const [kind, title] of [
    ["tag", "Tag"],
    ["branch", "Branch"],
  ])
    await sql`
      update ${sql.table(table)} set reason = replace(reason, concat(${sql.lit(`${title} `)}, name, ': '), '')
      where kind = ${kind} and reason like concat(${sql.lit(`${title} `)}, name, ': %')`.execute(db);
}
