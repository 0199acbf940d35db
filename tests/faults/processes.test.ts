// R16: several processes at one PostgreSQL and one Redis. `bun run faults --syncs 500` does the same with more.
import { afterAll, describe, expect, test } from "bun:test";
import { createApp } from "../../src/app.ts";
import { parseConfig } from "../../src/config/config.ts";
import { handlersOf } from "../../src/registry/handlers.ts";
import { requestSync } from "../../src/registry/sync-requests.ts";
import { isMissing } from "../tools/servers/databases.ts";
import { startOwnRedis, stopServers } from "../tools/servers/services.ts";
import { firedIn, runProcesses, tenMinutes, type Run } from "./processes.ts";
import { until } from "../tools/until.ts";

let run: Run | null = null;

afterAll(async () => {
  await run?.fleet.close();
  await stopServers();
});

const syncs = 40;
/** Of both jobs that are looked at. */
const periodMs = 15_000;

describe.skipIf(isMissing("postgres") || isMissing("redis-server"))("two servers and two workers", () => {
  test("R16: run every sync once, though one is killed, one stops and others come", async () => {
    run = await runProcesses({ redis: await startOwnRedis(), syncs });
    // What the killed one had done and not said yet may be done again, to no effect.
    const again = run.faults.filter((fault) => fault.endsWith(": 2 syncs instead of 1"));
    expect(again.length).toBeLessThanOrEqual(2);
    expect(run.faults).toEqual(again);
    expect(run.stopped).toBe(0);
    // Only what the killed one had begun was begun again.
    expect(run.startedSyncs).toBeGreaterThanOrEqual(syncs);
    expect(run.startedSyncs).toBeLessThanOrEqual(syncs + 2);
  }, 180_000);

  test("R16: show on the pages of each what the others do", () => {
    expect(run?.eventIds.size).toBe(syncs);
  });

  test("R16: keep one timetable, which fires once per period", async () => {
    const { fleet } = run ?? {};
    if (!fleet) throw new Error("nothing ran");
    await until(async () => (await firedIn(fleet, "send-mails")).length > 1, { withinMs: tenMinutes });
    for (const name of ["send-mails", "poll-repositories"] as const) {
      const times = await firedIn(fleet, name);
      const gaps = times.slice(1).map((at, index) => at - (times[index] ?? 0));
      expect([name, gaps.filter((gap) => gap < periodMs - 2000)]).toEqual([name, []]);
    }
  }, 60_000);

  // The control: what the first test looks for is seen when it happens.
  test("R16: run a sync twice when they are at two queues", async () => {
    if (!run) throw new Error("nothing ran");
    const { fleet } = run;
    const redis = await startOwnRedis();
    const parsed = parseConfig({ ...fleet.env, REDIS_URL: redis.url });
    if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
    const app = await createApp(parsed.config, { log: fleet.app.log });
    const [first] = await fleet.repositories();
    if (!first) throw new Error("there is no repository");
    await requestSync(app, first, { reason: "asked" });
    await app.jobs.start(handlersOf(app), { concurrency: 1 });
    await until(fleet.isDone, { what: "every sync is done", withinMs: tenMinutes });
    await app.close();
    const found = (await fleet.faults(1)).filter((fault) => !run?.faults.includes(fault));
    expect(found).toHaveLength(1);
    expect(found[0]).toMatch(/^package-1: [23] syncs instead of 1$/);
  }, 60_000);
});
