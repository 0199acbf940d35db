// `pricore doctor` as an operator runs it, on the executable, and the list of what its checks are held by.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checks } from "../../src/doctor/checks.ts";
import type { Operator } from "../worlds/shell.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
});
afterAll(() => ann.close());

type Report = { version: string; at: string; ok: boolean; checks: Record<string, unknown>[] };

test("OP39: every check has a test in which it fails and its remedy mends it", () => {
  const files = readdirSync(import.meta.dir).filter((name) => name.endsWith(".test.ts"));
  const text = files.map((name) => readFileSync(join(import.meta.dir, name), "utf8")).join("\n");
  const tested = new Set([...text.matchAll(/"OP39: ([a-z.]+) /g)].map(([, id]) => id));
  const ids = checks.map(({ id }) => id);
  expect(ids.filter((id) => !tested.has(id))).toEqual([]);
  expect(new Set(ids).size).toBe(ids.length);
});

test("OP40: without a server and without a network it ends in 15 s and says what is wrong", async () => {
  const env = { PORT: String(reservedPort()), GITHUB_URL: "https://192.0.2.1", ...dead };
  const started = performance.now();
  const { code, stdout } = await ann.run(["doctor", "--json"], { env, timeoutMs: 15_000 });
  expect(performance.now() - started).toBeLessThan(15_000);
  expect(code).toBe(1);
  const report = JSON.parse(stdout) as Report;
  expect(report.ok).toBe(false);
  const url = report.checks.find(({ id }) => id === "url.self");
  expect(url).toMatchObject({ status: "fail", seen: expect.stringContaining("The server is not running") });
});

/** Nobody answers there, and nobody says so. */
const dead = {
  MAIL_MAILER: "smtp",
  MAIL_HOST: "192.0.2.1",
  MAIL_FROM_ADDRESS: "pricore@acme.test",
  OUTBOUND_ALLOW: "192.0.2.0/24",
};

test("OP41: the JSON has the same keys for every check, and the ids of this version", async () => {
  const { stdout } = await ann.run(["doctor", "--json"]);
  const report = JSON.parse(stdout) as Report;
  expect(Object.keys(report)).toEqual(["version", "at", "ok", "checks"]);
  for (const each of report.checks) {
    expect(Object.keys(each).toSorted()).toEqual(["advice", "id", "remedy", "seen", "status", "title"]);
    expect(["ok", "warn", "fail", "unknown"]).toContain(String(each["status"]));
  }
  expect(report.checks.map(({ id }) => id)).toEqual([
    ...["config", "database", "database.place", "disk", "inodes", "disk.speed", "permissions", "queue"],
    ...["redis", "storage", "backup", "rehearsal", "tls", "url.self", "proxy.headers", "proxy.limits", "dns"],
    ...["git", "forge.tokens", "webhooks", "mail", "clock", "limits", "jit", "kernel", "slugs", "version"],
  ]);
});

test("OP42: none of 20 secrets is printed, by the doctor or by config show", async () => {
  const canary = (at: number) => `canary${at}canary${at}`;
  const names = [
    ...["METRICS_TOKEN", "MAIL_PASSWORD", "S3_SECRET_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "REDIS_PASSWORD"],
    ...["GITHUB_CLIENT_SECRET", "GITLAB_CLIENT_SECRET", "BITBUCKET_CLIENT_SECRET", "GITEA_CLIENT_SECRET"],
    ...["OIDC_CLIENT_SECRET", "REDIS_SENTINEL_PASSWORD", "DB_PASSWORD", "PRICORE_PASSWORD"],
    ...["PRICORE_GIT_PASSWORD", "APP_KEY"],
  ];
  const env: Record<string, string> = Object.fromEntries(names.map((name, at) => [name, canary(at)]));
  const urls = {
    DB_URL: `postgres://ann:${canary(15)}@127.0.0.1:${reservedPort()}/pricore`,
    REDIS_URL: `redis://:${canary(16)}@127.0.0.1:${reservedPort()}`,
    OIDC_ISSUER: `https://ann:${canary(17)}@id.acme.test`,
    GITEA_URL: `https://ann:${canary(18)}@git.acme.test`,
    RELEASE_URL: `https://ann:${canary(19)}@releases.acme.test`,
  };
  const right = {
    ...{ DB_CONNECTION: "pgsql", DB_URL: urls.DB_URL, REDIS_URL: urls.REDIS_URL },
    ...{ DIST_DISK: "s3", S3_ACCESS_KEY_ID: "key", S3_BUCKET: "archives", S3_ENDPOINT: "http://127.0.0.1:1" },
    ...{
      MAIL_MAILER: "smtp",
      MAIL_HOST: "127.0.0.1",
      MAIL_USERNAME: "ann",
      MAIL_FROM_ADDRESS: "p@acme.test",
    },
    ...{ METRICS_TOKEN: canary(0), MAIL_PASSWORD: canary(1), S3_SECRET_ACCESS_KEY: canary(2) },
  };
  for (const variables of [{ ...env, ...urls }, right])
    for (const command of [["doctor"], ["doctor", "--json"], ["config", "show"], ["config", "check"]]) {
      const { stdout, stderr } = await ann.run(command, { env: variables });
      expect(stdout.length).toBeGreaterThan(20);
      expect(stdout + stderr).not.toContain("canary");
    }
}, 120_000);

test("a fix that no check has is refused with those that there are, and permissions are mended", async () => {
  const { code, stderr } = await ann.run(["doctor", "--fix", "disk"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("These can: permissions.")]);
  expect((await ann.run(["doctor", "--fix", "permissions"])).stdout).toBe("Nothing to mend.\n");
});

test("before a new version takes over, only what it needs is looked at", async () => {
  const { code, stdout } = await ann.run(["doctor", "--preflight", "--json"]);
  expect((JSON.parse(stdout) as Report).checks.map(({ id }) => id)).toEqual(["config", "database", "disk"]);
  expect(code).toBe(0);
});
