import { describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, type Config } from "../src/config/config.ts";
import { readEnvironment, type Environment } from "../src/config/environment.ts";

describe("the environment", () => {
  test("may be empty: everything has a default that works on one machine", () => {
    const config = accepted({});
    expect(config).toMatchObject({ host: "127.0.0.1", port: 8000, appUrl: "http://localhost:8000" });
    expect(config.database).toMatchObject({ engine: "sqlite" });
    expect(config.syncIntervalMs).toBe(15 * 60_000);
  });

  test("is refused with all its mistakes at once, each with the variable's name", () => {
    const problems = refused({
      PORT: "http",
      DB_CONNECTION: "oracle",
      SYNC_INTERVAL: "soon",
      OUTBOUND_ALLOW: "10.0.0.0/99",
      APP_KEY: "short",
    });
    for (const name of ["PORT", "DB_CONNECTION", "SYNC_INTERVAL", "OUTBOUND_ALLOW", "APP_KEY"])
      expect(problems.some((problem) => problem.startsWith(`${name} `))).toBe(true);
    expect(problems).toHaveLength(5);
  });

  test("runs from two jobs at once, or from fewer where there may be fewer", () => {
    expect(accepted({ WORKER_CONCURRENCY: "8" }).workerMinimum).toBe(2);
    expect(accepted({ WORKER_CONCURRENCY: "1" }).workerMinimum).toBe(1);
    expect(accepted({ WORKER_CONCURRENCY: "8", WORKER_MIN_CONCURRENCY: "8" }).workerMinimum).toBe(8);
    const [problem] = refused({ WORKER_CONCURRENCY: "3", WORKER_MIN_CONCURRENCY: "4" });
    expect(problem).toBe("WORKER_MIN_CONCURRENCY is 4, more than WORKER_CONCURRENCY (3)");
  });

  test("needs APP_URL when the server can be reached from other machines", () => {
    expect(refused({ HOST: "0.0.0.0" })[0]).toStartWith("APP_URL ");
    expect(accepted({ HOST: "0.0.0.0", APP_URL: "https://packages.acme.test/" }).appUrl).toBe(
      "https://packages.acme.test",
    );
  });

  test("refuses an APP_URL with a path, a query or credentials", () => {
    for (const url of [
      "https://acme.test/registry",
      "https://acme.test/?a=b",
      "https://ann:secret@acme.test",
      "acme.test",
    ])
      expect(refused({ APP_URL: url })[0]).toStartWith("APP_URL ");
  });

  test("builds the database address from its parts, with characters that need escaping", () => {
    const { database } = accepted({
      DB_CONNECTION: "pgsql",
      DB_HOST: "db.internal",
      DB_DATABASE: "pricore",
      DB_USERNAME: "ann",
      DB_PASSWORD: "p@ss/word",
    });
    expect(database).toEqual({
      engine: "pgsql",
      url: "postgres://ann:p%40ss%2Fword@db.internal:5432/pricore",
      poolSize: 10,
    });
  });

  test("knows an application at a forge or a provider whole, or not at all", () => {
    expect(accepted({}).oauth).toEqual({
      github: null,
      gitlab: null,
      bitbucket: null,
      gitea: null,
      oidc: null,
    });
    expect(
      refused({
        GITHUB_CLIENT_ID: "a",
        GITLAB_CLIENT_SECRET: "b",
        GITEA_CLIENT_ID: "c",
        GITEA_CLIENT_SECRET: "d",
        OIDC_CLIENT_ID: "e",
        OIDC_CLIENT_SECRET: "f",
      }).map(nameIn),
    ).toEqual(["GITEA_URL", "GITHUB_CLIENT_SECRET", "GITLAB_CLIENT_ID", "OIDC_ISSUER"]);
    expect(refused({ GITHUB_CLIENT_ID: "a" })).toEqual([
      "GITHUB_CLIENT_SECRET is missing: it goes with GITHUB_CLIENT_ID",
    ]);
    expect(refused({ OIDC_ISSUER: "https://id.acme.test" }).map(nameIn)).toEqual(["OIDC_CLIENT_ID"]);
    const client = { OIDC_CLIENT_ID: "a", OIDC_CLIENT_SECRET: "b" };
    expect(refused({ OIDC_ISSUER: "id.acme.test", ...client }).map(nameIn)).toEqual(["OIDC_ISSUER"]);
    const { oidc } = accepted({ OIDC_ISSUER: "https://id.acme.test/realm", ...client }).oauth;
    expect(oidc).toMatchObject({ issuer: "https://id.acme.test/realm", name: "id.acme.test" });
  });

  test("says where the company's own forges are, as origins", () => {
    const own = { GITHUB_URL: "https://github.acme.test/", GITLAB_INSTANCE_URI: "https://gitlab.acme.test" };
    expect(accepted(own).forges).toEqual({
      github: { origin: "https://github.acme.test" },
      gitlab: { origin: "https://gitlab.acme.test" },
      bitbucket: { origin: "https://bitbucket.org" },
      gitea: { origin: null },
    });
    for (const name of ["GITHUB_URL", "GITLAB_INSTANCE_URI", "GITEA_URL"])
      for (const text of [
        "git.acme.test",
        "ssh://git.acme.test",
        "https://acme.test/git",
        "https://a:b@acme.test",
      ])
        expect(refused({ [name]: text })[0]).toStartWith(`${name} `);
  });

  test("names every part that a database or a bucket still needs", () => {
    expect(refused({ DB_CONNECTION: "mysql" }).map(nameIn)).toEqual(["DB_USERNAME", "DB_DATABASE"]);
    expect(refused({ DIST_DISK: "s3" }).map(nameIn)).toEqual([
      "S3_ACCESS_KEY_ID",
      "S3_SECRET_ACCESS_KEY",
      "S3_BUCKET",
    ]);
  });

  test("has a number of connections, and certificates that are read", () => {
    const url = "postgres://ann@db.acme.test/pricore";
    const server = { DB_CONNECTION: "pgsql", DB_URL: url };
    expect(accepted(server).database).toEqual({ engine: "pgsql", url, poolSize: 10 });
    const tls = { DB_TLS: "true", DB_TLS_CA_FILE: import.meta.path, DB_POOL: "40" };
    expect(accepted({ ...server, ...tls }).database).toEqual({
      ...{ engine: "pgsql", url, poolSize: 40 },
      tls: { ca: expect.stringContaining("import") as string },
    });
    expect(refused({ ...server, DB_TLS_CA_FILE: "/ca" })).toEqual([
      "DB_TLS_CA_FILE has no effect without DB_TLS=true",
    ]);
    expect(refused({ ...server, ...tls, DB_TLS_KEY_FILE: import.meta.path }).map(nameIn)).toEqual([
      "DB_TLS_CERT_FILE",
    ]);
    expect(refused({ ...server, DB_URL: `${url}?sslmode=require` })).toEqual([
      "DB_URL has an option for TLS that leaves the certificate unchecked: set DB_TLS=true instead",
    ]);
    expect(refused({ ...server, ...tls, DB_POOL: "1" }).map(nameIn)).toEqual(["DB_POOL"]);
  });

  test("takes the bucket's settings by their AWS names too", () => {
    const config = accepted({
      DIST_DISK: "s3",
      AWS_ACCESS_KEY_ID: "id",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_BUCKET: "dists",
      S3_BUCKET: "archives",
    });
    expect(config.storage).toMatchObject({ kind: "s3", s3: { bucket: "archives", accessKeyId: "id" } });
  });
});

