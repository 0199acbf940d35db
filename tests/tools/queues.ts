// Every implementation of the job queue, each as a place where several queues meet, as processes would.
import { createDatabaseQueue } from "../../src/jobs/in-process.ts";
import type { JobHandlers, JobName, Queue, Running } from "../../src/jobs/queue.ts";
import { type Database, migrate, openDatabase } from "../../src/store/database.ts";
import type { DatabaseAddress } from "../../src/store/engine.ts";
import { engines, makeDatabase } from "./databases.ts";

export type QueuePlace = {
  /** Another queue at this place, with connections of its own. */
  open(): Promise<Queue>;
  /** What `openQueue` takes in another process. */
  address: string;
  now(): number;
  /** Lets time go by for the queues of this process: moves their clock, or waits where there is none to move. */
  pass(ms: number): Promise<void>;
  /** The error that a dead job keeps. */
  errorOf(id: string): Promise<string | null>;
  close(): Promise<void>;
};

export type QueueKind = { name: string; server: string | null; make(): Promise<QueuePlace> };

export const queues: QueueKind[] = engines.map(({ engine, name, server }) => ({
  name: `a table of ${name}`,
  server,
  async make() {
    const { address, remove } = await makeDatabase(engine);
    const opened: { queue: Queue; db: Database }[] = [];
    let passed = 0;
    const now = () => Date.now() + passed;
    const db = await openDatabase(address);
    await migrate(db);
    return {
      address: JSON.stringify(address),
      now,
      async open() {
        const own = await openDatabase(address);
        const queue = createDatabaseQueue({ db: own, now });
        opened.push({ queue, db: own });
        return queue;
      },
      async pass(ms) {
        passed += ms;
      },
      async errorOf(id) {
        const row = db.read
          .selectFrom("jobs")
          .select("error")
          .where("id", "=", id)
          .where("state", "=", "dead");
        return (await row.executeTakeFirst())?.error ?? null;
      },
      async close() {
        for (const { queue, db } of opened) {
          await queue.close();
          await db.close();
        }
        await db.close();
        await remove();
      },
    };
  },
}));

/** In another process, with the clock of the machine. */
export async function openQueue(address: string): Promise<{ queue: Queue; db: Database }> {
  const db = await openDatabase(JSON.parse(address) as DatabaseAddress);
  return { db, queue: createDatabaseQueue({ db, now: Date.now }) };
}

export type Run = {
  name: JobName;
  payload: { repositoryId?: string; reason?: string; reference?: string };
  running: Running;
};

/** The same handler for every job. */
export function handlersFor(run: (run: Run) => Promise<void>): JobHandlers {
  const handler = (name: JobName) => (payload: Run["payload"], running: Running) =>
    run({ name, payload, running });
  return {
    "sync-repository": handler("sync-repository"),
    "repair-archive": handler("repair-archive"),
    "send-mails": handler("send-mails"),
    "poll-repositories": handler("poll-repositories"),
    reconcile: handler("reconcile"),
    "watch-freshness": handler("watch-freshness"),
    "scrub-archives": handler("scrub-archives"),
    "count-downloads": handler("count-downloads"),
    prune: handler("prune"),
  };
}
