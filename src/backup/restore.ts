// Restores a set into an empty data directory and an empty database. All is fetched and checked beside its final place
// first, so that a failure leaves nothing behind.
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createStorage } from "../app.ts";
import { keyPath, writeKey } from "../app-key.ts";
import type { Config } from "../config/config.ts";
import { conflict, unavailable } from "../errors.ts";
import { markRestored } from "../store/backup/after-restore.ts";
import { listServedArchives } from "../store/backup/archives.ts";
import { copyRows, countRows } from "../store/rows/rows.ts";
import { refuseUnsound } from "../store/backup/sqlite-copy.ts";
import { listTables } from "../store/rows/tables.ts";
import { appliedMigrations, migrate, openDatabase, unknownMigrations } from "../store/engine/database.ts";
import { fetchArchive, fetchDatabase, openSet, type Opened } from "./fetch.ts";
import type { Progress } from "./make.ts";
import { openTarget } from "./open-target.ts";
import { newestSet, readSet, type SetOfBackup } from "./sets.ts";

export type RestoreRequest = {
  /** Of the installation that is to be: its data directory and its database are empty. */
  config: Config;
  from: string;
  /** The id of a set; null for the newest one of `until` or before. */
  set: string | null;
  until: number | null;
  recoveryKey: string | null;
  /** Does all but keep it. */
  isDryRun: boolean;
  /** Goes on without archives that the target does not have. */
  allowMissing: boolean;
  now: number;
  progress: Progress;
};

export type RestoreReport = {
  set: SetOfBackup;
  rows: number;
  archives: number;
  /** SHA-256 of archives that neither the backup nor the target had. */
  missing: string[];
  /** Migrations that the set did not have. */
  migrated: string[];
  kept: boolean;
};