describe("what the operator looks at", () => {
  test("has a path and people of its own, whatever spaces and capitals they are written with", () => {
    expect(accepted({}).horizon).toEqual({ path: "horizon", emails: [] });
    const variables = {
      HORIZON_PATH: "/ops/jobs/",
      HORIZON_ALLOWED_EMAILS: " Ann@acme.test, ben@acme.test ,",
    };
    expect(accepted(variables).horizon).toEqual({
      path: "ops/jobs",
      emails: ["ann@acme.test", "ben@acme.test"],
    });
    for (const path of ["Jobs", "a//b", "a b", "../x", "a?b"])
      expect(refused({ HORIZON_PATH: path }).map(nameIn)).toEqual(["HORIZON_PATH"]);
    expect(refused({ HORIZON_ALLOWED_EMAILS: "ann" })[0]).toBe('HORIZON_ALLOWED_EMAILS "ann" is no address');
  });

  test("is opened by a token that nobody guesses", () => {
    expect(accepted({}).metricsToken).toBeNull();
    expect(accepted({ METRICS_TOKEN: "0123456789abcdef" }).metricsToken).toBe("0123456789abcdef");
    for (const token of ["short", "a token with spaces in it"])
      expect(refused({ METRICS_TOKEN: token }).map(nameIn)).toEqual(["METRICS_TOKEN"]);
  });
});

