// How much runs at once, and how often repositories are checked.
import { availableParallelism, totalmem } from "node:os";
import { durationText, parseDuration } from "../duration.ts";
import type { Reader } from "./reader.ts";

/** Jobs at once in a process: from `workerMinimum`, and more while jobs wait. */
export type Workers = { workerConcurrency: number; workerMinimum: number };

/** At least two, so that a long job leaves a slot for short ones. */
export function workers(read: Reader): Workers {
  const workerConcurrency = read.integer("WORKER_CONCURRENCY", Math.max(2, availableParallelism()), 1, 64);
  const workerMinimum = read.integer("WORKER_MIN_CONCURRENCY", Math.min(2, workerConcurrency), 1, 64);
  if (workerMinimum > workerConcurrency)
    read.problem(
      "WORKER_MIN_CONCURRENCY",
      `is ${workerMinimum}, more than WORKER_CONCURRENCY (${workerConcurrency})`,
    );
  return { workerConcurrency, workerMinimum };
}

/** One mirror at a time per 512 MB of memory, and no more than cores. */
export function gitConcurrency(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / (512 * 1024 * 1024))));
}

export function syncInterval(read: Reader): number | null {
  const text = read.text("SYNC_INTERVAL", "15m");
  if (text === "off") return null;
  const ms = parseDuration(text);
  if (ms === null || ms < 1000) read.problem("SYNC_INTERVAL", `"${text}" is not a duration like 15m, or off`);
  return ms;
}

const hourMs = 3_600_000;

/** Without polling there is no limit by default, because nothing checks the repositories. */
export function freshnessLimit(read: Reader, syncIntervalMs: number | null): number | null {
  const fallback = syncIntervalMs === null ? null : Math.max(hourMs, 2 * syncIntervalMs);
  const text = read.text("FRESHNESS_LIMIT", "");
  if (text === "" || text === "off") return text === "" ? fallback : null;
  const ms = parseDuration(text);
  if (ms === null || ms < 1000)
    read.problem("FRESHNESS_LIMIT", `"${text}" is not a duration like 1h, or off`);
  else if (syncIntervalMs !== null && ms <= syncIntervalMs)
    read.problem(
      "FRESHNESS_LIMIT",
      `"${text}" is not longer than SYNC_INTERVAL (${durationText(syncIntervalMs)}): every repository would be late`,
    );
  return ms;
}
