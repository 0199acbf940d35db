// A restored registry, until an administrator has said that it is the real one.
import type { App } from "../../app.ts";
import { confirmRestored, findRestored } from "../../store/backup/results.ts";

/** `at` is when it was restored, `to` the moment of the backup. */
export type UnconfirmedRestore = { at: number; to: number };

/** Null for a registry that was not restored, or that was confirmed. */
export async function unconfirmedRestore({ db }: App): Promise<UnconfirmedRestore | null> {
  const found = await findRestored(db);
  return found === null || found.confirmedAt !== null ? null : { at: found.at, to: found.to };
}

/** From now on it checks and repairs webhooks. */
export async function confirmRestore(app: App): Promise<void> {
  await confirmRestored(app.db, app.now());
  app.log.info("restore.confirmed");
}
