// Checks that a SQLite file is whole before anything is served from it.
import { unavailable } from "../../errors.ts";
import type { Db } from "./database.ts";
import { signOf } from "./errors.ts";

/**
 * Reads every page, some half a second for a gigabyte of memory. Fails as `unavailable` and changes nothing: what a
 * repair leaves may be less than the last backup has. Database servers check their own files.
 */
export function refuseDamaged(db: Pick<Db, "sqlite">, path: string): void {
  const found = damageOf(db);
  if (found === null) return;
  throw unavailable(`The database ${path} is damaged (${found}). It was left as it is.`, {
    code: "database_damaged",
    advice: "Keep a copy of it, check the disk and restore the last backup.",
  });
}

/** The damage as text; null when the file is whole. */
export function damageOf({ sqlite }: Pick<Db, "sqlite">): string | null {
  if (!sqlite) return null;
  const found = check(() => sqlite.query<{ quick_check: string }, []>("pragma quick_check(1)").get());
  return found === "ok" ? null : found;
}

function check(check: () => { quick_check: string } | null): string {
  try {
    return check()?.quick_check.replace(/\s+/g, " ").slice(0, 200) ?? "no answer";
  } catch (error) {
    if (signOf(error).startsWith("SQLITE_")) return signOf(error);
    throw error;
  }
}
