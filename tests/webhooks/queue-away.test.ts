// A push while the Redis of the jobs is down is still acknowledged, and its sync is not lost.
import { afterAll, describe, expect, test } from "bun:test";
import { reconcile } from "../../src/registry/syncs/reconcile.ts";
import { isMissing } from "../tools/servers/databases.ts";
import { startOwnRedis, stopServers } from "../tools/servers/services.ts";
import { openListening } from "./listening.ts";
import { recordedAs } from "./recorded.ts";
import { until } from "../tools/until.ts";

afterAll(stopServers);

describe.skipIf(isMissing("redis-server"))("with the jobs on Redis", () => {
  for (const [what, harm] of [
    ["is gone", "kill"],
    ["stands still", "pause"],
  ] as const)
    test(`a push is acknowledged while it ${what}, and synced when it is back`, async () => {
      const redis = await startOwnRedis();
      const here = await openListening({ QUEUE_CONNECTION: "redis", REDIS_URL: redis.url });
      const { app } = here.world;
      try {
        await redis[harm]();
        const answers = await Promise.all(
          ["first", "second"].map((id) => here.send(recordedAs("git-push"), { id })),
        );
        expect(answers.map(({ status }) => status)).toEqual([202, 202]);
        expect((await here.blog.row()).state).toBe("waiting");
        if (harm === "kill") await redis.start();
        else redis.resume();
        await until(async () => (await app.jobs.stats().catch(() => null)) !== null);
        here.world.tick(5 * 60_000);
        await reconcile(app);
        expect((await app.jobs.stats()).waiting).toBe(1);
        await here.work();
        await until(async () => (await here.deliveries()).every(({ sync_id }) => sync_id !== null));
      } finally {
        await here.world.close();
      }
    }, 60_000);
});
