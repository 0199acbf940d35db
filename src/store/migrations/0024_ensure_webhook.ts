import { type Kysely, sql } from "kysely";
import type { Migration } from "kysely/migration";

const before = "keep-webhook";
const after = "ensure-webhook";

/** The job keeps its history, its keys and its pause under its new name. */
export function ensureWebhook(): Migration {
  return {
    async up(db: Kysely<unknown>) {
      for (const table of ["jobs", "job_pauses", "job_history", "job_totals"])
        await sql`update ${sql.table(table)} set name = ${after} where name = ${before}`.execute(db);
      for (const column of ["key", "waiting_key", "running_key"]) {
        const key = sql.ref(column);
        await sql`update jobs set ${key} = replace(${key}, ${`${before}:`}, ${`${after}:`})
          where name = ${after} and ${key} is not null`.execute(db);
      }
    },
  };
}
