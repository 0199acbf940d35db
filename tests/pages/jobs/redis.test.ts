// The job dashboard over a queue in Redis: the same page, and the same acts.
import { afterAll, describe, expect, test } from "bun:test";
import { isMissing } from "../../tools/servers/databases.ts";
import { handlersFor } from "../../tools/queues.ts";
import { startRedis, stopServers } from "../../tools/servers/services.ts";
import { signedIn } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

afterAll(stopServers);

describe.skipIf(isMissing("redis-server"))("the job dashboard over Redis", () => {
  test("shows what waits, failed and is done, and retries, forgets and pauses", async () => {
    const { url } = await startRedis();
    const world = await openWorld({
      in: "process",
      environment: { QUEUE_CONNECTION: "redis", REDIS_URL: url },
    });
    // BullMQ goes by the clock of the machine.
    world.tick(Date.now() - world.app.now());
    const { jobs } = world.app;
    const root = await signedIn(world, "root", { isAdmin: true });
    const words = async () => (await root.read("/horizon")).replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
    let isSick = true;
    await jobs.start(
      handlersFor(async ({ name }) => {
        if (name === "send-mails" && isSick) throw new Error("SMTP 421: try again later");
      }),
      { concurrency: 2 },
    );
    const ids = [await jobs.enqueue("send-mails", {}), await jobs.enqueue("send-mails", {})];
    await jobs.enqueue("prune", {});
    await jobs.enqueue("count-downloads", {}, { runAt: Date.now() + 3_600_000 });
    for (let look = 0; (await jobs.stats()).dead < 2; look++) {
      if (look > 300) throw new Error("they never died");
      const retrying = await jobs.list({ state: "retrying", limit: 10 });
      for (const { id } of retrying.jobs) await jobs.retry(id).catch(() => {});
      await Bun.sleep(50);
    }
    world.tick(Date.now() - world.app.now());
    const page = await words();
    expect(page).toContain("Queue is running");
    expect(page).toContain("2 failed permanently");
    expect(page).toContain("SMTP 421: try again later");
    expect(page).toContain("0 of 2 workers busy");
    isSick = false;
    expect((await root.get(`/horizon/jobs/${ids[0]}`)).status).toBe(200);
    expect((await root.post(`/horizon/jobs/${ids[0]}/forget`)).status).toBe(303);
    expect((await root.post(`/horizon/jobs/${ids[1]}/retry`)).status).toBe(303);
    for (let look = 0; (await jobs.find(ids[1] ?? ""))?.state !== "done" && look < 200; look++)
      await Bun.sleep(50);
    expect(await words()).toContain("No failed jobs.");
    await root.post("/horizon/pause");
    expect(await words()).toContain("Queue is paused");
    const done = await root.read("/horizon/jobs?state=done&timetable=1");
    expect(done.match(/href="\/horizon\/jobs\/0/g)).toHaveLength(2);
    await world.close();
  }, 60_000);
});
