// The processes that run jobs, with their last heartbeat.
import { type Db, upsert } from "../engine/database.ts";
import type { WorkerRow } from "../schema.ts";

export type { WorkerRow };

/** A worker without a heartbeat for this long counts as dead. */
export const aliveForMs = 20_000;

/** What a slot runs now, and since when; `payload` is JSON. */
export type Slot = {
  job: { id: string; name: string; payload: string; since: number } | null;
  doneThisHour: number;
};

export function slotsOf({ slots }: WorkerRow): Slot[] {
  return JSON.parse(slots ?? "[]") as Slot[];
}

/** Also adds the worker that is not there, or no longer. */
export async function markWorkerSeen(db: Db, worker: WorkerRow): Promise<void> {
  const update = ["seen_at", "memory_bytes", "places", "slots"] as const;
  await upsert(db, "workers", worker, { key: ["id"], update: [...update] });
}

export function listWorkers(db: Db): Promise<WorkerRow[]> {
  return db.read.selectFrom("workers").selectAll().execute();
}

export async function removeWorkers(db: Db, ids: string[]): Promise<void> {
  if (ids.length > 0) await db.write.deleteFrom("workers").where("id", "in", ids).execute();
}
