// This process as other processes see it: alive, with a number of slots and what each of them runs.
import type { Database } from "../store/engine/database.ts";
import { markWorkerSeen, removeWorkers, type WorkerRow } from "../store/jobs/workers.ts";
import { sendHeartbeat, newWorker, heartbeatEveryMs } from "./liveness.ts";
import { createRunCounter, type RunCounter } from "./run-counter.ts";
import { type WorkerSize, scaledTo } from "./scaling.ts";

type PresenceParts = { db: Database; now: () => number; min: number; max: number };

export class Presence {
  readonly runCounter: RunCounter;
  readonly #parts: PresenceParts;
  #row: WorkerRow;
  #size: WorkerSize;

  constructor(parts: PresenceParts) {
    const { now, min, max } = parts;
    this.#parts = parts;
    this.#size = { slots: min, min, max, idleSince: null };
    this.#row = newWorker(now(), this.#size);
    this.runCounter = createRunCounter(now);
  }

  get id(): string {
    return this.#row.id;
  }

  get places(): number {
    return this.#size.slots;
  }

  get isDue(): boolean {
    return Math.abs(this.#parts.now() - this.#row.seen_at) >= heartbeatEveryMs;
  }

  /** Sends a heartbeat and passes the ids of gone workers to `settle`. It counts only once `settle` is done. */
  async announce(settle: (gone: string[]) => Promise<void>): Promise<void> {
    const { db } = this.#parts;
    const row = this.#rowNow();
    const gone = await sendHeartbeat(db, row);
    await settle(gone);
    await removeWorkers(db, gone);
    this.#row = row;
    await this.runCounter.flush(db);
  }

  /** Between two heartbeats, when a slot runs something else than was published last. */
  async publishSlots(): Promise<void> {
    const row = this.#rowNow();
    if (row.slots === this.#row.slots) return;
    await markWorkerSeen(this.#parts.db, { ...row, seen_at: this.#row.seen_at });
    this.#row = { ...row, seen_at: this.#row.seen_at };
  }

  /** Calls `nextDueAt` only when its answer could change the number of slots. */
  async scale(busy: number, nextDueAt: () => Promise<number | null>): Promise<void> {
    const now = this.#parts.now();
    const { slots: places, max } = this.#size;
    const dueAt = busy >= places && places < max ? await nextDueAt() : null;
    this.#size = scaledTo(this.#size, { waitMs: dueAt === null ? null : now - dueAt, busy, now });
  }

  async leave(): Promise<void> {
    const { db } = this.#parts;
    await this.runCounter.flush(db);
    await removeWorkers(db, [this.#row.id]);
  }

  #rowNow(): WorkerRow {
    const { slots: places } = this.#size;
    const slots = JSON.stringify(this.runCounter.slots(places));
    const memory_bytes = process.memoryUsage.rss();
    return { ...this.#row, seen_at: this.#parts.now(), memory_bytes, places, slots };
  }
}
