// The connection to Redis, with real servers.
import { afterAll, describe, expect, test } from "bun:test";
import type { Failure } from "../src/errors.ts";
import { openRedis, redisFailure } from "../src/redis.ts";
import { isMissing } from "./tools/databases.ts";
import { failureOf } from "./tools/failure.ts";
import { freePort } from "./tools/process.ts";
import { startOwnRedis, startRedis, stopServers } from "./tools/services.ts";

afterAll(stopServers);

const log = () => {};

describe.skipIf(isMissing("redis-server"))("a connection to Redis", () => {
  test("is refused in words when nobody answers there", async () => {
    const failure = await failureOf(openRedis({ url: `redis://:secret@127.0.0.1:${freePort()}`, log }));
    expect(failure.message).toMatch(/^Redis at 127.0.0.1:\d+ cannot be used: .*ECONNREFUSED/);
    expect(failure.remedy).toContain("REDIS_URL");
    expect(failure.message).not.toContain("secret");
  });

  test("is refused in words when the password is wrong", async () => {
    const url = (await startRedis()).url.replace("only-for-tests", "guessed");
    const failure = await failureOf(openRedis({ url, log }));
    expect(failure.message).toContain("WRONGPASS");
    expect(failure.message).not.toContain("guessed");
  });

  test("is refused when the server is too old", async () => {
    const old = Bun.listen({
      hostname: "127.0.0.1",
      port: 0,
      socket: {
        data(socket, bytes) {
          const info = "# Server\r\nredis_version:5.0.7\r\n";
          for (const command of bytes.toString().match(/hello|client|info/gi) ?? [])
            socket.write(
              command === "info" ? `$${info.length}\r\n${info}\r\n` : `-ERR unknown command '${command}'\r\n`,
            );
        },
      },
    });
    const failure = await failureOf(openRedis({ url: `redis://127.0.0.1:${old.port}`, log }));
    old.stop(true);
    expect(failure.message).toBe("Redis is 5.0.7, and it takes 6.2 or newer.");
  });

  test("lets commands fail while the server is away or stands still, and is there again with it", async () => {
    const events: string[] = [];
    const server = await startOwnRedis();
    const redis = await openRedis({ url: server.url, log: (event) => void events.push(event) });
    await server.kill();
    await expect(redis.ping()).rejects.toThrow();
    await server.start();
    await untilAnswered(() => redis.ping());
    expect(events).toEqual(["redis.gone", "redis.back"]);
    server.pause();
    const failure = redisFailure(await redis.ping().catch((error: unknown) => error)) as Failure;
    expect(failure).toMatchObject({ kind: "unavailable", code: "redis" });
    expect((await failureOf(openRedis({ url: server.url, log }))).kind).toBe("unavailable");
    server.resume();
    await untilAnswered(() => redis.ping());
    redis.disconnect();
  }, 60_000);
});

async function untilAnswered(ask: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 300; attempt++) {
    if (await ask().catch(() => null)) return;
    await Bun.sleep(50);
  }
  throw new Error("It never answered again.");
}
