// Which processes work the queue now. Each sends a heartbeat every few seconds; for processes of this host the process
// table also tells when they have ended.
import { readlinkSync } from "node:fs";
import { hostname } from "node:os";
import type { Db } from "../store/engine/database.ts";
import type { WorkerSize } from "./scaling.ts";
import { aliveForMs, listWorkers, markWorkerSeen, type WorkerRow } from "../store/jobs/workers.ts";

export const heartbeatEveryMs = 5000;
const forgottenAfterMs = 3_600_000;

export function newWorker(now: number, { slots: places, min, max }: WorkerSize): WorkerRow {
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

/** Writes the heartbeat; answers the ids of workers that are gone. Remove them once their jobs are recovered. */
export async function sendHeartbeat(db: Db, worker: WorkerRow): Promise<string[]> {
  await markWorkerSeen(db, worker);
  const gone = (await listWorkers(db)).filter(
    (each) => each.id !== worker.id && (hasEnded(each) || each.seen_at < worker.seen_at - forgottenAfterMs),
  );
  return gone.map(({ id }) => id);
}

export async function isAnyoneAlive(db: Db, now: number): Promise<boolean> {
  return (await listWorkers(db)).some((each) => each.seen_at > now - aliveForMs && !hasEnded(each));
}

/** Process ids are comparable within it: two containers may share a host name and still have separate process ids. */
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
