// The encryption key: from APP_KEY, or `app.key` in the data directory. It belongs to the database that carries its
// fingerprint: another key is refused, and a lost one is never replaced while anything may be sealed with it.
import { closeSync, fsyncSync, openSync, writeFileSync } from "node:fs";
import { open, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { decodeKey } from "./config/app-key.ts";
import type { Config } from "./config/config.ts";
import { conflict, messageOf, unavailable } from "./errors.ts";
import { createSecrets, type Secrets } from "./secrets.ts";
import type { Database, Db } from "./store/engine/database.ts";
import { hasOrganizations } from "./store/organizations/organizations.ts";
import { findSetting, replaceSetting } from "./store/settings.ts";
import { hasUsers } from "./store/accounts/users.ts";

export function keyPath({ dataDir }: Config): string {
  return join(dataDir, "app.key");
}

/** Fails as `unavailable` when the key is missing, unreadable or not the one of this database. */
export async function openSecrets(config: Config, db: Database): Promise<Secrets> {
  const path = keyPath(config);
  const known = await findSetting(db, "key_fingerprint");
  const found = config.appKey ?? (await readKey(path)) ?? (await takePrepared(path, known));
  if (found instanceof Uint8Array) return secretsOf(config, db, { key: found, known });
  if (known !== null && !(await isUntouched(db)))
    throw found === "unreadable" ? unreadable(path) : missing(path);
  await makeKey(db, { path, known });
  const made = (await takePrepared(path, await findSetting(db, "key_fingerprint"))) ?? (await readKey(path));
  if (!(made instanceof Uint8Array)) throw missing(path);
  return secretsOf(config, db, { key: made, known: await findSetting(db, "key_fingerprint") });
}

async function secretsOf(
  config: Config,
  db: Database,
  { key, known }: { key: Uint8Array; known: string | null },
): Promise<Secrets> {
  const secrets = createSecrets(key);
  const { fingerprint } = secrets;
  if (known === null && (await replaceSetting(db, "key_fingerprint", { from: null, to: fingerprint })))
    return secrets;
  if (fingerprint === (known ?? (await findSetting(db, "key_fingerprint")))) return secrets;
  throw unavailable("The encryption key does not match this database.", {
    code: "key_mismatch",
    advice: putBack(keyPath(config)),
    remedy: { do: "replace-key" },
  });
}

/** Whether nothing can have been encrypted yet. On a database server another machine may have the key. */
async function isUntouched(db: Database): Promise<boolean> {
  return db.engine === "sqlite" && (await hasNobody(db));
}

/** True before the first account or organization exists. */
export async function hasNobody(db: Database): Promise<boolean> {
  return !(await hasUsers(db)) && !(await hasOrganizations(db));
}

/** For a backup, which holds it sealed. Fails as `unavailable` when it is missing. */
export async function rawKey(config: Config): Promise<Uint8Array> {
  const found = config.appKey ?? (await readKey(keyPath(config)));
  if (found instanceof Uint8Array) return found;
  throw found === "unreadable" ? unreadable(keyPath(config)) : missing(keyPath(config));
}

/** null when there is none. */
export async function readKey(path: string): Promise<Uint8Array | "unreadable" | null> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" || error.code === "ENOTDIR") return null;
    throw unavailable(`${path} cannot be read: ${messageOf(error)}.`, { code: "key_unreadable" });
  });
  return text === null ? null : (decodeKey(text) ?? "unreadable");
}

/**
 * Replaces the key that the database knows by the present key or a new one. `forget` runs in the same transaction and
 * drops what only the old key decrypts. Fails as `conflict` while the right key is present.
 */
export async function replaceKey<Result>(
  config: Config,
  db: Database,
  forget: (db: Db, secrets: Secrets) => Promise<Result>,
): Promise<Result> {
  const path = keyPath(config);
  const known = await findSetting(db, "key_fingerprint");
  const found = config.appKey ?? (await readKey(path)) ?? (await takePrepared(path, known));
  const kept = found instanceof Uint8Array ? found : null;
  const key = kept ?? newKey();
  const secrets = createSecrets(key);
  if (secrets.fingerprint === known)
    throw conflict("The current key works for this database, so it was not replaced.", { code: "key_right" });
  const result = await db.transaction(async (open) => {
    const forgotten = await forget(open, secrets);
    const change = { from: known, to: secrets.fingerprint };
    if (!(await replaceSetting(open, "key_fingerprint", change)))
      throw conflict("Another process has replaced the key.", { code: "key_replaced" });
    if (kept === null) writePrepared(path, key);
    return forgotten;
  });
  if (kept === null) await takePrepared(path, secrets.fingerprint);
  return result;
}

function newKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(32));
}

/**
 * The file is written under a temporary name before the database commits the fingerprint, and renamed after it. So a
 * key under its final name always has a database, and the next start picks up a key that a kill left behind.
 */
async function makeKey(db: Database, { path, known }: { path: string; known: string | null }): Promise<void> {
  const key = newKey();
  const { fingerprint } = createSecrets(key);
  await db.transaction(async (open) => {
    // Of two processes that start at once, one creates the key and the other uses it.
    if (await replaceSetting(open, "key_fingerprint", { from: known, to: fingerprint }))
      writePrepared(path, key);
  });
}

/** Writes the key of a restored registry under its final name; there must be none. */
export function writeKey(path: string, key: Uint8Array): void {
  const file = openSync(path, "wx", 0o600);
  try {
    writeFileSync(file, keyText(key));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function keyText(key: Uint8Array): string {
  return `base64:${Buffer.from(key).toString("base64")}\n`;
}

function writePrepared(path: string, key: Uint8Array): void {
  try {
    const file = openSync(prepared(path), "w", 0o600);
    try {
      writeFileSync(file, keyText(key));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

/** Renames a key that the database knows to its final name; null when there is none. */
async function takePrepared(path: string, known: string | null): Promise<Uint8Array | null> {
  const key = await readKey(prepared(path)).catch(() => null);
  if (!(key instanceof Uint8Array) || createSecrets(key).fingerprint !== known) return null;
  try {
    await rename(prepared(path), path);
    const folder = await open(dirname(path), "r");
    await folder.sync();
    await folder.close();
  } catch (error) {
    // Another process has moved it.
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw cannotWrite(path, error);
  }
  return key;
}

function prepared(path: string): string {
  return `${path}.new`;
}

function putBack(path: string): string {
  return `Put the key that the database was created with into APP_KEY or ${path}. No new key was created.`;
}

function missing(path: string) {
  return unavailable(`The encryption key ${path} is missing.`, {
    code: "key_missing",
    advice: putBack(path),
    remedy: { do: "replace-key" },
  });
}

function unreadable(path: string) {
  return unavailable(`${path} is not a key of 32 bytes in base64.`, {
    code: "key_unreadable",
    advice: "Restore it from a backup.",
    remedy: { do: "replace-key" },
  });
}

function cannotWrite(path: string, error: unknown) {
  return unavailable(`${path} cannot be written: ${messageOf(error)}.`, { code: "data_dir" });
}
