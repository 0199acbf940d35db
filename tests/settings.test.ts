// Where settings come from, which are unknown, and what an operator sees of them.
import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readPage } from "./docs/pages.ts";
import { config as commands } from "../src/cli/config.ts";
import { createOutput } from "../src/cli/command.ts";
import { parseConfig, type Config } from "../src/config/config.ts";
import { readSources } from "../src/config/environment.ts";
import { shownSettings } from "../src/config/shown.ts";
import type { Environment } from "../src/config/sources.ts";
import { knownSettings, unknownSettings } from "../src/config/unknown.ts";

const folder = mkdtempSync(join(tmpdir(), "pricore-settings-"));
afterAll(() => rmSync(folder, { recursive: true }));
const server = { DB_CONNECTION: "pgsql", DB_USERNAME: "ann", DB_DATABASE: "pricore" };

describe("a setting", () => {
  test("can be in a file, or among the credentials of the service manager", () => {
    const password = write("password", "from a file\n");
    expect(passwordIn({ ...server, DB_PASSWORD_FILE: password })).toBe("from a file");
    const credentials = join(folder, "credentials");
    mkdirSync(credentials);
    writeFileSync(join(credentials, "DB_PASSWORD"), "a credential");
    const CREDENTIALS_DIRECTORY = credentials;
    expect(passwordIn({ ...server, CREDENTIALS_DIRECTORY })).toBe("a credential");
    expect(accepted({ CREDENTIALS_DIRECTORY, PORT_FILE: write("port", "9000") }).port).toBe(9000);
    expect(
      refused({ ...server, CREDENTIALS_DIRECTORY, DB_PASSWORD: "x", DB_PASSWORD_FILE: password }),
    ).toEqual([
      "DB_PASSWORD is set twice, by DB_PASSWORD and DB_PASSWORD_FILE and the credential DB_PASSWORD: leave one out",
    ]);
  });

  test("whose file is not there, is empty or is huge is refused with its name, and nothing of its content", () => {
    for (const [path, reason] of [
      [join(folder, "nowhere"), "cannot be read from a file: ENOENT"],
      [write("empty", "\n"), "which is empty"],
      [write("huge", "s3cret".repeat(20_000)), "more than 65536 bytes"],
    ] as const) {
      const [problem = "", ...others] = refused({ METRICS_TOKEN_FILE: path });
      expect([problem.split(" ")[0], others.length]).toEqual(["METRICS_TOKEN", 0]);
      expect(problem).toContain(reason);
      expect(problem).not.toContain("s3cret");
    }
  });

  test("that nothing reads is named, with the one that was meant", () => {
    const dataDir = join(folder, "data");
    mkdirSync(dataDir, { mode: 0o700 });
    writeFileSync(join(dataDir, ".env"), "APP_ENV=production\nMAIL_FORM_NAME=Ann\nPORT=1\n");
    const strangers = { SORT: "1", SSH_AUTH_SOCK: "x", LC_ALL: "C", PGHOST: "db", DB_PASSWORD_FILE: "/x" };
    const names = (sources: { environment: Environment; inEnvFile: Set<string> }) =>
      unknownSettings(sources).map(({ name, meant }) => `${name} ${meant}`);
    expect(names({ environment: strangers, inEnvFile: new Set() })).toEqual([]);
    const slips = { APPURL: "x", LOG_LEVLE: "x", TRUSTED_PROXY: "x", SYNC_INTERVALL: "x", PRICORE_X: "x" };
    expect(names({ environment: slips, inEnvFile: new Set() })).toEqual([
      "APPURL APP_URL",
      "LOG_LEVLE LOG_LEVEL",
      "SYNC_INTERVALL SYNC_INTERVAL",
      "PRICORE_X null",
    ]);
    const sources = readSources({ dataDir });
    expect(unknownSettings(sources).filter(({ name }) => sources.inEnvFile.has(name))).toEqual([
      { name: "APP_ENV", meant: null },
      { name: "MAIL_FORM_NAME", meant: "MAIL_FROM_NAME" },
    ]);
  });
});

test("no documented setting is taken for unknown", () => {
  const documented = variablesIn(readPage("docs/configuration.md"));
  expect(documented.length).toBeGreaterThan(70);
  expect(documented.filter((name) => !knownSettings().includes(name))).toEqual([]);
});

test("settings are shown with their origin, and of secrets nothing but their length", () => {
  const key = Buffer.alloc(32, 7).toString("base64");
  const environment = {
    ...server,
    APP_KEY_FILE: write("key", `base64:${key}`),
    DB_URL: "postgres://ann:canary-1@db/pricore",
    METRICS_TOKEN: "canary-2-canary-2",
    GITHUB_CLIENT_SECRET: "canary-3",
    PORT: "9000",
  };
  const shown = shownSettings(parseConfig(environment).settings);
  const text = (name: string) => shown.find((each) => each.name === name)?.text;
  expect(text("APP_KEY")).toBe("set, 32 bytes, from file");
  expect(text("DB_URL")).toBe("postgres://ann:…@db/pricore");
  expect(text("METRICS_TOKEN")).toBe("set, 17 bytes, from the environment");
  expect(shown.find(({ name }) => name === "PORT")).toMatchObject({ text: "9000", origin: "environment" });
  expect(shown.find(({ name }) => name === "LOG_LEVEL")).toMatchObject({ text: "info", origin: "default" });
  expect(JSON.stringify(shown)).not.toMatch(new RegExp(`canary|${key}`));
});

test("config check names every mistake and ends with 1; an unknown setting alone ends with 0", async () => {
  const run = (environment: Environment) => {
    const command = commands["check"];
    if (!command || !("runOnSources" in command)) throw new Error("config check is missing");
    const args = { positionals: [], text: () => null, required: () => "", flag: () => false, list: () => [] };
    const printed: unknown[] = [];
    const out = { ...createOutput(true), result: (value: unknown) => void printed.push(value) };
    return command
      .runOnSources({ environment, inEnvFile: new Set() }, args, out)
      .then((code) => ({ code, printed }));
  };
  const wrong = await run({ PORT: "http", APPURL: "x" });
  expect(wrong.code).toBe(1);
  expect(wrong.printed).toEqual([
    {
      problems: ['PORT "http" is not a whole number from 0 to 65535'],
      unknown: [{ name: "APPURL", meant: "APP_URL" }],
    },
  ]);
  expect((await run({ APPURL: "x" })).code).toBe(0);
  expect((await run({})).printed).toEqual([{ problems: [], unknown: [] }]);
});

function write(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

function accepted(env: Environment): Config {
  const parsed = parseConfig(env);
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  return parsed.config;
}

function refused(env: Environment): string[] {
  const parsed = parseConfig(env);
  return "problems" in parsed ? parsed.problems : [];
}

function passwordIn(env: Environment): string {
  const { database } = accepted(env);
  return database.engine === "sqlite" ? "" : decodeURIComponent(new URL(database.url).password);
}

function variablesIn(page: string): string[] {
  const cells = [...page.matchAll(/^\| (`[^|]*?)\|/gm)].map(([, cell = ""]) => cell);
  return cells.flatMap((cell) => cell.match(/(?<=`)[A-Z][A-Z0-9_]+(?=`)/g) ?? []);
}
