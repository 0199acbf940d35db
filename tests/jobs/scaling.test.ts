import { describe, expect, test } from "bun:test";
import {
  idleTooLongMs,
  scaledTo,
  waitsTooLongMs,
  type WorkerSize,
  type QueueLoad,
} from "../../src/jobs/scaling.ts";

const now = 1_000_000;
const crew = (places: number, idleForMs: number | null = null): WorkerSize => ({
  slots: places,
  min: 2,
  max: 4,
  idleSince: idleForMs === null ? null : now - idleForMs,
});
const seen = (busy: number, waitMs: number | null = null): QueueLoad => ({ busy, waitMs, now });

describe("the number of jobs at once", () => {
  const cases: [string, WorkerSize, QueueLoad, places: number, idleForMs: number | null][] = [
    ["grows by one while a job waits longer than a second", crew(2), seen(2, waitsTooLongMs + 1), 3, null],
    ["does not grow beyond the maximum", crew(4), seen(4, 60_000), 4, null],
    ["stays when a job waits no longer than a second", crew(2), seen(2, waitsTooLongMs), 2, null],
    ["stays while all are busy and nothing waits", crew(3), seen(3), 3, null],
    ["stays when a place has become idle just now", crew(3), seen(2), 3, 0],
    ["remembers since when a place is idle", crew(3, 5000), seen(2), 3, 5000],
    ["forgets it when all are busy again", crew(3, 59_999), seen(3), 3, null],
    ["shrinks by one when a place was idle for a minute", crew(4, idleTooLongMs), seen(0), 3, 0],
    ["does not shrink below the minimum", crew(2, 10 * idleTooLongMs), seen(0), 2, 0],
    ["grows although a place was idle, when a job waits all the same", crew(3, 9000), seen(2, 5000), 4, null],
  ];
  for (const [title, before, what, places, idleForMs] of cases)
    test(title, () => expect(scaledTo(before, what)).toEqual({ ...crew(places, idleForMs) }));
});
