// The jobs without a browser, with the jobs in the database and in Redis.
import { afterAll, describe, expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import { isMissing } from "../tools/servers/databases.ts";
import { makeRepository } from "../tools/repositories.ts";
import { startRedis, stopServers } from "../tools/servers/services.ts";
import type { Operator } from "../worlds/shell.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

const opened: Operator[] = [];

afterAll(async () => {
  for (const operator of opened) await operator.close();
  await stopServers();
});

type Status = {
  state: string;
  paused: { by: string } | null;
  longestWaitMs: number;
  jobs: { name: string; waiting: number; failed: number; paused: { by: string; since: string } | null }[];
};
type Listed = { id: string; name: string; state: string; subject: string | null; error: string | null };

const isoTime = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

for (const { title, server, env } of [
  { title: "in the database", server: null, env: async () => ({}) },
  {
    title: "in Redis",
    server: "redis-server",
    env: async () => ({ QUEUE_CONNECTION: "redis", REDIS_URL: (await startRedis()).url }),
  },
])
  describe.skipIf(isMissing(server))(`jobs ${title}`, () => {
    test("FW6: a failed sync is listed, found, retried and forgotten", async () => {
      const ann = await openWorld({ in: "shell", env: await env() });
      opened.push(ann);
      await ann.must("org", "create", "acme");
      for (const name of ["blog", "shop"]) {
        const step = { manifest: { name: `acme/${name}` }, tags: ["1.0.0"] };
        const { path } = await makeRepository(ann.folder, `acme/${name}`, [step]);
        await ann.must("repo", "add", "--org", "acme", path, "--sync", "--wait");
        await rm(path, { recursive: true });
        expect((await ann.run(["sync", "--org", "acme", name, "--wait"])).code).toBe(1);
      }
      const failed = await ann.json<Listed[]>("jobs", "list");
      expect(failed.map(({ state, subject }) => [state, subject])).toEqual([
        ["failed", "acme/shop"],
        ["failed", "acme/blog"],
      ]);
      expect(failed[0]).toMatchObject({ name: "sync-repository", finishedAt: isoTime });
      expect(failed[0]?.error).toBeTruthy();
      expect(await ann.json<Listed[]>("jobs", "list", "--search", "ACME/blog")).toHaveLength(1);
      expect(await ann.json<Listed[]>("jobs", "list", "--limit", "1")).toHaveLength(1);
      expect(await ann.must("jobs", "list")).toMatch(
        /^ID +JOB +ON +STATE +AT +ERROR\n.* acme\/shop +failed /,
      );
      const done = await ann.json<Listed[]>("jobs", "list", "--state", "done", "--timetable");
      expect(done.filter(({ name }) => name === "sync-repository")).toHaveLength(2);
      const [shop, blog] = failed.map(({ id }) => id);
      expect(await ann.json<unknown>("jobs", "retry", shop ?? "")).toEqual({ retried: 1 });
      expect(await ann.json<Listed[]>("jobs", "list", "--state", "waiting")).toMatchObject([{ id: shop }]);
      expect(await ann.json<unknown>("jobs", "forget", blog ?? "")).toEqual({ forgotten: 1 });
      expect(await ann.json<unknown>("jobs", "forget", "--all")).toEqual({ forgotten: 0 });
      expect(await ann.json<unknown>("jobs", "retry", "--all")).toEqual({ retried: 0 });
      expect((await ann.run(["jobs", "retry", blog ?? ""])).code).toBe(3);
      for (const args of [["retry"], ["forget", "--all", "x"], ["pause"], ["list", "--state", "odd"]])
        expect([args, (await ann.run(["jobs", ...args])).code]).toEqual([args, 2]);
      expect((await ann.run(["jobs", "list", "--limit", "0"])).code).toBe(2);
      expect((await ann.run(["jobs", "list", "--name", "dance"])).code).toBe(1);
    }, 120_000);

    test("FW6: all jobs, or those of a name, are paused and resumed, and the state says by whom", async () => {
      const ann = await openWorld({ in: "shell", env: await env() });
      opened.push(ann);
      await ann.must("org", "create", "acme");
      const status = () => ann.json<Status>("jobs", "status");
      expect(await status()).toMatchObject({ state: "unworked", paused: null, longestWaitMs: 0 });
      expect(await ann.must("jobs", "status")).toContain("No worker is running.");
      expect(await ann.json<unknown>("jobs", "pause", "prune", "sync-repository")).toEqual({
        paused: ["prune", "sync-repository"],
      });
      const ofPrune = (await status()).jobs.find(({ name }) => name === "prune");
      expect(ofPrune?.paused).toEqual({ by: "the command line", since: isoTime });
      expect(await ann.json<unknown>("jobs", "pause", "--all")).toEqual({ paused: "all" });
      expect(await status()).toMatchObject({ state: "paused", paused: { by: "the command line" } });
      expect(await ann.must("jobs", "status")).toMatch(
        /^The queue is paused\.\nPaused by the command line since 20/,
      );
      await ann.must("jobs", "resume", "--all");
      await ann.must("jobs", "resume", "prune", "sync-repository");
      const server = await ann.serve();
      await until(async () => (await status()).state === "moves");
      expect((await status()).jobs.every(({ paused }) => paused === null)).toBe(true);
      expect((await ann.run(["jobs", "pause", "dance"])).stderr).toContain('There is no job named "dance".');
      server.kill("SIGTERM");
      expect(await server.ended).toBe(0);
    }, 120_000);
  });
