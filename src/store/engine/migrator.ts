// Every migration by its name, and Kysely's runner of them.
import { type Kysely, sql } from "kysely";
import type { Migration, Migrator } from "kysely/migration";
import { Failure, unavailable } from "../../errors.ts";
import { columnTypes } from "./columns.ts";
import type { Schema } from "../schema.ts";
import type { Engine } from "./engine.ts";
import { asFailure, signOf } from "./errors.ts";
import { initial } from "../migrations/0001_initial.ts";
import { people } from "../migrations/0002_people.ts";
import { forges } from "../migrations/0003_forges.ts";
import { webhooks } from "../migrations/0004_webhooks.ts";
import { jobHistory } from "../migrations/0005_job_history.ts";
import { identities } from "../migrations/0006_identities.ts";
import { freshness } from "../migrations/0007_freshness.ts";
import { sessions } from "../migrations/0008_sessions.ts";
import { publishedTimes } from "../migrations/0009_published_times.ts";
import { causes } from "../migrations/0012_causes.ts";
import { notes } from "../migrations/0015_notes.ts";
import { archiveFormat } from "../migrations/0016_archive_format.ts";
import { installCounts } from "../migrations/0019_install_counts.ts";
import { jobAttempts } from "../migrations/0020_job_attempts.ts";
import { syncRequests } from "../migrations/0021_sync_requests.ts";
import { errorCodes } from "../migrations/0023_error_codes.ts";
import { ensureWebhook } from "../migrations/0024_ensure_webhook.ts";
import { certificates } from "../migrations/0026_certificates.ts";

/** By name, in their order for ever. */
export const migrations = {
  "0001_initial": initial,
  "0002_people": people,
  "0003_forges": forges,
  "0004_webhooks": webhooks,
  "0005_job_history": jobHistory,
  "0006_identities": identities,
  "0007_freshness": freshness,
  "0008_sessions": sessions,
  "0009_published_times": publishedTimes,
  "0012_causes": causes,
  "0015_notes": notes,
  "0016_archive_format": archiveFormat,
  "0019_install_counts": installCounts,
  "0020_job_attempts": jobAttempts,
  "0021_sync_requests": syncRequests,
  "0023_error_codes": errorCodes,
  "0024_ensure_webhook": ensureWebhook,
  "0026_certificates": certificates,
};

export const migrationTable = "kysely_migration";

type Connections = { engine: Engine; read: Kysely<Schema>; write: Kysely<Schema> };

export async function openMigrator(db: Connections): Promise<Migrator> {
  const types = columnTypes(db.engine, await serverVersion(db));
  const made = Object.entries(migrations).map(([name, migration]) => {
    const plain = migration(types);
    return [name, db.engine === "mysql" ? marked(name, plain) : plain];
  });
  const { Migrator } = await import("kysely/migration");
  const provider = { getMigrations: async () => Object.fromEntries(made) };
  return new Migrator({ db: db.write, provider, migrationTableName: migrationTable });
}

async function serverVersion(db: Connections): Promise<string> {
  if (db.engine === "sqlite") return "";
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db.read);
  return rows[0]?.version ?? "";
}

/** What a migration on MySQL, which cannot roll half of one back, leaves until it has ended. */
const markOf = (name: string) => `started ${name}`;

/** Kysely makes it before the first migration, and reads only its own row of it. */
const markTable = sql.table("kysely_migration_lock");

/**
 * Leaves a mark before the first statement. A mark that is there already says that an earlier run was cut off, and
 * then what this run stumbles over is only a consequence of that.
 */
function marked(name: string, { up }: Migration): Migration {
  return {
    async up(db) {
      const mark = sql`insert ignore into ${markTable} (id, is_locked) values (${markOf(name)}, 0)`;
      const isFirst = (await mark.execute(db)).numAffectedRows === 1n;
      try {
        await up(db);
      } catch (error) {
        throw isFirst || isOutage(error) ? error : cutOff(name);
      }
    },
  };
}

/** An outage says nothing about the state of the schema. */
function isOutage(error: unknown): boolean {
  const failure = asFailure(error);
  return failure instanceof Failure && failure.kind === "unavailable";
}

/** When every migration has ended. */
export async function removeMarks(db: Connections): Promise<void> {
  if (db.engine !== "mysql") return;
  await sql`delete from ${markTable} where id like ${markOf("%")}`.execute(db.write);
}

const tableExists = "mysql:1050";

/** A release that left no marks was cut off where a table exists that would be made. */
export function migrationFailure(error: unknown, engine: Engine): unknown {
  return engine === "mysql" && signOf(error) === tableExists ? cutOff(null) : asFailure(error);
}

function cutOff(name: string | null): Failure {
  const which = name === null ? "An earlier migration" : `The migration ${name}`;
  return unavailable(`${which} of this database was cut off.`, {
    code: "migration_cut_off",
    advice: "Empty the database if it is new, else restore the backup from before; then start again.",
  });
}
