// Archives that no row refers to, because a sync was cut off after storing them.
import type { App } from "../../app.ts";
import { listReferredArchives } from "../../store/packages/dists.ts";

/** A running sync stores the archive before its row; no sync runs that long. */
const graceMs = 3_600_000;
const batch = 500;

/** Removes stored archives that no row refers to. Returns how many. */
export async function sweepArchives(app: App): Promise<number> {
  let swept = 0;
  let old: string[] = [];
  const sweep = async () => {
    const referred = await listReferredArchives(app.db, old);
    for (const sha256 of old) {
      if (referred.has(sha256)) continue;
      await app.storage.remove(sha256);
      swept += 1;
    }
    old = [];
  };
  for await (const { sha256, storedAt } of app.storage.list()) {
    if (app.now() - storedAt < graceMs) continue;
    old.push(sha256);
    if (old.length >= batch) await sweep();
  }
  await sweep();
  if (swept > 0) app.log.info("archives.swept", { count: swept });
  return swept;
}
