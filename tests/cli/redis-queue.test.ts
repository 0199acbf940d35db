// The binary with its jobs on Redis: commands, and starts that are refused.
import { afterAll, describe, expect, test } from "bun:test";
import { isMissing } from "../tools/servers/databases.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { makeRepository } from "../tools/repositories.ts";
import { startOwnRedis, startRedis, stopServers } from "../tools/servers/services.ts";
import type { Operator } from "../worlds/shell.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

const opened: Operator[] = [];

afterAll(async () => {
  for (const operator of opened) await operator.close();
  await stopServers();
});

async function operatorAt(url: string): Promise<Operator> {
  const operator = await openWorld({ in: "shell", env: { QUEUE_CONNECTION: "redis", REDIS_URL: url } });
  opened.push(operator);
  return operator;
}

describe.skipIf(isMissing("redis-server"))("with the jobs on Redis", () => {
  test("a sync is run by the command that waits for it, or by the worker that is there", async () => {
    const ann = await operatorAt((await startRedis()).url);
    const step = { manifest: { name: "acme/blog" }, tags: ["1.0.0"] };
    const { path } = await makeRepository(ann.folder, "acme/blog", [step]);
    await ann.must("org", "create", "acme");
    await ann.must("repo", "add", "--org", "acme", path, "--sync", "--wait");
    expect(await ann.must("package", "list", "--org", "acme")).toContain("acme/blog");
    await ann.must("sync", "--org", "acme", "blog");
    const worker = await ann.serve({ args: ["worker"] });
    await until(() => worker.events().includes("sync.done"));
    worker.kill("SIGTERM");
    expect(await worker.ended).toBe(0);
  }, 60_000);

  test("neither a server nor a worker starts without Redis, or on one that evicts; what needs no jobs works", async () => {
    const evicting = await startOwnRedis({ "maxmemory-policy": "volatile-lru" });
    for (const [url, words] of [
      [`redis://:secret@127.0.0.1:${reservedPort()}`, "Redis cannot be used: connect ECONNREFUSED"],
      [evicting.url, "its maxmemory-policy is volatile-lru"],
    ] as const) {
      const ann = await operatorAt(url);
      await ann.must("org", "create", "acme");
      for (const command of ["serve", "worker"]) {
        const { code, stderr } = await ann.run([command]);
        expect([command, code]).toEqual([command, 1]);
        expect(stderr).toContain(words);
        expect(stderr).not.toContain("secret");
      }
    }
  }, 60_000);
});
