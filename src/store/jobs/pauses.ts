// Paused jobs: those of a name, or all.
import { type Db, insertNew } from "../engine/database.ts";

type Pauses = { all: boolean; names: string[] };

const everything = "*";

/** null is everything. */
export async function pauseJobs(
  db: Db,
  name: string | null,
  { by, now }: { by: string; now: number },
): Promise<void> {
  await insertNew(db, "job_pauses", { name: name ?? everything, paused_at: now, paused_by: by }, ["name"]);
}

export async function resumeJobs(db: Db, name: string | null): Promise<void> {
  await db.write
    .deleteFrom("job_pauses")
    .where("name", "=", name ?? everything)
    .execute();
}

export async function findPauses(db: Db): Promise<Pauses> {
  const rows = await db.read.selectFrom("job_pauses").select("name").orderBy("name").execute();
  const names = rows.map(({ name }) => name);
  return { all: names.includes(everything), names: names.filter((name) => name !== everything) };
}

/** `name` is null when everything is paused; `by` is null when it is unknown. */
type Pause = { name: string | null; at: number; by: string | null };

export async function listPauses(db: Db): Promise<Pause[]> {
  const rows = await db.read.selectFrom("job_pauses").selectAll().orderBy("name").execute();
  return rows.map(({ name, paused_at, paused_by }) => ({
    name: name === everything ? null : name,
    at: paused_at,
    by: paused_by,
  }));
}
