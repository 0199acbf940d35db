// A data folder that has lost something is refused in words; it never looks like a new one.
import { Database } from "bun:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { readLog } from "../../src/store/engine/write-ahead-log.ts";
import type { Operator } from "../worlds/shell.ts";
import { makeRepository } from "../tools/repositories.ts";
import { killedAt } from "./kills.ts";
import { until } from "../tools/until.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
beforeEach(async () => void (ann = await openWorld({ in: "shell" })));
afterEach(() => ann.close());

const file = (name: string) => join(ann.dataDir, name);
const sqlite = () => file("pricore.sqlite");
const wal = () => `${sqlite()}-wal`;
const setupLink = /Set it up at http\S+/;

/** All in the folder but what SQLite rebuilds anyway, so that a refusal can be shown to have changed nothing. */
function contents(): Record<string, string> {
  const names = readdirSync(ann.dataDir, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    names
      .filter((entry) => entry.isFile() && !/\.lock$|-shm$/.test(entry.name))
      .map((entry) => join(entry.parentPath, entry.name))
      .toSorted()
      .map((path) => [path, Bun.hash(readFileSync(path)).toString(36)]),
  );
}

async function makeAccount(server: Served): Promise<void> {
  const link = server.printed().match(/http\S+\/setup\/\S+/)?.[0] ?? "";
  const answer = await fetch(link, {
    method: "POST",
    redirect: "manual",
    headers: { Origin: server.url, "Content-Type": "application/x-www-form-urlencoded" },
    body: new URLSearchParams({
      name: "Ann Archer",
      email: "ann@acme.test",
      password: "correct horse battery staple",
    }),
  });
  expect([link !== "", answer.status]).toEqual([true, 303]);
}

/** Killed right after its first account was made, with everything in the log. */
async function killedWithAccount(): Promise<void> {
  const server = await ann.serve();
  await until(() => setupLink.test(server.printed()));
  await makeAccount(server);
  server.kill("SIGKILL");
  await server.ended;
  expect(readFileSync(wal()).length).toBeGreaterThan(4096);
}

async function expectRefusal(words: RegExp): Promise<void> {
  const before = contents();
  for (const args of [["serve"], ["user", "list"], ["migrate"], ["worker"]]) {
    const { code, stdout, stderr } = await ann.run(args, { timeoutMs: 20_000 });
    expect([args, code, stdout]).toEqual([args, 1, ""]);
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(setupLink);
  }
  expect(contents()).toEqual(before);
}