describe("Redis", () => {
  const queue = { QUEUE_CONNECTION: "redis" };

  test("is not needed: the jobs wait in the database", () => {
    expect(accepted({})).toMatchObject({ jobs: { kind: "database" }, redis: null });
  });

  test("holds the jobs when it is named, by one address or by its parts", () => {
    const url = "rediss://ann:secret@redis.acme.test:6380/2";
    expect(accepted({ ...queue, REDIS_URL: url }).jobs).toEqual({ kind: "redis", redis: { url } });
    const parts = { REDIS_HOST: "redis.acme.test", REDIS_PASSWORD: "p@ss/word" };
    expect(accepted({ ...queue, ...parts }).jobs).toEqual({
      kind: "redis",
      redis: { url: "redis://:p%40ss%2Fword@redis.acme.test:6379" },
    });
    expect(accepted({ REDIS_HOST: "::1", REDIS_PORT: "6380" }).redis).toEqual({ url: "redis://[::1]:6380" });
  });

  test("is a cluster, or a master that sentinels know, with a user and TLS", () => {
    const login = { REDIS_USERNAME: "pricore", REDIS_PASSWORD: "p@ss", REDIS_TLS: "true" };
    expect(accepted({ ...login, REDIS_CLUSTER: "redis-1:7000, redis-2, [::1]:7002" }).redis).toEqual({
      cluster: [
        { host: "redis-1", port: 7000 },
        { host: "redis-2", port: 6379 },
        { host: "::1", port: 7002 },
      ],
      login: { username: "pricore", password: "p@ss", tls: true },
    });
    const sentinels = { REDIS_SENTINELS: "s1,s2:26380", REDIS_SENTINEL_NAME: "mymaster" };
    expect(
      accepted({ ...sentinels, REDIS_SENTINEL_PASSWORD: "s", REDIS_CA_FILE: import.meta.path }).redis,
    ).toEqual({
      sentinels: [
        { host: "s1", port: 26_379 },
        { host: "s2", port: 26_380 },
      ],
      name: "mymaster",
      sentinelPassword: "s",
      login: { username: null, password: null, tls: false },
      ca: expect.stringContaining("import") as string,
    });
    expect(accepted({ ...login, REDIS_HOST: "redis.test" }).redis).toEqual({
      url: "rediss://pricore:p%40ss@redis.test:6379",
    });
    expect(refused({ REDIS_SENTINELS: "s1" })).toEqual([
      "REDIS_SENTINEL_NAME is missing: what the sentinels call the master, for instance mymaster",
    ]);
    expect(refused({ REDIS_CLUSTER: "redis-1:port" })).toEqual([
      'REDIS_CLUSTER "redis-1:port" is not a host and port like redis-1.example.com:6379',
    ]);
    expect(refused({ REDIS_CLUSTER: "a", REDIS_URL: "redis://b" })).toEqual([
      "REDIS_URL says it all already: leave out REDIS_CLUSTER",
    ]);
    expect(refused({ REDIS_HOST: "a", REDIS_CA_FILE: "/no-such-file" })).toEqual([
      expect.stringContaining("REDIS_CA_FILE cannot be read: ENOENT"),
    ]);
    expect(refused({ REDIS_USERNAME: "pricore" })).toEqual([
      "REDIS_PASSWORD is missing: it goes with REDIS_USERNAME",
    ]);
  });

  test("holds who is signed in when that is said, and otherwise nothing but events", () => {
    const url = "redis://redis.acme.test:6379";
    expect(accepted({ REDIS_URL: url }).sessions).toEqual({ kind: "database" });
    const sessions = { kind: "redis" as const, redis: { url } };
    expect(accepted({ SESSION_DRIVER: "redis", REDIS_URL: url }).sessions).toEqual(sessions);
    expect(refused({ SESSION_DRIVER: "redis" })).toEqual([
      "REDIS_URL is needed with SESSION_DRIVER=redis, for instance redis://:password@127.0.0.1:6379",
    ]);
    expect(refused({ SESSION_DRIVER: "cookie" })).toEqual([
      'SESSION_DRIVER "cookie" is not one of database, redis',
    ]);
  });

  test("shares documents between servers on PostgreSQL, and is refused beside others", () => {
    const redis = { REDIS_URL: "redis://redis.acme.test:6379" };
    const database = { DB_CONNECTION: "pgsql", DB_URL: "postgres://ann@db.acme.test/pricore" };
    expect(accepted({ ...redis, ...database }).cache).toEqual({ kind: "memory" });
    const shared = { CACHE_STORE: "redis", ...database };
    const kept = { kind: "redis" as const, redis: { url: redis.REDIS_URL } };
    expect(accepted({ ...shared, ...redis }).cache).toEqual(kept);
    expect(refused(shared)).toEqual([
      "REDIS_URL is needed with CACHE_STORE=redis, for instance redis://:password@127.0.0.1:6379",
    ]);
    expect(refused({ CACHE_STORE: "redis", ...redis })).toEqual([
      "CACHE_STORE redis is for PostgreSQL: SQLite and MariaDB give a document sooner than Redis; leave it out",
    ]);
  });

  test("is asked for by what needs it", () => {
    expect(refused(queue)).toEqual([
      "REDIS_URL is needed with QUEUE_CONNECTION=redis, for instance redis://:password@127.0.0.1:6379",
    ]);
    expect(refused({ QUEUE_CONNECTION: "sqs" }).map(nameIn)).toEqual(["QUEUE_CONNECTION"]);
  });

  test("is refused when it is named twice or by no address, without telling the password", () => {
    const twice = refused({ REDIS_URL: "redis://:secret@redis", REDIS_HOST: "redis", REDIS_PORT: "6379" });
    expect(twice).toEqual(["REDIS_URL says it all already: leave out REDIS_HOST, REDIS_PORT"]);
    const wrong = refused({ REDIS_URL: "http://:secret@redis" });
    expect(wrong.map(nameIn)).toEqual(["REDIS_URL"]);
    expect(wrong.join()).not.toContain("secret");
    expect(refused({ REDIS_HOST: "re dis" }).map(nameIn)).toEqual(["REDIS_HOST"]);
  });
});

