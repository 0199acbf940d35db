// A registry with a package and backups of it, in this process.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeRecoveryKey } from "../../src/backup/make-recovery-key.ts";
import { movedInto, restore, type RestoreReport, type RestoreRequest } from "../../src/backup/restore.ts";
import type { TestApp } from "../worlds/process.ts";
import { openWorld } from "../worlds/world.ts";

export type BackupGround = {
  world: TestApp;
  folder: string;
  target: string;
  recoveryKey: string;
  restoreInto(name: string, change?: Partial<RestoreRequest>): Promise<RestoreReport>;
  close(): Promise<void>;
};

/** `acme/blog` 1.0.0 is published; the clock of the registry stands still. */
export async function backupGround(environment: Record<string, string> = {}): Promise<BackupGround> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-backup-"));
  const target = environment["BACKUP_TO"] ?? join(folder, "target");
  const world = await openWorld({ in: "process", environment: { BACKUP_TO: target, ...environment } });
  const acme = await world.organization("acme");
  const mirrored = await world.mirror(acme, "acme/blog", [
    { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
  ]);
  await mirrored.sync();
  const recoveryKey = await makeRecoveryKey(world.app, { replace: false });
  return {
    world,
    folder,
    target,
    recoveryKey,
    restoreInto: (name, change = {}) =>
      restore({
        config: movedInto(world.app.config, join(folder, name)),
        from: target,
        set: null,
        until: null,
        recoveryKey,
        isDryRun: false,
        allowMissing: false,
        now: world.app.now(),
        progress: () => {},
        ...change,
      }),
    async close() {
      await world.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
