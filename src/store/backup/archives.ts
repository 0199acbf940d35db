// The archives that a backup must have.
import { sql } from "kysely";
import type { Db } from "../engine/database.ts";

const pageSize = 2000;

/** The SHA-256 of every archive that is served, in order. */
export async function* listServedArchives(db: Pick<Db, "read">): AsyncGenerator<string> {
  for (let after = ""; ;) {
    const rows = await db.read
      .selectFrom("dists")
      .select("sha256")
      .distinct()
      .where("deleted_at", "is", null)
      .where(sql.ref("sha256"), ">", after)
      .orderBy("sha256")
      .limit(pageSize)
      .execute();
    for (const { sha256 } of rows) yield sha256;
    after = rows.at(-1)?.sha256 ?? "";
    if (rows.length < pageSize) return;
  }
}
