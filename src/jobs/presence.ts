// What this process is to all others: alive, with so many places, each of which does this or that.
import type { Database } from "../store/engine/database.ts";
import { markWorkerSeen, removeWorkers, type WorkerRow } from "../store/jobs/workers.ts";
import { startWorkerHeartbeat, newWorker, seenEveryMs } from "./liveness.ts";
import { createRunCounter, type RunCounter } from "./run-counter.ts";
import { type WorkerSize, scaled } from "./scaling.ts";

export type PresenceParts = { db: Database; now: () => number; min: number; max: number };

export class Presence {
  readonly recorder: RunCounter;
  readonly #parts: PresenceParts;
  #row: WorkerRow;
  #crew: WorkerSize;

  constructor(parts: PresenceParts) {
    const { now, min, max } = parts;
    this.#parts = parts;
    this.#crew = { places: min, min, max, idleSince: null };
    this.#row = newWorker(now(), this.#crew);
    this.recorder = createRunCounter(now);
  }

  get id(): string {
    return this.#row.id;
  }

  get places(): number {
    return this.#crew.places;
  }

  get isDue(): boolean {
    return Math.abs(this.#parts.now() - this.#row.seen_at) >= seenEveryMs;
  }

  /** Makes the process heard, and answers the ids of those that are gone. It counts as heard when `settle` is over. */
  async announce(settle: (gone: string[]) => Promise<void>): Promise<void> {
    const { db } = this.#parts;
    const row = this.#rowNow();
    const gone = await startWorkerHeartbeat(db, row);
    await settle(gone);
    await removeWorkers(db, gone);
    this.#row = row;
    await this.recorder.flush(db);
  }

  /** Between two announcements, when a place does something else than was told last. */
  async tellWhatItDoes(): Promise<void> {
    const row = this.#rowNow();
    if (row.slots === this.#row.slots) return;
    await markWorkerSeen(this.#parts.db, { ...row, seen_at: this.#row.seen_at });
    this.#row = { ...row, seen_at: this.#row.seen_at };
  }

  /** `nextDueAt` is asked only where an answer could make a difference. */
  async scale(busy: number, nextDueAt: () => Promise<number | null>): Promise<void> {
    const now = this.#parts.now();
    const { places, max } = this.#crew;
    const dueAt = busy >= places && places < max ? await nextDueAt() : null;
    this.#crew = scaled(this.#crew, { waitMs: dueAt === null ? null : now - dueAt, busy, now });
  }

  async leave(): Promise<void> {
    const { db } = this.#parts;
    await this.recorder.flush(db);
    await removeWorkers(db, [this.#row.id]);
  }

  #rowNow(): WorkerRow {
    const { places } = this.#crew;
    const slots = JSON.stringify(this.recorder.slots(places));
    const memory_bytes = process.memoryUsage.rss();
    return { ...this.#row, seen_at: this.#parts.now(), memory_bytes, places, slots };
  }
}