export async function restore(request: RestoreRequest): Promise<RestoreReport> {
  const { config, isDryRun } = request;
  if (!isDryRun) await expectEmpty(config);
  const target = openTarget({ ...config.backup, to: request.from });
  const set =
    request.set === null
      ? await newestSet(target, request.until ?? Infinity)
      : await readSet(target, request.set);
  refuseNewer(set);
  const opened = await openSet(target, set, request);
  if (!isDryRun) await mkdir(config.dataDir, { recursive: true, mode: 0o700 });
  const staging = isDryRun
    ? await mkdtemp(join(tmpdir(), "pricore-restore-"))
    : await mkdtemp(join(config.dataDir, "restoring-"));
  try {
    const found = await stage(request, opened, staging);
    if (!isDryRun) await keep(config, opened, staging);
    return { set, ...found, kept: !isDryRun };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** A file with settings may be there already. */
async function expectEmpty({ dataDir, database }: Config): Promise<void> {
  const entries = (await readdir(dataDir).catch(() => [])).filter(
    (name) => ![".env", "lost+found"].includes(name),
  );
  if (entries.length > 0)
    throw conflict(`${dataDir} is not empty, so nothing was restored.`, {
      code: "not_empty",
      advice: "Choose an empty folder.",
    });
  if (database.engine === "sqlite") return;
  const db = await openDatabase(database);
  try {
    if ((await appliedMigrations(db)).length > 0)
      throw conflict("The database is not empty, so nothing was restored.", {
        code: "not_empty",
        advice: "Create an empty database and name it in DB_URL or DB_DATABASE.",
      });
  } finally {
    await db.close();
  }
}

function refuseNewer({ schema, id, version }: SetOfBackup): void {
  if (unknownMigrations(schema).length === 0) return;
  throw unavailable(`The backup ${id} was made by a newer Pricore, ${version}.`, {
    code: "schema_newer",
    advice: `Restore it with Pricore ${version} or newer.`,
  });
}

const stagedDatabase = (staging: string) => join(staging, "database.sqlite");

async function stage(request: RestoreRequest, opened: Opened, staging: string) {
  const { progress } = request;
  progress("Fetching the database");
  const path = stagedDatabase(staging);
  await fetchDatabase(opened, path);
  refuseUnsound(path);
  const db = await openDatabase({ engine: "sqlite", path });
  try {
    const counts = db.sqlite ? await countRows(db, listTables(db.sqlite)) : {};
    expectCounts(counts, opened);
    const shas = await Array.fromAsync(listServedArchives(db));
    const fetched = await fetchArchives(request, { opened, staging, shas });
    const migrated = await migrate(db);
    await markRestored(db, { at: request.now, to: opened.set.madeAt });
    db.writer?.run("pragma wal_checkpoint(truncate)");
    return { ...fetched, migrated, rows: Object.values(counts).reduce((sum, count) => sum + count, 0) };
  } finally {
    await db.close();
  }
}

function expectCounts(counts: Record<string, number>, { contents, set }: Opened): void {
  for (const [table, count] of Object.entries(contents.counts))
    if (counts[table] !== count)
      throw unavailable(`The backup ${set.id} has ${counts[table] ?? 0} of ${count} rows of ${table}.`, {
        code: "backup_damaged",
      });
}

type Staged = { opened: Opened; staging: string; shas: string[] };

/** Into the storage that the new installation is configured for; in a dry run they are only read. */
async function fetchArchives(request: RestoreRequest, { opened, staging, shas }: Staged) {
  const { target, vault, contents } = opened;
  const stored = new Set<string>();
  for await (const { name } of target.list("blobs/")) stored.add(name);
  const missing = shas.filter((sha256) => !stored.has(vault.nameOf(sha256)));
  const lost = missing.filter((sha256) => !contents.absent.includes(sha256));
  if (lost.length > 0 && !request.allowMissing) throw archivesMissing(lost);
  await mkdir(join(staging, "dists"), { mode: 0o700 });
  const storage = createStorage({ ...request.config, dataDir: staging });
  const path = join(staging, "archive");
  let archives = 0;
  for (const sha256 of shas) {
    if (missing.includes(sha256)) continue;
    if (!(await fetchArchive(opened, sha256, path))) throw archivesMissing([sha256]);
    if (!request.isDryRun) await storage.put(sha256, path);
    if (++archives % 20 === 0) request.progress(`Archives: ${archives} of ${shas.length}`);
  }
  return { archives, missing };
}

const namedAtMost = 10;

function archivesMissing(shas: string[]) {
  const names = shas.slice(0, namedAtMost).join(", ");
  const more = shas.length > namedAtMost ? ` and ${shas.length - namedAtMost} more` : "";
  return unavailable(`The backup has lost archives: ${names}${more}.`, {
    code: "backup_incomplete",
    advice: "They can be left out; Pricore then makes them again from git when somebody installs them.",
    remedy: { do: "allow-missing-archives" },
  });
}

/** The database comes last: without it a server refuses to start. */
async function keep(config: Config, { key }: Opened, staging: string): Promise<void> {
  const { dataDir, database, storage } = config;
  if (config.appKey === null) writeKey(keyPath(config), key);
  if (storage.kind === "local") await rename(join(staging, "dists"), join(dataDir, "dists"));
  if (database.engine === "sqlite") return rename(stagedDatabase(staging), database.path);
  const from = await openDatabase({ engine: "sqlite", path: stagedDatabase(staging) });
  const to = await openDatabase(database);
  try {
    await migrate(to);
    const tables = from.sqlite ? listTables(from.sqlite) : [];
    await to.transaction((open) => copyRows(from, open, tables));
    const [before, after] = [await countRows(from, tables), await countRows(to, tables)];
    for (const { name } of tables)
      if (before[name] !== after[name])
        throw unavailable(`The new database has ${after[name]} of ${before[name]} rows of ${name}.`, {
          code: "restore_incomplete",
        });
  } finally {
    await from.close();
    await to.close();
  }
}

/** Where the database of a data directory is, if it is a file in it. */
export function movedInto(config: Config, dataDir: string): Config {
  const { database } = config;
  if (database.engine !== "sqlite") return { ...config, dataDir };
  return { ...config, dataDir, database: { engine: "sqlite", path: join(dataDir, basename(database.path)) } };
}
