// Facts about this installation, by name.
import { insertNew, upsert, type Db } from "./engine/database.ts";

type SettingName =
  | "app_url"
  | "key_fingerprint"
  | "document_format"
  | "scrub"
  | "freshness_watch"
  | "queue_wait"
  /** Where the registry moved to; see moved.ts. */
  | "moved_to"
  /** `filling` or `moved`, and the fingerprint of the installation whose copy this is. */
  | "move_target"
  /** The move that runs, in the database that is left. */
  | "move"
  /** What the last run of the doctor found. */
  | "doctor"
  | "newest_version"
  /** JSON: what the renewal of the certificate has tried and found. */
  | "certificate_renewal"
  /** The public half of the recovery key, base64. */
  | "recovery_key"
  /** What the last backup and the last rehearsal were, as JSON. */
  | "backup"
  | "rehearsal"
  /** That this is a restored registry, as JSON. */
  | "restored"
  /** The id of the latest token for an organization's first install. */
  | `first_install_token ${string}`;

export async function findSetting(db: Db, name: SettingName): Promise<string | null> {
  const query = db.read.selectFrom("settings").select("value").where("name", "=", name);
  return (await query.executeTakeFirst())?.value ?? null;
}

export async function setSetting(db: Db, name: SettingName, value: string): Promise<void> {
  await upsert(db, "settings", { name, value }, { key: ["name"], update: ["value"] });
}

export async function removeSetting(db: Db, name: SettingName): Promise<void> {
  await db.write.deleteFrom("settings").where("name", "=", name).execute();
}

/** Changes the value if it is `from` (null for none): of two callers at once, one gets true. */
export async function replaceSetting(
  db: Db,
  name: SettingName,
  { from, to }: { from: string | null; to: string },
): Promise<boolean> {
  if (from === null) return (await insertNew(db, "settings", { name, value: to }, ["name"])) === 1;
  const query = db.write.updateTable("settings").set({ value: to });
  const result = await query.where("name", "=", name).where("value", "=", from).executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}
