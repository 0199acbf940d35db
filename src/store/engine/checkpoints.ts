// Moving what the write-ahead log holds into the database file, so that a log that is lost or damaged takes little
// with it. One server does it and nobody else: between its checkpoints the file itself stands still.
import { statSync } from "node:fs";
import type { Database } from "./database.ts";

export type Checkpoints = {
  /** With a last one. */
  stop(): void;
};

const lookEveryMs = 1000;
const idleAfterMs = 1000;
/** Also while it is never idle. */
const pagesInLog = 1000;

/** Does one at once, then whenever nothing was written for a second, by this process or another. */
export function startCheckpoints({ writer }: Database): Checkpoints {
  if (!writer) return { stop() {} };
  writer.run(`pragma wal_autocheckpoint = ${pagesInLog}`);
  const log = `${writer.filename}-wal`;
  const checkpoint = () => {
    // A transaction waits for something between two statements; the next look comes in a second.
    if (writer.inTransaction) return;
    try {
      writer.query("pragma wal_checkpoint(truncate)").get();
    } catch {
      // A full disk keeps the log as it is. Whoever writes is told.
    }
  };
  checkpoint();
  const timer = setInterval(() => {
    const found = statSync(log, { throwIfNoEntry: false });
    if (found && found.size > 0 && Date.now() - found.mtimeMs >= idleAfterMs) checkpoint();
  }, lookEveryMs);
  timer.unref();
  return {
    stop() {
      clearInterval(timer);
      checkpoint();
    },
  };
}
