// Two servers and two workers of the binary at one PostgreSQL and one Redis: syncs are asked for at once, a worker is
// killed, others come and go.
import type { JobName } from "../../src/jobs/queue.ts";
import { createUser } from "../../src/registry/accounts/users.ts";
import { startSession } from "../../src/registry/accounts/sessions.ts";
import { setMember } from "../../src/store/organizations/members.ts";
import { openEventStream } from "../tools/event-stream.ts";
import { openFleet, type Fleet } from "../tools/fleet.ts";
import type { Server } from "../tools/servers/services.ts";
import { until } from "../tools/until.ts";
import type { Served } from "../tools/binary.ts";

export const tenMinutes = 600_000;

export type Run = {
  fleet: Fleet;
  seconds: number;
  faults: string[];
  /** Ids of repositories that the page of the server without a worker heard of. */
  eventIds: Set<string>;
  /** Syncs that were begun, those included that the killed worker did not end. */
  startedSyncs: number;
  /** How the worker that was asked to stop ended. */
  stopped: number;
};

export async function runProcesses({ redis, syncs }: { redis: Server; syncs: number }): Promise<Run> {
  const fleet = await openFleet({ engine: "pgsql", redis, repositories: syncs });
  const working = await fleet.start(["serve"]);
  const page = await fleet.start(["serve", "--no-worker"]);
  const live = await listen(fleet, { page, origin: working.url });
  const killed = await fleet.start(["worker", "--concurrency", "2"]);
  const leaving = await fleet.start(["worker", "--concurrency", "2"]);
  const began = performance.now();
  if ((await fleet.requestAll()) > 0) throw new Error("a sync could not be asked for");
  await untilSynced(fleet, syncs / 4);
  killed.kill("SIGKILL");
  await fleet.start(["worker", "--concurrency", "2"]);
  await untilSynced(fleet, syncs / 2);
  leaving.kill("SIGTERM");
  const stopped = await leaving.ended;
  await fleet.start(["worker", "--concurrency", "2"]);
  await until(fleet.isDone, { what: "every sync is done", withinMs: tenMinutes });
  const seconds = (performance.now() - began) / 1000;
  // The pages look at the database once in a while.
  await Bun.sleep(1500);
  live.close();
  return {
    fleet,
    seconds,
    faults: await fleet.faults(1),
    eventIds: new Set(live.events.flatMap(({ event, data }) => (event === "sync" ? idIn(data) : []))),
    startedSyncs: await countSyncs(fleet),
    stopped,
  };
}

/** As a page of somebody at that server. */
async function listen({ app, organizationId }: Fleet, { page, origin }: { page: Served; origin: string }) {
  const user = await createUser(app, {
    email: "ann@acme.test",
    name: "ann",
    isAdmin: false,
    password: "a long password of ann",
    actor: "cli",
  });
  await setMember(app.db, organizationId, { userId: user.id, role: "member", now: app.now() });
  const browser = { address: "127.0.0.1", userAgent: "a test" };
  const { secret } = await startSession(app, { user, browser, isRemembered: false });
  // Both servers bear one address; a proxy would pass it on like this.
  const headers = { Cookie: `pricore=${secret}`, Host: new URL(origin).host };
  const live = await openEventStream(`${page.url}/live?organization=acme`, headers);
  if (live.status !== 200) throw new Error(`the stream answers ${live.status}`);
  return live;
}

function idIn(data: unknown): string[] {
  const { id } = data as { id?: string };
  return id === undefined ? [] : [id];
}

async function countSyncs({ app }: Fleet): Promise<number> {
  const rows = app.db.read.selectFrom("syncs").select((e) => e.fn.countAll<number>().as("count"));
  return Number((await rows.executeTakeFirstOrThrow()).count);
}

/** When the regular job was asked for, each time. */
export async function firedIn({ app }: Fleet, name: JobName): Promise<number[]> {
  const { jobs } = await app.jobs.list({ state: "done", name, limit: 1000 });
  return jobs.map(({ createdAt }) => createdAt).toSorted();
}

function untilSynced(fleet: Fleet, atLeast: number): Promise<void> {
  const count = async () => (await fleet.repositories()).filter(({ state }) => state === "fresh").length;
  return until(async () => (await count()) >= atLeast, {
    what: `${atLeast} repositories are synced`,
    withinMs: tenMinutes,
  });
}
