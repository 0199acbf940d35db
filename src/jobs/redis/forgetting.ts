// Jobs that have ended are removed: when a person says so, and when they are old or too many.
import type { Keep } from "../queue.ts";
import type { Bulls } from "./bull.ts";
import { listUnsuccessful } from "./lists.ts";
import { forget, prune, unsuccessful } from "./scripts.ts";

/** So many done ones of each name BullMQ keeps itself. */
const mostDone = 2000;

/** Every failed or dead job, and how many they were. */
export async function forgetJobs(bulls: Bulls): Promise<number> {
  let forgotten = 0;
  for (const { prefix, id } of await listUnsuccessful(bulls))
    forgotten += Number(await bulls.run(forget, [prefix, id]));
  return forgotten;
}

export async function pruneJobs(bulls: Bulls, { doneSince, failedSince, mostFailed }: Keep): Promise<void> {
  for (const prefix of bulls.prefixes()) {
    await bulls.run(prune, [prefix, "completed", doneSince, mostDone]);
    for (const set of ["failed", unsuccessful])
      await bulls.run(prune, [prefix, set, failedSince, mostFailed]);
  }
}
