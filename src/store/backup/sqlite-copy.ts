// A whole copy of a SQLite database that is in use, and what is in a copy.
import { Database } from "bun:sqlite";
import { chmodSync } from "node:fs";
import { unavailable } from "../../errors.ts";

/**
 * Copies without stopping writers. It blocks this thread for seconds, so that it belongs in a process of its own; the
 * file itself is never opened, because closing it again would drop the locks of this process.
 */
export function copySqlite(path: string, into: string): void {
  const database = new Database(path, { readonly: true });
  try {
    database.run("pragma busy_timeout = 10000");
    database.run("vacuum into ?", [into]);
    chmodSync(into, 0o600);
  } finally {
    database.close(true);
  }
}

/** Fails as `unavailable` when a page of it is damaged. */
export function refuseUnsound(path: string): void {
  const database = new Database(path, { readwrite: true, create: false });
  try {
    const found = database.query<{ integrity_check: string }, []>("pragma integrity_check(1)").get();
    if (found?.integrity_check === "ok") return;
    throw unavailable(`The database in the backup is damaged: ${found?.integrity_check ?? "no answer"}.`, {
      code: "backup_damaged",
    });
  } finally {
    database.close(true);
  }
}
