// BullMQ's jobs for whoever looks at them.
import {
  type JobListing,
  type JobName,
  jobNames,
  type JobPage,
  type JobState,
  type KeptJob,
  type NameCounts,
} from "../queue.ts";
import { type Bulls, storedIn } from "./bull.ts";
import { count } from "./scripts.ts";

type Place = { name: string; id: string };

/** Of the waiting ones so many of each name are looked at, the most urgent and those that are due first. */
const mostWaiting = 1000;
/** What ended in the same millisecond as the last of a page is read again with the next one. */
const mostAtOnce = 100;

export async function listJobs(bulls: Bulls, listing: JobListing): Promise<JobPage> {
  const { state, limit } = listing;
  const stored = state === "retrying" ? "waiting" : state;
  const names = listing.name === undefined ? jobNames : jobNames.filter((name) => name === listing.name);
  const places = await Promise.all(names.map((name) => placesOf(bulls, name, { ...listing, state: stored })));
  const found = await Promise.all(places.flat().map((place) => readJob(bulls, place, stored)));
  const isAscending = stored === "waiting" || stored === "running";
  const jobs = found
    .filter((job) => job !== null)
    .filter((job) => state !== "retrying" || job.error !== null)
    .toSorted((a, b) => (isAscending ? compare(a, b) : compare(b, a)));
  const further = jobs.filter((job) => isBeyond(job, listing.before, isAscending));
  const page = further.slice(0, limit);
  const last = page.at(-1);
  return { jobs: page, next: further.length > limit && last ? `${orderOf(last)} ${last.id}` : null };
}

export async function findJob(bulls: Bulls, id: string): Promise<KeptJob | null> {
  for (const name of jobNames) {
    const state = states[await bulls.of(name).backend.getState(id)];
    if (state !== undefined) return readJob(bulls, { name, id }, state);
  }
  return null;
}

const states: Record<string, JobState> = {
  prioritized: "waiting",
  delayed: "waiting",
  active: "running",
  completed: "done",
  failed: "dead",
};

export async function listDeadIds(bulls: Bulls): Promise<string[]> {
  const ids = await Promise.all(
    bulls.prefixes().map((prefix) => bulls.redis.zrange(`${prefix}failed`, 0, "-1")),
  );
  return ids.flat();
}

/** `oldestWaitingAt` is that of all names, also when it is in the future. */
export async function countJobs(
  bulls: Bulls,
  now: number,
): Promise<{ counts: NameCounts[]; oldestWaitingAt: number | null }> {
  const rows = (await bulls.run(count, [now, ...bulls.prefixes()])) as [
    number,
    number,
    number,
    number,
    number,
  ][];
  const counts = rows.map(([waiting, delayed, running, dead, oldest], at) => {
    const oldestDueAt = oldest >= 0 && oldest <= now ? oldest : null;
    return { name: jobNames[at] ?? "", waiting, delayed, running, dead, oldestDueAt };
  });
  const times = rows.map(([, , , , oldest]) => oldest).filter((oldest) => oldest >= 0);
  return { counts, oldestWaitingAt: times.length > 0 ? Math.min(...times) : null };
}

async function placesOf(bulls: Bulls, name: JobName, { state, limit, before }: JobListing): Promise<Place[]> {
  const { redis } = bulls;
  const { prefix } = bulls.of(name);
  const ids = async () => {
    if (state === "running") return redis.lrange(`${prefix}active`, 0, -1);
    if (state === "waiting") {
      const sets = ["prioritized", "delayed"].map((set) =>
        redis.zrange(prefix + set, 0, String(mostWaiting - 1)),
      );
      return (await Promise.all(sets)).flat();
    }
    const set = prefix + (state === "done" ? "completed" : "failed");
    const [latest] = (before ?? "").split(" ");
    return redis.zrevrangebyscore(
      set,
      latest ? Number(latest) : "+inf",
      "-inf",
      "LIMIT",
      0,
      limit + 1 + mostAtOnce,
    );
  };
  return (await ids()).map((id) => ({ name, id }));
}

/** null when it has gone meanwhile. */
async function readJob(bulls: Bulls, { name, id }: Place, state: JobState): Promise<KeptJob | null> {
  const fields = ["data", "due", "atm", "failedReason", "timestamp", "processedOn", "finishedOn"] as const;
  const [data, due, failed, error, createdAt, startedAt, finishedAt] = await bulls.redis.hmget(
    bulls.of(name).prefix + id,
    ...fields,
  );
  if (!data) return null;
  const { payload, runAt } = storedIn(data);
  return {
    id,
    name,
    payload,
    state,
    attempts: Number(failed ?? 0) + (state === "running" ? 1 : 0),
    error: state === "done" ? null : error || null,
    createdAt: Number(createdAt),
    runAt: Number(due ?? runAt),
    startedAt: startedAt ? Number(startedAt) : null,
    finishedAt: finishedAt ? Number(finishedAt) : null,
  };
}

function orderOf({ state, runAt, startedAt, finishedAt }: KeptJob): number {
  if (state === "waiting") return runAt;
  return (state === "running" ? startedAt : finishedAt) ?? 0;
}

function compare(a: KeptJob, b: KeptJob): number {
  return orderOf(a) - orderOf(b) || (a.id < b.id ? -1 : 1);
}

function isBeyond(job: KeptJob, before: string | null | undefined, isAscending: boolean): boolean {
  const [at, id] = (before ?? "").split(" ");
  if (!at || !id) return true;
  const difference = orderOf(job) - Number(at) || (job.id === id ? 0 : job.id < id ? -1 : 1);
  return isAscending ? difference > 0 : difference < 0;
}
