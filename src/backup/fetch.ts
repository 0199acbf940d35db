// Gets the parts of a set back from its target, and checks each against its hash.
import { open } from "node:fs/promises";
import type { Config } from "../config/config.ts";
import { rawKey } from "../app-key.ts";
import { invalid, unavailable } from "../errors.ts";
import { createSecrets } from "../secrets.ts";
import { openWith, parseRecoveryKey } from "./recovery-key.ts";
import type { Contents, SetOfBackup } from "./sets.ts";
import type { Target } from "./target.ts";
import { createVault, openBytes, type Vault } from "./vault.ts";

export type Opened = {
  target: Target;
  set: SetOfBackup;
  vault: Vault;
  /** The encryption key of the installation. */
  key: Uint8Array;
  contents: Contents;
};

/**
 * Opens a set with the recovery key, or with the installation's own key where it is at hand. Fails before anything is
 * written when neither is the right one.
 */
export async function openSet(
  target: Target,
  set: SetOfBackup,
  { config, recoveryKey }: { config: Config; recoveryKey: string | null },
): Promise<Opened> {
  const key =
    set.sealedKey !== null && recoveryKey !== null
      ? openWith(parseRecoveryKey(recoveryKey), "app.key", set.sealedKey)
      : await ownKey(config, set);
  if (createSecrets(key).fingerprint !== set.keyFingerprint) throw wrongKey(set);
  const vault = createVault(set.sealedKey === null ? null : key);
  const contents = JSON.parse(Buffer.from(await fetchBytes({ target, vault }, set.contents)).toString());
  return { target, set, vault, key, contents: contents as Contents };
}

async function ownKey(config: Config, set: SetOfBackup): Promise<Uint8Array> {
  const key = await rawKey(config).catch(() => null);
  if (key !== null && createSecrets(key).fingerprint === set.keyFingerprint) return key;
  throw wrongKey(set);
}

function wrongKey({ sealedKey, id }: SetOfBackup) {
  if (sealedKey === null)
    return invalid(`The backup ${id} was made without encryption, and so without the key of its registry.`, {
      code: "key_mismatch",
      advice: "Set APP_KEY to the content of the app.key of then.",
    });
  return invalid(`The backup ${id} opens with its recovery key only.`, {
    code: "recovery_key",
    remedy: { do: "give-recovery-key" },
  });
}

type Place = { target: Target; vault: Vault };

async function fetchBytes({ target, vault }: Place, sha256: string): Promise<Uint8Array> {
  const blob = await target.get(vault.nameOf(sha256));
  if (blob === null) throw missing(vault.nameOf(sha256));
  return openBytes(vault, sha256, await blob.bytes()).catch((error: unknown) => {
    throw damaged(vault.nameOf(sha256), error);
  });
}

export async function fetchDatabase({ contents, ...place }: Opened, path: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    for (const { sha256 } of contents.blocks) await file.write(await fetchBytes(place, sha256));
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes the archive to `path`; false when the target does not have it. */
export async function fetchArchive({ target, vault }: Place, sha256: string, path: string): Promise<boolean> {
  const name = vault.nameOf(sha256);
  const blob = await target.get(name);
  if (blob === null) return false;
  const file = await open(path, "w", 0o600);
  try {
    for await (const chunk of vault.open(sha256, blob.stream())) await file.write(chunk);
    await file.sync();
    return true;
  } catch (error) {
    throw damaged(name, error);
  } finally {
    await file.close();
  }
}

function missing(name: string) {
  return unavailable(`A part of the backup is missing: ${name}.`, { code: "backup_incomplete" });
}

function damaged(name: string, cause: unknown) {
  const failure = unavailable(`A part of the backup is damaged: ${name}.`, { code: "backup_damaged" });
  failure.cause = cause;
  return failure;
}
