// Checkpoints: moving the write-ahead log into the database file, so that a lost or damaged log takes little
// with it. Only the one server makes them: between its checkpoints the file itself does not change.
import { statSync } from "node:fs";
import type { Database } from "./database.ts";

type Checkpoints = {
  /** Stops with a last checkpoint, after the transaction that is open. */
  stop(): Promise<void>;
};

const checkEveryMs = 1000;
const idleAfterMs = 1000;
/** The longest that the last checkpoint waits for an open transaction. */
const longestWaitMs = 2000;
/** The longest time without a checkpoint on a busy database. */
const pagesInLog = 1000;

/** Makes a checkpoint at once, then whenever no process has written for a second. */
export function startCheckpoints({ writer }: Database): Checkpoints {
  if (!writer) return { async stop() {} };
  writer.run(`pragma wal_autocheckpoint = ${pagesInLog}`);
  const log = `${writer.filename}-wal`;
  const checkpoint = () => {
    // A transaction waits between two statements; try again in a second.
    if (writer.inTransaction) return;
    try {
      writer.query("pragma wal_checkpoint(truncate)").get();
    } catch {
      // A full disk leaves the log as it is; writers get the error.
    }
  };
  checkpoint();
  const timer = setInterval(() => {
    const found = statSync(log, { throwIfNoEntry: false });
    if (found && found.size > 0 && Date.now() - found.mtimeMs >= idleAfterMs) checkpoint();
  }, checkEveryMs);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      const deadline = performance.now() + longestWaitMs;
      while (writer.inTransaction && performance.now() < deadline) await Bun.sleep(5);
      checkpoint();
    },
  };
}
