// Makes a backup: the database first, then the archives that it names, and the set last.
import { mkdtemp, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { version } from "../../package.json" with { type: "json" };
import type { App } from "../app.ts";
import { rawKey } from "../app-key.ts";
import { conflict, messageOf } from "../errors.ts";
import { listServedArchives } from "../store/backup/archives.ts";
import { copyDatabase } from "../store/backup/copy.ts";
import { countRows } from "../store/rows/rows.ts";
import { listTables } from "../store/rows/tables.ts";
import { appliedMigrations, openDatabase } from "../store/engine/database.ts";
import { findSetting } from "../store/settings.ts";
import { openTarget } from "./open-target.ts";
import { sealFor } from "./recovery-key.ts";
import { idOf, writeSet, type Block, type Contents, type SetOfBackup } from "./sets.ts";
import type { Target } from "./target.ts";
import { createVault, hashOf, sealBytes, type Vault } from "./vault.ts";

export type Progress = (line: string) => void;

export type Made = { set: SetOfBackup; target: string; newBytes: number; tookMs: number };

type Run = {
  app: App;
  target: Target;
  vault: Vault;
  /** The blobs of the target, and of this run. */
  known: Set<string>;
  /** The blobs of this set. */
  needed: Set<string>;
  newBytes: number;
  folder: string;
  progress: Progress;
};

/** Fails as `conflict` when the recovery key was never made. */
export async function makeBackup(
  app: App,
  { to, progress = () => {} }: { to?: string | null; progress?: Progress } = {},
): Promise<Made> {
  const { config } = app;
  const started = app.now();
  const target = openTarget({ ...config.backup, to: to ?? config.backup.to });
  const key = await rawKey(config);
  const recoveryKey = await findSetting(app.db, "recovery_key");
  if (config.backup.isEncrypted && recoveryKey === null) throw noRecoveryKey();
  const folder = await mkdtemp(join(config.dataDir, "tmp", "backup-"));
  try {
    const vault = createVault(config.backup.isEncrypted ? key : null);
    const known = new Set<string>();
    for await (const { name } of target.list("blobs/")) known.add(name);
    const run: Run = { app, target, vault, known, needed: new Set(), newBytes: 0, folder, progress };
    const madeAt = app.now();
    const { contents, archives, schema } = await copyParts(run);
    const sealedKey = config.backup.isEncrypted ? sealFor(recoveryKey ?? "", "app.key", key) : null;
    const contentsHash = await putBytes(run, Buffer.from(JSON.stringify(contents)));
    const blobs = [...run.needed];
    const set: SetOfBackup = {
      format: 1,
      id: idOf(madeAt),
      madeAt,
      version,
      schema,
      engine: app.db.engine,
      appUrl: config.appUrl,
      keyFingerprint: app.secrets.fingerprint,
      sealedKey,
      contents: contentsHash,
      archives,
      absent: contents.absent.length,
      databaseBytes: contents.blocks.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0),
      listHash: hashOf(Buffer.from(blobs.join("\n"))),
    };
    await writeSet(target, set, blobs);
    return { set, target: target.label, newBytes: run.newBytes, tookMs: app.now() - started };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyParts(run: Run): Promise<{ contents: Contents; archives: number; schema: string[] }> {
  const path = join(run.folder, "copy.sqlite");
  run.progress("Copying the database");
  await copyDatabase({ db: run.app.db, address: run.app.config.database, into: path });
  const blocks = await putBlocks(run, path);
  const copy = await openDatabase({ engine: "sqlite", path });
  try {
    const counts = copy.sqlite ? await countRows(copy, listTables(copy.sqlite)) : {};
    const absent: string[] = [];
    let archives = 0;
    for await (const sha256 of listServedArchives(copy)) {
      if (await putArchive(run, sha256)) archives++;
      else absent.push(sha256);
      if (archives % 50 === 0) run.progress(`Archives: ${archives}`);
    }
    return { contents: { blocks, counts, absent }, archives, schema: await appliedMigrations(copy) };
  } finally {
    await copy.close();
  }
}

const blockBytes = 1024 * 1024;

/** Blocks of 1 MB: a part of the file that is as before is stored already. */
async function putBlocks(run: Run, path: string): Promise<Block[]> {
  const file = await open(path, "r");
  try {
    const blocks: Block[] = [];
    for (;;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(blockBytes), 0, blockBytes);
      if (bytesRead === 0) return blocks;
      const bytes = buffer.subarray(0, bytesRead);
      blocks.push({ sha256: await putBytes(run, bytes), sizeBytes: bytesRead });
    }
  } finally {
    await file.close();
  }
}

async function putBytes(run: Run, bytes: Uint8Array): Promise<string> {
  const sha256 = hashOf(bytes);
  const name = run.vault.nameOf(sha256);
  run.needed.add(name);
  if (!run.known.has(name)) await put(run, name, await sealBytes(run.vault, bytes));
  return sha256;
}

/** False when the archive is not stored: it was deleted meanwhile, or had been lost before. */
async function putArchive(run: Run, sha256: string): Promise<boolean> {
  const name = run.vault.nameOf(sha256);
  if (!run.known.has(name)) {
    const content = await run.app.storage.get(sha256).catch((error: unknown) => {
      run.app.log.warn("backup.archive_unreadable", { sha256, reason: messageOf(error) });
      return null;
    });
    if (content === null) return false;
    const path = join(run.folder, "archive");
    const file = await open(path, "w", 0o600);
    try {
      for await (const chunk of run.vault.seal(sha256, content.stream())) await file.write(chunk);
    } finally {
      await file.close();
    }
    await put(run, name, Bun.file(path));
  }
  run.needed.add(name);
  return true;
}

async function put(run: Run, name: string, content: Blob): Promise<void> {
  await run.target.put(name, content);
  run.known.add(name);
  run.newBytes += content.size;
}

function noRecoveryKey() {
  return conflict("There is no recovery key yet.", {
    code: "no_recovery_key",
    remedy: { do: "make-recovery-key" },
  });
}
