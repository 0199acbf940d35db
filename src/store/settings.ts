// Facts about this installation, by name.
import { upsert, type Db } from "./database.ts";

export type SettingName =
  "app_url" | "key_fingerprint" | "document_format" | "scrub" | "freshness_watch" | "queue_wait";

export async function findSetting(db: Db, name: SettingName): Promise<string | null> {
  const query = db.read.selectFrom("settings").select("value").where("name", "=", name);
  return (await query.executeTakeFirst())?.value ?? null;
}

export async function setSetting(db: Db, name: SettingName, value: string): Promise<void> {
  await upsert(db, "settings", { name, value }, { key: ["name"], update: ["value"] });
}
