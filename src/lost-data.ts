// A data directory that has lost its database must not look new: a server would serve an empty registry and print a link
// that creates the first account.
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { hasNobody, keyPath, readKey } from "./app-key.ts";
import type { Config } from "./config/config.ts";
import { notFound, unavailable } from "./errors.ts";
import type { Storage } from "./storage/storage.ts";
import { appliedMigrations, type Database } from "./store/engine/database.ts";
import { findSetting } from "./store/settings.ts";

type Place = { config: Config; storage: Storage; mayMake: boolean };

/**
 * Before SQLite would make the file. Fails as `unavailable` when the data directory shows that there was one, and as
 * `notFound` when there was none and none may be made.
 */
export async function expectDatabaseFile({ config, storage, mayMake }: Place): Promise<void> {
  if (config.database.engine !== "sqlite") return;
  const { path } = config.database;
  const size = sizeOf(path);
  if (size > 0) return;
  const rest = await restIn({ config, storage });
  // If the whole directory is missing, opening the database reports it.
  if (rest !== null && !existsSync(dirname(path))) return;
  if (rest !== null) throw lost(config, `The database ${path} is ${size === 0 ? "empty" : "missing"}`, rest);
  if (!mayMake) throw noDatabase(`There is no database at ${path}.`);
}

/** The same for a database that is there: it carries the fingerprint of its key, or is new. */
export async function expectFingerprint(db: Database, { config, storage, mayMake }: Place): Promise<void> {
  const isMade = (await appliedMigrations(db)).length > 0;
  const fingerprint = isMade ? await findSetting(db, "key_fingerprint") : null;
  const rest = fingerprint === null || (await hasNobody(db)) ? await restIn({ config, storage }) : null;
  const place = config.database.engine === "sqlite" ? ` ${config.database.path}` : "";
  // A key alone is what a registry has whose first account is not made yet.
  const isLost = rest !== null && (rest.archives || (fingerprint === null && rest.key));
  if (isLost) throw lost(config, `The database${place} is empty`, rest);
  if (!isMade && !mayMake) throw noDatabase(`The database${place} is empty.`);
}

type Rest = { key: boolean; archives: boolean; log: boolean };

/** A trace of an installation besides its database; null when there is none. */
async function restIn({ config, storage }: Pick<Place, "config" | "storage">): Promise<Rest | null> {
  const key = (await readKey(keyPath(config))) instanceof Uint8Array;
  const archives = await hasAny(storage);
  const { database } = config;
  const log = database.engine === "sqlite" && sizeOf(`${database.path}-wal`) > 0;
  return key || archives || log ? { key, archives, log } : null;
}

/** A bucket that does not answer is no evidence. */
async function hasAny(storage: Storage): Promise<boolean> {
  try {
    for await (const _ of storage.list()) return true;
  } catch {}
  return false;
}

/** -1 when missing. Anything that is not a readable file counts as full: opening it reports why. */
function sizeOf(path: string): number {
  try {
    const found = statSync(path);
    return found.isFile() ? found.size : Infinity;
  } catch (error) {
    return /^(ENOENT|ENOTDIR)$/.test((error as NodeJS.ErrnoException).code ?? "") ? -1 : Infinity;
  }
}

function lost({ dataDir }: Config, sentence: string, rest: Rest) {
  const found = [
    rest.key ? `its key is in ${dataDir}` : "",
    rest.archives ? "its archives are stored" : "",
    rest.log ? "its write-ahead log is there" : "",
  ].filter(Boolean);
  return unavailable(`${sentence}, but ${found.join(", and ")}.`, {
    code: "database_lost",
    advice:
      "Nothing was created. Check that every volume is mounted and the path is right, or restore the last backup. " +
      "For a new registry set DATA_DIR to an empty folder.",
  });
}

function noDatabase(sentence: string) {
  return notFound(sentence, { code: "no_database", remedy: { do: "choose-data-folder" } });
}
