// What is noted while somebody reads: that a page was looked at, and when.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";

/** Reading needs no writing: on a full disk, or a database that can only be read, the page comes without the note. */
export async function ifWritable({ log }: App, note: () => Promise<unknown>): Promise<void> {
  try {
    await note();
  } catch (error) {
    log.warn("visit.not_written", { reason: messageOf(error) });
  }
}
