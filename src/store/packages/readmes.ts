import { insertNew, type Db } from "../engine/database.ts";

/** Stores rendered HTML under its hash, once. */
export async function addReadme(db: Db, readme: { hash: string; html: string }): Promise<void> {
  await insertNew(db, "readmes", readme, ["hash"]);
}
