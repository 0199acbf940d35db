// Where the tests of a queue meet: a place of its own for each, what runs there, and other processes at it.
import { afterAll, describe } from "bun:test";
import { join } from "node:path";
import type { JobPayloads } from "../../../src/jobs/queue.ts";
import { type Database, openDatabase } from "../../../src/store/engine/database.ts";
import { listWorkers } from "../../../src/store/jobs/workers.ts";
import { isMissing } from "../../tools/servers/databases.ts";
import { handlersFor, type QueuePlace, queues } from "../../tools/queues.ts";
import { stopServers } from "../../tools/servers/services.ts";
import { until } from "../../tools/until.ts";

export const hour = 3_600_000;

export const sync = (repositoryId: string, reason = "test"): JobPayloads["sync-repository"] => ({
  repositoryId,
  reason,
});

/** On every implementation. Each test has a place of its own, so they run beside each other: most of their time is waiting. */
export function withEachQueue(define: (meet: () => Promise<Meeting>) => void): void {
  for (const { name, server, make } of queues)
    describe.skipIf(isMissing(server))(`a queue in ${name}`, () => define(() => meetAt(make)));
  afterAll(stopServers);
}

export function began(children: Child[]): string[] {
  return children.flatMap(({ lines }) => lines.filter((line) => line.startsWith("began")));
}

export type Meeting = Awaited<ReturnType<typeof meetAt>>;

export async function meetAt(make: () => Promise<QueuePlace>) {
  const place = await make();
  const queue = await place.open();
  let db: Database | null = null;
  const database = async () => (db ??= await openDatabase(place.database));
  const ran: string[] = [];
  const children: Child[] = [];
  return {
    place,
    queue,
    ran,
    database,
    workers: async () => listWorkers(await database()),
    /** Handlers that only write down what ran. */
    record: handlersFor(async ({ name, payload }) => void ran.push(payload.repositoryId ?? name)),
    async isIdle() {
      const { waiting, running } = await queue.stats();
      return waiting + running === 0;
    },
    spawn(task: string) {
      const child = startChild(task, place.address);
      children.push(child);
      return child;
    },
    async [Symbol.asyncDispose]() {
      for (const child of children) await child.kill();
      await db?.close();
      await place.close();
    },
  };
}

type Child = ReturnType<typeof startChild>;

function startChild(task: string, address: string) {
  const program = join(import.meta.dir, "../../tools/queue-process.ts");
  const process = Bun.spawn([globalThis.process.execPath, program, task, address], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines: string[] = [];
  const read = async () => {
    let rest = "";
    for await (const chunk of process.stdout.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
    }
  };
  const ended = read();
  return {
    process,
    lines,
    says: (line: string) => until(() => lines.includes(line), { what: `a process says "${line}"` }),
    async kill() {
      process.kill("SIGKILL");
      await process.exited;
      await ended;
    },
  };
}
