// Lists BullMQ's jobs for the dashboard.
import {
  type JobListing,
  type JobName,
  jobNames,
  type JobPage,
  type JobSearch,
  type JobState,
  type StoredJob,
  type NameCounts,
} from "../queue.ts";
import { type Bulls, storedIn } from "./bull.ts";
import { count, unsuccessful } from "./scripts.ts";

type Place = { name: string; id: string; state: JobState };

/** Waiting jobs read for each name: the most urgent, and those due first. */
const mostWaiting = 1000;
/** Jobs that ended in the same millisecond as the last one of a page are read again with the next page. */
const mostAtOnce = 100;
/** A search reads every stored job of a name. */
const mostSearched = 2000;

export async function listJobs(bulls: Bulls, listing: JobListing): Promise<JobPage> {
  const { state, limit, name: only, except = [], search } = listing;
  const names = jobNames.filter((name) => (only === undefined || name === only) && !except.includes(name));
  const places = await Promise.all(names.map((name) => placesOf(bulls, name, listing)));
  const found = await Promise.all(places.flat().map((place) => readJob(bulls, place)));
  const isAscending = state === "waiting" || state === "retrying" || state === "running";
  const jobs = found
    .filter((job) => job !== null)
    .filter((job) => state !== "retrying" || job.error !== null)
    .filter((job) => search === undefined || matches(job, search))
    .toSorted((a, b) => (isAscending ? compare(a, b) : compare(b, a)));
  const further = jobs.filter((job) => isBeyond(job, listing.before, isAscending));
  const page = further.slice(0, limit);
  const last = page.at(-1);
  return { jobs: page, next: further.length > limit && last ? `${orderOf(last)} ${last.id}` : null };
}

export async function findJob(bulls: Bulls, id: string): Promise<StoredJob | null> {
  for (const name of jobNames) {
    const { backend, prefix } = bulls.of(name);
    const state = states[await backend.getState(id)];
    if (state !== undefined) return readJob(bulls, { name, id, state });
    if ((await bulls.redis.zscore(prefix + unsuccessful, id)) !== null)
      return readJob(bulls, { name, id, state: "failed" });
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

/** Failed and dead jobs. */
export async function listUnsuccessful(bulls: Bulls): Promise<{ prefix: string; id: string }[]> {
  const sets = bulls.prefixes().flatMap((prefix) => ["failed", unsuccessful].map((set) => ({ prefix, set })));
  const jobs = await Promise.all(
    sets.map(async ({ prefix, set }) =>
      (await bulls.redis.zrange(prefix + set, 0, "-1")).map((id) => ({ prefix, id })),
    ),
  );
  return jobs.flat();
}

/** `oldestWaitingAt` covers all names, and may be in the future. */
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
    number,
  ][];
  const counts = rows.map(([waiting, delayed, running, dead, oldest, failed], at) => {
    const oldestDueAt = oldest >= 0 && oldest <= now ? oldest : null;
    return { name: jobNames[at] ?? "", waiting, delayed, running, failed, dead, oldestDueAt };
  });
  const times = rows.map(([, , , , oldest]) => oldest).filter((oldest) => oldest >= 0);
  return { counts, oldestWaitingAt: times.length > 0 ? Math.min(...times) : null };
}

async function placesOf(bulls: Bulls, name: JobName, listing: JobListing): Promise<Place[]> {
  const { state } = listing;
  if (state === "unsuccessful") {
    const sets = (["failed", "dead"] as const).map((state) => placesOf(bulls, name, { ...listing, state }));
    return (await Promise.all(sets)).flat();
  }
  const stored = state === "retrying" ? "waiting" : state;
  const ids = await idsOf(bulls, name, { ...listing, state: stored });
  return ids.map((id) => ({ name, id, state: stored }));
}

const ended = { done: "completed", failed: unsuccessful, dead: "failed" } as const;

type StateListing = JobListing & { state: Exclude<JobState, "settled"> };

async function idsOf(bulls: Bulls, name: JobName, listing: StateListing): Promise<string[]> {
  const { state, search, limit, before } = listing;
  const { redis } = bulls;
  const { prefix } = bulls.of(name);
  if (state === "running") return redis.lrange(`${prefix}active`, 0, -1);
  if (state === "waiting") {
    const sets = ["prioritized", "delayed"].map((set) =>
      redis.zrange(prefix + set, 0, String(mostWaiting - 1)),
    );
    return (await Promise.all(sets)).flat();
  }
  const [latest] = (before ?? "").split(" ");
  const most = search ? mostSearched : limit + 1 + mostAtOnce;
  const from = latest ? Number(latest) : "+inf";
  return redis.zrevrangebyscore(prefix + ended[state], from, "-inf", "LIMIT", 0, most);
}

function matches({ id, name, error, payload }: StoredJob, { text, ids }: JobSearch): boolean {
  const kept = JSON.stringify(payload).toLowerCase();
  const lower = text.toLowerCase();
  return (
    [id, name, (error ?? "").toLowerCase(), kept].some((each) => each.includes(lower)) ||
    ids.some((each) => kept.includes(each))
  );
}

const fields = [
  ...(["data", "due", "atm", "failedReason"] as const),
  ...(["timestamp", "processedOn", "finishedOn", "settled"] as const),
] as const;

/** Null when the job was removed meanwhile. */
async function readJob(bulls: Bulls, { name, id, state }: Place): Promise<StoredJob | null> {
  const [data, due, failed, error, createdAt, startedAt, finishedAt, settled] = await bulls.redis.hmget(
    bulls.of(name).prefix + id,
    ...fields,
  );
  if (!data) return null;
  const { payload, runAt } = storedIn(data);
  return {
    id,
    name,
    payload,
    state: settled ? "settled" : state,
    attempts: Number(failed ?? 0) + (state === "running" ? 1 : 0),
    error: state === "done" && !settled ? null : error || null,
    createdAt: Number(createdAt),
    runAt: Number(due ?? runAt),
    startedAt: startedAt ? Number(startedAt) : null,
    finishedAt: finishedAt ? Number(finishedAt) : null,
  };
}

function orderOf({ state, runAt, startedAt, finishedAt }: StoredJob): number {
  if (state === "waiting") return runAt;
  return (state === "running" ? startedAt : finishedAt) ?? 0;
}

function compare(a: StoredJob, b: StoredJob): number {
  return orderOf(a) - orderOf(b) || (a.id < b.id ? -1 : 1);
}

function isBeyond(job: StoredJob, before: string | null | undefined, isAscending: boolean): boolean {
  const [at, id] = (before ?? "").split(" ");
  if (!at || !id) return true;
  const difference = orderOf(job) - Number(at) || (job.id === id ? 0 : job.id < id ? -1 : 1);
  return isAscending ? difference > 0 : difference < 0;
}
