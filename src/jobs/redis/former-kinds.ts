// Jobs of kinds that this version does not have. In the database a migration renames them; in Redis the name of the kind
// is part of every key, so nobody sees them any more.
import type { JobName } from "../queue.ts";
import { type Bulls, storedIn } from "./bull.ts";
import { addJob } from "./requests.ts";
import { removeKeys, scan } from "./scripts.ts";

/** What a kind is called now. */
const renamed: Record<string, JobName> = { "keep-webhook": "ensure-webhook" };

type Log = (event: string, fields: Record<string, unknown>) => void;

/**
 * Lets jobs of renamed kinds run under the new name and removes what was left of the old one; jobs can run twice, so it
 * may be cut off and begin again. Kinds that are unknown altogether belong to a newer version that may be running beside
 * this one: they are only named in the log.
 */
export async function moveFormerKinds(bulls: Bulls, { now, log }: { now: number; log: Log }): Promise<void> {
  for (const kind of await listFormerKinds(bulls)) {
    const to = renamed[kind];
    const ids = await listUnfinished(bulls, kind);
    if (to !== undefined) {
      for (const id of ids) await addAgain(bulls, { kind, id, to, now });
      await removeKind(bulls, kind);
      log("queue.kind_renamed", { from: kind, to, moved: ids.length });
    } else if (ids.length > 0) log("queue.unknown_kind", { kind, waiting: ids.length });
  }
}

/** BullMQ writes this key for every queue. */
const marker = ":meta";

async function listFormerKinds(bulls: Bulls): Promise<string[]> {
  const start = `${bulls.prefix}:`;
  const kinds = new Set<string>();
  await eachKey(bulls, `*${marker}`, async (keys) => {
    for (const key of keys) kinds.add(key.slice(start.length, -marker.length));
  });
  const known = new Set(bulls.prefixes());
  // Without a colon: the key of a job or of a lock may end the same way.
  return [...kinds].filter((kind) => !kind.includes(":") && !known.has(`${start}${kind}:`));
}

/** A job that runs is counted: its process may be gone, and it may run twice. */
async function listUnfinished({ redis, prefix }: Bulls, kind: string): Promise<string[]> {
  const of = `${prefix}:${kind}:`;
  const sets = ["prioritized", "delayed"].map((set) => redis.zrange(of + set, 0, "-1"));
  return (await Promise.all([...sets, redis.lrange(`${of}active`, 0, -1)])).flat();
}

type FormerJob = { kind: string; id: string; to: JobName; now: number };

async function addAgain(bulls: Bulls, { kind, id, to, now }: FormerJob): Promise<void> {
  const [data, due, priority] = await bulls.redis.hmget(
    `${bulls.prefix}:${kind}:${id}`,
    ...(["data", "due", "priority"] as const),
  );
  if (!data) return;
  const { payload, key, runAt } = storedIn(data);
  await addJob(bulls, {
    ...{ name: to, payload, key, now },
    runAt: Number(due ?? runAt),
    priority: Math.max(0, Number(priority ?? 1) - 1),
  });
}

async function removeKind(bulls: Bulls, kind: string): Promise<void> {
  await eachKey(bulls, `${kind}:*`, async (keys) => {
    if (keys.length > 0) await bulls.run(removeKeys, keys);
  });
}

/** In steps, because other keys may stand in the same Redis by the million. */
async function eachKey(
  bulls: Bulls,
  pattern: string,
  work: (keys: string[]) => Promise<void>,
): Promise<void> {
  const literal = `${bulls.prefix}:`.replace(/[\\*?[\]]/g, "\\$&");
  let cursor = "0";
  do {
    const [next, keys] = (await bulls.run(scan, [cursor, literal + pattern])) as [string, string[]];
    await work(keys);
    cursor = next;
  } while (cursor !== "0");
}