describe("the write-ahead log", () => {
  test("FA9: of a killed server with damaged bytes is refused wherever they are, and left as it is", async () => {
    await killedWithAccount();
    const good = readFileSync(wal());
    const places = [
      0,
      8,
      24,
      32,
      44,
      100,
      ...[0.2, 0.4, 0.6, 0.8].map((part) => Math.floor(good.length * part)),
    ];
    const index = readFileSync(`${sqlite()}-shm`);
    for (const place of [...places, good.length - 4096 - 24, good.length - 4096 - 16, good.length - 200]) {
      const damaged = Buffer.from(good);
      for (let at = place; at < Math.min(place + 200, good.length); at++) damaged[at]! ^= 0xff;
      writeFileSync(wal(), damaged);
      const { code, stderr } = await ann.run(["serve"], { timeoutMs: 20_000 });
      expect([place, code, stderr]).toEqual([place, 1, expect.stringContaining("has lost changes: ")]);
      expect(readFileSync(wal()).equals(damaged)).toBe(true);
      expect(readFileSync(`${sqlite()}-shm`).equals(index)).toBe(true);
    }
    await expectRefusal(/restore the last backup/);
    // The control: as it was left, nothing is lost.
    writeFileSync(wal(), good);
    expect(await ann.json<unknown[]>("user", "list")).toHaveLength(1);
    const server = await ann.serve();
    expect([server.code(), setupLink.test(server.printed())]).toEqual([null, false]);
  }, 120_000);

  test("FA9: that is missing, empty, or cut off after a kill is refused", async () => {
    await killedWithAccount();
    const good = readFileSync(wal());
    for (const length of [0, 10, 32, 5000, Math.floor(good.length / 2), good.length - 1]) {
      writeFileSync(wal(), good.subarray(0, length));
      await expectRefusal(/has lost changes: /);
    }
    rmSync(wal());
    await expectRefusal(/pricore\.sqlite-wal is missing or cut off/);
  }, 120_000);

  test("FA9: without its index, damage before the last change is refused as well", async () => {
    await killedWithAccount();
    rmSync(`${sqlite()}-shm`);
    const bytes = readFileSync(wal());
    for (const place of [4, 40, Math.floor(bytes.length / 2)]) {
      const damaged = Buffer.from(bytes);
      damaged[place]! ^= 1;
      writeFileSync(wal(), damaged);
      await expectRefusal(/has lost changes: /);
    }
  });

  test("FA9: with an unfinished change is read up to it, without a message", async () => {
    await killedWithAccount();
    const good = readFileSync(wal());
    const frame = 4096 + 24;
    // As a kill leaves it: whole pages of a change that has no end, and a part of one.
    const unfinished = Buffer.from(good.subarray(good.length - frame));
    unfinished.fill(0, 4, 8);
    for (const rest of [unfinished, unfinished.subarray(0, 1000), Buffer.concat([unfinished, unfinished])]) {
      writeFileSync(wal(), Buffer.concat([good, rest]));
      expect(await ann.json<unknown[]>("user", "list")).toHaveLength(1);
    }
  });

  test("FA9: is read as SQLite reads it, whatever its damage", async () => {
    await killedWithAccount();
    for (let each = 1; each <= 6; each++) await ann.must("org", "create", `org-${each}`);
    const bytes = readFileSync(wal());
    const folder = mkdtempSync(join(ann.folder, "log-"));
    const copy = join(folder, "copy.sqlite");
    let taken = new Set<number>();
    for (let round = 0; round < 60; round++) {
      const random = (limit: number) => Number(Bun.hash(`log ${round} ${limit}`) % BigInt(limit));
      const damaged = Buffer.from(
        round % 3 === 0 ? bytes.subarray(0, 32 + random(bytes.length - 32)) : bytes,
      );
      if (round % 3 > 0) damaged[random(damaged.length)]! ^= 1 + random(255);
      cpSync(sqlite(), copy);
      writeFileSync(`${copy}-wal`, damaged);
      const log = readLog(`${copy}-wal`);
      const found = typeof log === "string" ? 0 : log.usable;
      using db = new Database(copy, { readonly: true });
      db.query("select count(*) from sqlite_schema").get();
      const state = db.query<{ log: number }, []>("pragma wal_checkpoint(noop)").get();
      expect([round, found]).toEqual([round, Math.max(0, state?.log ?? -1)]);
      taken = taken.add(found);
      db.close();
      rmSync(folder, { recursive: true });
      mkdirSync(folder);
    }
    expect(taken.size).toBeGreaterThan(5);
  }, 60_000);
});

describe("checkpoints", () => {
  test("FA9: are made by the server alone: at its start, when it is idle, and at its end", async () => {
    const before = readFileSync(sqlite());
    await ann.must("org", "create", "acme");
    expect(readFileSync(sqlite()).equals(before)).toBe(true);
    const server = await ann.serve();
    const isEmpty = () => readFileSync(wal()).length === 0;
    await until(isEmpty);
    expect(readFileSync(sqlite()).includes("acme")).toBe(true);
    await ann.must("org", "create", "globex");
    await until(isEmpty);
    expect(readFileSync(sqlite()).includes("globex")).toBe(true);
    await ann.must("org", "create", "initech");
    server.kill("SIGTERM");
    await server.ended;
    expect([isEmpty(), readFileSync(sqlite()).includes("initech")]).toEqual([true, true]);
    // So a copy of the file alone has everything.
    for (const end of ["-wal", "-shm"]) rmSync(`${sqlite()}${end}`);
    expect(await ann.json<unknown[]>("org", "list")).toHaveLength(3);
  });
});

