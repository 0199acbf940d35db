// Every migration by its name, and Kysely's runner of them.
import { type Kysely, sql } from "kysely";
import type { Migrator } from "kysely/migration";
import { unavailable } from "../../errors.ts";
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
  const made = Object.entries(migrations).map(([name, migration]) => [name, migration(types)]);
  const { Migrator } = await import("kysely/migration");
  const provider = { getMigrations: async () => Object.fromEntries(made) };
  return new Migrator({ db: db.write, provider, migrationTableName: migrationTable });
}

async function serverVersion(db: Connections): Promise<string> {
  if (db.engine === "sqlite") return "";
  const { rows } = await sql<{ version: string }>`select version() as version`.execute(db.read);
  return rows[0]?.version ?? "";
}

/** MySQL cannot roll half a migration back; run again, it then finds tables that exist already. */
export function migrationFailure(error: unknown, engine: Engine): unknown {
  if (engine !== "mysql" || signOf(error) !== "mysql:1050") return asFailure(error);
  return unavailable("An earlier migration of this database was cut off.", {
    code: "migration_cut_off",
    advice: "Empty the database if it is new, else restore the backup from before; then start again.",
  });
}
