import { describe, expect, test } from "bun:test";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseConfig, readEnvironment, type Config, type Environment } from "../src/config.ts";

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

  test("names every part that a database or a bucket still needs", () => {
    expect(refused({ DB_CONNECTION: "mysql" }).map(nameIn)).toEqual(["DB_USERNAME", "DB_DATABASE"]);
    expect(refused({ DIST_DISK: "s3" }).map(nameIn)).toEqual([
      "S3_ACCESS_KEY_ID",
      "S3_SECRET_ACCESS_KEY",
      "S3_BUCKET",
    ]);
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
    expect(() => readEnvironment({ envFile: join(tmpdir(), "no-such-file") })).toThrow("--env-file");
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