describe("the folder", () => {
  test("FA9: with a key and no database is refused, and nothing is made", async () => {
    for (const end of ["", "-wal", "-shm"]) rmSync(`${sqlite()}${end}`, { force: true });
    await expectRefusal(/The database \S+ is missing, but its key is in .*\n.*every volume is mounted/);
    writeFileSync(sqlite(), "");
    await expectRefusal(/The database \S+ is empty, but its key is in /);
  });

  test("FA9: with archives and no database is refused, also with the key in the environment", async () => {
    const { path } = await makeRepository(ann.folder, "acme/blog", [
      { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
    ]);
    await ann.must("org", "create", "acme");
    await ann.must("repo", "add", "--org", "acme", path, "--sync", "--wait");
    const key = readFileSync(file("app.key"), "utf8").trim();
    for (const name of readdirSync(ann.dataDir))
      if (!["dists", "tmp"].includes(name)) rmSync(file(name), { recursive: true });
    const before = contents();
    for (const env of [{}, { APP_KEY: key }] as Record<string, string>[]) {
      const { code, stderr } = await ann.run(["serve"], { env, timeoutMs: 20_000 });
      expect([code, stderr]).toEqual([1, expect.stringMatching(/is missing, but its archives are stored/)]);
    }
    expect(contents()).toEqual(before);
  });

  test("FA9: whose database is of before its first organization is refused for its archives", async () => {
    const empty = readFileSync(sqlite());
    const log = readFileSync(wal());
    const { path } = await makeRepository(ann.folder, "acme/blog", [
      { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
    ]);
    await ann.must("org", "create", "acme");
    await ann.must("repo", "add", "--org", "acme", path, "--sync", "--wait");
    rmSync(`${sqlite()}-shm`);
    writeFileSync(sqlite(), empty);
    writeFileSync(wal(), log);
    await expectRefusal(/The database \S+ is empty, but its key is in .* and its archives are stored/);
  });

  test("FA9: whose database has no tables, or another key's fingerprint, is refused", async () => {
    const key = readFileSync(file("app.key"));
    for (const end of ["", "-wal", "-shm"]) rmSync(`${sqlite()}${end}`);
    new Database(sqlite()).run("create table t (a)");
    const { code, stderr } = await ann.run(["serve"], { timeoutMs: 20_000 });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/is empty, but its key is in /)]);
    rmSync(ann.dataDir, { recursive: true });
    await ann.must("migrate");
    writeFileSync(file("app.key"), key);
    await expectRefusal(/The encryption key does not match this database\./);
  });

  test("FA9: whose first account is not made yet starts with its link, however often it is killed", async () => {
    for (let start = 0; start < 3; start++) {
      const server = await ann.serve();
      await until(() => setupLink.test(server.printed()));
      server.kill("SIGKILL");
      await server.ended;
    }
    const server = await ann.serve();
    await until(() => setupLink.test(server.printed()));
    await makeAccount(server);
  });
});

test("FA18: a start that is killed at any write leaves a whole key or none, and the next one goes on", async () => {
  let kills = 0;
  for (const point of ["fsync", "rename", "openat"] as const)
    for (let nth = 1; ; nth += point === "openat" ? 5 : 1) {
      const dataDir = join(ann.folder, `${point}-${nth}`);
      const killed = await killedAt(["migrate", "--data-dir", dataDir], point, nth);
      const key = join(dataDir, "app.key");
      if (existsSync(key)) expect(readFileSync(key, "utf8")).toMatch(/^base64:[A-Za-z0-9+/]{43}=\n$/);
      await ann.must("migrate", "--data-dir", dataDir);
      await ann.must("org", "create", "acme", "--data-dir", dataDir);
      expect(existsSync(`${key}.new`)).toBe(false);
      rmSync(dataDir, { recursive: true });
      if (!killed) break;
      kills++;
    }
  expect(kills).toBeGreaterThan(10);
}, 240_000);

test("FA18: a key that is empty or cut off is made anew while nothing depends on it, and refused otherwise", async () => {
  const key = file("app.key");
  for (const text of ["", "base64:", "base64:c2hvcnQ=\n"]) {
    writeFileSync(key, text);
    await ann.must("migrate");
    expect(readFileSync(key, "utf8")).toMatch(/^base64:[A-Za-z0-9+/]{43}=\n$/);
  }
  // Also beside no database at all, as an older version may have left it.
  for (const end of ["", "-wal", "-shm"]) rmSync(`${sqlite()}${end}`);
  truncateSync(key);
  await ann.must("migrate");
  await ann.must("org", "create", "acme");
  truncateSync(key, 20);
  await expectRefusal(/is not a key of 32 bytes in base64\.\nRestore it/);
});

test("FA18: of several first starts at once all use one key", async () => {
  for (let round = 0; round < 5; round++) {
    const dataDir = join(ann.folder, `at-once-${round}`);
    const runs = [1, 2, 3, 4].map(() => ann.run(["migrate"], { env: { DATA_DIR: dataDir } }));
    for (const { code, stderr } of await Promise.all(runs)) expect([code, stderr]).toEqual([0, ""]);
    await ann.must("org", "create", "acme", "--data-dir", dataDir);
    expect(readdirSync(dataDir).filter((name) => name.startsWith("app.key"))).toEqual(["app.key"]);
  }
});
