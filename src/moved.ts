// A database that was left points to the one that the registry moved to, so that a start with the old settings finds
// it. The pointer is a row of the old database, written in the transaction that ended its use: either both happened or
// neither.
import { keyPath, readKey } from "./app-key.ts";
import type { Config } from "./config/config.ts";
import { unavailable } from "./errors.ts";
import { createSecrets, type Secrets } from "./secrets.ts";
import { appliedMigrations, type Database, openDatabase, type OnQuery } from "./store/engine/database.ts";
import type { DatabaseAddress } from "./store/engine/engine.ts";
import { findSetting, removeSetting } from "./store/settings.ts";

type Pointer = { address: DatabaseAddress; at: number };

/** The address has a password. */
export function sealAddress(secrets: Secrets, pointer: Pointer): string {
  return secrets.seal("move", "database", JSON.stringify(pointer));
}

/** The database of the settings, or the one that it moved to. Fails as `unavailable` on one that is being filled. */
export async function openLiveDatabase(
  config: Config,
  onQuery?: OnQuery,
): Promise<{ db: Database; address: DatabaseAddress }> {
  const seen = new Map<string, number>();
  for (let address = config.database; ;) {
    const db = await openDatabase(address, onQuery);
    try {
      const pointer = await pointerOf(config, db);
      const name = JSON.stringify(address);
      const [leftAt, backAt] = [pointer?.at ?? 0, Math.max(0, ...seen.values())];
      if (pointer === null) return { db, address };
      // It moved away and back, and the way back is the later one.
      if (backAt > leftAt) {
        await removeSetting(db, "moved_to");
        return { db, address };
      }
      if (seen.has(name))
        throw unavailable("Two databases say that the registry moved to the other.", {
          code: "moved_in_circles",
        });
      seen.set(name, pointer.at);
      await db.close();
      address = pointer.address;
    } catch (error) {
      await db.close();
      throw error;
    }
  }
}

async function pointerOf(config: Config, db: Database): Promise<Pointer | null> {
  if ((await appliedMigrations(db)).length === 0) return null;
  const sealed = await findSetting(db, "moved_to");
  if (sealed === null) {
    if (!(await findSetting(db, "move_target"))?.startsWith("filling")) return null;
    throw unavailable("This database is the unfinished copy of a move.", {
      code: "move_unfinished",
      advice: "Start with the settings of the database that it is copied from.",
    });
  }
  const key = config.appKey ?? (await readKey(keyPath(config)));
  if (!(key instanceof Uint8Array))
    throw unavailable(
      "The registry moved to another database, and its address cannot be read without the key.",
      {
        code: "key_missing",
      },
    );
  return JSON.parse(createSecrets(key).open("move", "database", sealed)) as Pointer;
}
