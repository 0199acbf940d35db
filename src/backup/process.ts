// Backups and rehearsals run in a process of their own: copying a SQLite database stops the thread that does it.
import type { Config } from "../config/config.ts";
import { unavailable } from "../errors.ts";

type BackupTask = "backup" | "rehearsal";

export type BackupProcess = {
  /** Fails as `unavailable` with the reason of the failure. Aborting the signal ends the process. */
  run(task: BackupTask, signal: AbortSignal): Promise<void>;
};

/** What the process reads from its standard input. Lists of networks stay here: it needs none. */
export type Order = {
  task: BackupTask;
  /** The process that started it. */
  parent: number;
  config: Omit<Config, "appKey">;
  appKey: string | null;
};

/** `command` starts this same program as such a process. */
export function createBackupProcess(config: Config, command: string[]): BackupProcess {
  return {
    async run(task, signal) {
      const { appKey, ...rest } = config;
      const order: Order = {
        task,
        parent: process.pid,
        config: { ...rest, outboundAllow: [], trustedProxies: [] },
        appKey: appKey === null ? null : Buffer.from(appKey).toString("base64"),
      };
      const child = Bun.spawn([...command], {
        env: config.certificates,
        stdin: new Blob([JSON.stringify(order)]),
        stdout: "pipe",
        stderr: "inherit",
      });
      const stop = () => child.kill("SIGKILL");
      signal.addEventListener("abort", stop);
      try {
        const said = await new Response(child.stdout).text();
        if ((await child.exited) !== 0)
          throw unavailable(said.trim() || `The process of the ${task} ended before it was done.`, {
            code: "backup_failed",
          });
      } finally {
        signal.removeEventListener("abort", stop);
      }
    },
  };
}
