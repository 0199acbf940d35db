// What the old database knows of a move: that it runs, and at the end where the registry went.
import type { App } from "../../app.ts";
import { stopCapture } from "../../store/move/capture.ts";
import { listMovedTables } from "../../store/move/tables.ts";
import { findSetting, removeSetting } from "../../store/settings.ts";

export type MoveState = "copying" | "catching up" | "cutting over" | "moved";

/** The latest state of a move, as the old database knows it. */
export type MoveRecord = { state: MoveState; at: number };

/** The move that runs, or was cut off; null when there is none. */
export async function findMove({ db }: App): Promise<MoveRecord | null> {
  const text = await findSetting(db, "move");
  return text === null ? null : (JSON.parse(text) as MoveRecord);
}

const lookEveryMs = 500;

/** `happened` resolves once the registry has moved away from the database of this app. */
export function untilMoved(app: App): { happened: Promise<void>; stop(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setInterval(() => {
    void findSetting(app.db, "moved_to").then(
      (to) => {
        if (to === null) return;
        clearInterval(timer);
        app.log.info("move.followed");
        resolve();
      },
      // The next look is half a second away.
      () => {},
    );
  }, lookEveryMs);
  timer.unref();
  return { happened: promise, stop: () => clearInterval(timer) };
}

/** Ends a move that was cut off: the old database stays in use, without triggers. */
export async function cancelMove(app: App): Promise<void> {
  const tables = await listMovedTables(app.config.dataDir);
  await app.db.transaction(async (db) => {
    await stopCapture(db, tables);
    await removeSetting(db, "move");
  });
}

const deadAfterMs = 3_600_000;

/** A move that was killed would note every change forever. */
export async function forgetDeadMove(app: App): Promise<void> {
  const found = await findMove(app);
  if (found !== null && found.at < app.now() - deadAfterMs) await cancelMove(app);
}