describe("mail", () => {
  const smtp = { MAIL_MAILER: "smtp", MAIL_HOST: "mail.acme.test", MAIL_FROM_ADDRESS: "pricore@acme.test" };

  test("is kept for administrators until a server is named", () => {
    expect(accepted({}).mail).toEqual({ kind: "log" });
  });

  test("goes through a server by STARTTLS, and on port 465 by TLS from the first byte", () => {
    const from = { address: "pricore@acme.test", name: "Pricore" };
    const server = { host: "mail.acme.test", port: 587, encryption: "tls", credentials: null, from } as const;
    expect(accepted(smtp).mail).toEqual({ kind: "smtp", smtp: server });
    expect(accepted({ ...smtp, MAIL_PORT: "465" }).mail).toMatchObject({ smtp: { encryption: "ssl" } });
  });

  test("is refused with every variable that is missing or wrong", () => {
    expect(refused({ MAIL_MAILER: "smtp" }).map(nameIn)).toEqual(["MAIL_HOST", "MAIL_FROM_ADDRESS"]);
    const wrong = {
      MAIL_MAILER: "smtp",
      MAIL_HOST: "smtp://mail",
      MAIL_PORT: "0",
      MAIL_ENCRYPTION: "some",
      MAIL_USERNAME: "ann",
      MAIL_FROM_ADDRESS: "ann",
    };
    const names = refused(wrong).map(nameIn).toSorted();
    expect(names).toEqual([
      "MAIL_ENCRYPTION",
      "MAIL_FROM_ADDRESS",
      "MAIL_HOST",
      "MAIL_PASSWORD",
      "MAIL_PORT",
    ]);
  });
});

describe("the .env file", () => {
  test("is read from the data directory and loses to the process environment", () => {
    const dataDir = mkdtempSync(join(tmpdir(), "pricore-config-"));
    writeFileSync(join(dataDir, ".env"), 'APP_NAME="From the file"\nPORT=9001\n# PORT=1\n');
    const environment = readEnvironment({ dataDir, port: "9002" });
    expect(environment["APP_NAME"]).toBe("From the file");
    expect(environment["PORT"]).toBe("9002");
  });

  test("that was named but is not there is an error", () => {
    expect(() => readEnvironment({ envFile: join(tmpdir(), "no-such-file") })).toThrow(
      "The environment file",
    );
  });
});

function accepted(env: Environment): Config {
  const parsed = parseConfig(env);
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  return parsed.config;
}

function refused(env: Environment): string[] {
  const parsed = parseConfig(env);
  return "problems" in parsed ? parsed.problems : [];
}

function nameIn(problem: string): string {
  return problem.split(" ")[0] ?? "";
}
