// Removes ended jobs: on request, and when they are old or too many.
import type { PruneLimits } from "../queue.ts";
import type { Bulls } from "./bull.ts";
import { listUnsuccessful } from "./lists.ts";
import { forget, prune, unsuccessful } from "./scripts.ts";

/** BullMQ itself keeps this many done jobs of each name. */
const mostDone = 2000;

/** Removes every failed or dead job; answers how many. */
export async function forgetJobs(bulls: Bulls): Promise<number> {
  let forgotten = 0;
  for (const { prefix, id } of await listUnsuccessful(bulls))
    forgotten += Number(await bulls.run(forget, [prefix, id]));
  return forgotten;
}

export async function pruneJobs(
  bulls: Bulls,
  { doneSince, failedSince, maxFailed }: PruneLimits,
): Promise<void> {
  for (const prefix of bulls.prefixes()) {
    await bulls.run(prune, [prefix, "completed", doneSince, mostDone]);
    for (const set of ["failed", unsuccessful]) await bulls.run(prune, [prefix, set, failedSince, maxFailed]);
  }
}
