// Writes that accompany reading, such as when a page was visited.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";

/** Ignores a failed write: on a full disk, or a read-only database, the page still comes. */
export async function ifWritable({ log }: App, note: () => Promise<unknown>): Promise<void> {
  try {
    await note();
  } catch (error) {
    log.warn("visit.not_written", { reason: messageOf(error) });
  }
}
