// Which processes work the queue now. Each makes itself heard every few seconds; of this host's it is also known
// when they have ended.
import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Db } from "../store/engine/database.ts";
import type { WorkerSize } from "./scaling.ts";
import { aliveForMs, listWorkers, markWorkerSeen, type WorkerRow } from "../store/jobs/workers.ts";

export const seenEveryMs = 5000;
const forgottenAfterMs = 3_600_000;

export function newWorker(now: number, { places, min, max }: WorkerSize): WorkerRow {
  return {
    id: Bun.randomUUIDv7(),
    host: thisHost(),
    pid: process.pid,
    started_at: now,
    seen_at: now,
    memory_bytes: process.memoryUsage.rss(),
    places,
    min_places: min,
    max_places: max,
    slots: null,
  };
}

/** Makes the worker heard and answers the ids of those that are gone; remove them when their jobs are cared for. */
export async function startWorkerHeartbeat(db: Db, worker: WorkerRow): Promise<string[]> {
  await markWorkerSeen(db, worker);
  const gone = (await listWorkers(db)).filter(
    (each) => each.id !== worker.id && (hasEnded(each) || each.seen_at < worker.seen_at - forgottenAfterMs),
  );
  return gone.map(({ id }) => id);
}

export async function isAnyoneAlive(db: Db, now: number): Promise<boolean> {
  return (await listWorkers(db)).some((each) => each.seen_at > now - aliveForMs && !hasEnded(each));
}

/** Where process ids can be compared: two containers may bear one name and still number their processes apart. */
function thisHost(): string {
  try {
    return `${hostname()} ${readlinkSync("/proc/self/ns/pid")}`;
  } catch {
    return hostname();
  }
}

function hasEnded({ host, pid }: WorkerRow): boolean {
  if (host !== thisHost()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "ESRCH";
  }
}
