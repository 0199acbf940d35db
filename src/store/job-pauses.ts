// What a person has paused: jobs of a name, or all.
import { type Db, insertNew } from "./database.ts";

export type Pauses = { all: boolean; names: string[] };

const everything = "*";

/** null is everything. */
export async function pauseJobs(db: Db, name: string | null, now: number): Promise<void> {
  await insertNew(db, "job_pauses", { name: name ?? everything, paused_at: now }, ["name"]);
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
