// Every way to say where Redis is: a cluster, a master that sentinels know, TLS under an authority of one's own.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInProcessEvents } from "../../src/events/in-process.ts";
import { createRedisEvents } from "../../src/events/redis.ts";
import type { RedisAddress } from "../../src/redis/address.ts";
import { keyPrefix, openRedis, type RedisConnection } from "../../src/redis/connection.ts";
import { makeAuthority } from "../tools/servers/authority.ts";
import { isMissing } from "../tools/servers/databases.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { finished } from "../tools/process.ts";
import {
  type RedisCluster,
  startOwnRedis,
  startRedisCluster,
  startSentinel,
  stopServers,
} from "../tools/servers/services.ts";
import { until } from "../tools/until.ts";

const log = { debug() {}, info() {}, warn() {} };
const opened: RedisConnection[] = [];
const open = (address: RedisAddress) => {
  const connection = openRedis({ ...address, use: "a test", log });
  opened.push(connection);
  return connection;
};
const get = (redis: RedisConnection, key: string) => redis.ask((client) => client.get(key));
const set = (redis: RedisConnection, key: string) => redis.ask((client) => client.set(key, "kept"));

afterAll(async () => {
  await Promise.all(opened.map((connection) => connection.close()));
  await stopServers();
});

describe.skipIf(isMissing("redis-server"))("a cluster", () => {
  let cluster: RedisCluster;
  beforeAll(async () => {
    cluster = await startRedisCluster();
  });

  test("has all keys of an installation on one node, which scripts need", async () => {
    const redis = open(cluster.address);
    const both = (prefix: string) =>
      redis.ask((client) =>
        client.eval("return redis.call('mget', unpack(KEYS))", 2, `${prefix}a`, `${prefix}b`),
      );
    expect(await both(keyPrefix(cluster.address, "acme"))).toEqual([null, null]);
    // Without the braces the two keys belong to different nodes.
    expect(await both(keyPrefix(null, "acme")).catch((error: Error) => String(error.cause))).toContain(
      "CROSSSLOT",
    );
  });

  test("carries events between processes, and tells who watches requests on another node", async () => {
    const prefix = keyPrefix(cluster.address, crypto.randomUUID());
    const join = () =>
      createRedisEvents({
        local: createInProcessEvents({ changes: { everyMs: 1000, begin: () => async () => [] }, log }),
        redis: open(cluster.address),
        listen: (whenReady) => openRedis({ ...cluster.address, use: "a test", log, whenReady }),
        prefix,
        log,
      });
    // More processes than nodes: somebody listens at another node than the one that is asked.
    const processes = [1, 2, 3, 4, 5].map(join);
    const heard: string[] = [];
    const leaving = processes.map((events, at) =>
      events.subscribe("acme", ({ kind }) => void heard.push(`${at} ${kind}`), { withRequests: at === 4 }),
    );
    await until(() => processes.every((events) => events.watchesRequestsOf("acme")));
    expect(processes[0]?.watchesRequestsOf("shop")).toBe(false);
    await until(() => {
      processes[0]?.publish({ organizationId: "acme", kind: "request", id: "1", at: 1 } as never);
      return heard.includes("4 request");
    });
    for (const leave of leaving) leave();
    await Promise.all(processes.map((events) => events.close()));
  });

  test("answers again after one of its nodes was away, and fails soon meanwhile", async () => {
    const redis = open(cluster.address);
    const keys = Array.from({ length: 30 }, (_, at) => `key-${at}`);
    for (const key of keys) await set(redis, key);
    const [, node] = cluster.nodes;
    await node?.kill();
    const lost = () =>
      Promise.all(
        keys.map((key) =>
          get(redis, key).then(
            () => "there",
            () => "away",
          ),
        ),
      );
    await until(async () => (await lost()).includes("away"));
    await node?.start();
    await until(async () => (await lost()).every((answer) => answer === "there"));
  });
});

describe.skipIf(isMissing("redis-server"))("a master that sentinels know", () => {
  test("is found by name, and so is the one that takes its place", async () => {
    const master = await startOwnRedis({ "min-replicas-to-write": "0", masterauth: "only-for-tests" });
    const at = new URL(master.url);
    const replica = await startOwnRedis({
      replicaof: `127.0.0.1 ${at.port}`,
      masterauth: "only-for-tests",
      "repl-diskless-sync-delay": "0",
    });
    const sentinel = await startSentinel({ name: "pricore", master: Number(at.port) });
    const redis = open({
      sentinels: [{ host: "127.0.0.1", port: Number(new URL(sentinel.url).port) }],
      name: "pricore",
      sentinelPassword: null,
      login: { username: null, password: decodeURIComponent(at.password), tls: false },
    });
    await until(async () => (await set(redis, "a").catch(() => null)) === "OK");
    const ofReplica = open({ url: replica.url });
    await until(async () => (await get(ofReplica, "a")) === "kept");
    await until(async () => await sentinel.knowsReplica());
    await master.kill();
    await until(async () => (await set(redis, "b").catch(() => null)) === "OK");
    expect(await get(ofReplica, "b")).toBe("kept");
  }, 60_000);
});

describe.skipIf(isMissing("redis-server"))("TLS", () => {
  const folder = mkdtempSync(join(tmpdir(), "pricore-redis-tls-"));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is trusted by the certificate authority that was set, and not without it", async () => {
    const authority = await makeAuthority(folder);
    const { cert, key } = await authority.issue("redis", ["127.0.0.1"]);
    await finished(["chmod", "-R", "a+rX", folder]);
    const port = reservedPort();
    const plain = await startOwnRedis({
      "tls-port": String(port),
      "tls-cert-file": cert,
      "tls-key-file": key,
      "tls-ca-cert-file": authority.file,
      "tls-auth-clients": "no",
    });
    const client = `rediss://:${new URL(plain.url).password}@127.0.0.1:${port}`;
    expect(await set(open({ url: client, ca: authority.pem }), "a")).toBe("OK");
    const refused = await set(open({ url: client }), "a").catch((error: Error) => String(error.cause));
    expect(refused).toContain("self");
  });

  test("an ACL user signs in with a name", async () => {
    const server = await startOwnRedis();
    await open({ url: server.url }).ask((client) =>
      client.call("ACL", "SETUSER", "pricore", "on", ">secret", "~pricore:*", "&*", "+@all"),
    );
    const { hostname, port } = new URL(server.url);
    const redis = open({ url: `redis://pricore:secret@${hostname}:${port}` });
    expect(await set(redis, "pricore:a")).toBe("OK");
    expect(await set(redis, "other:a").catch((error: Error) => String(error.cause))).toContain("NOPERM");
  });
});
