// Commands in a folder that has no database: they say where they looked, and leave the folder as it was.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { commands } from "../../src/cli/commands.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
beforeEach(async () => void (ann = await openWorld({ in: "shell", withDatabase: false })));
afterEach(() => ann.close());

const needless = new Set([
  ...["serve", "migrate", "key replace", "licenses", "health", "config check", "config show", "doctor"],
  ...["service install", "service remove"],
  ...["backup list", "backup verify", "restore"],
]);
/** Name and arguments of every command that needs a database. */
const needing = [...commands]
  .filter(([name]) => !needless.has(name))
  .map(([name, { arity }]) => [...name.split(" "), ...Array.from({ length: arity[0] }, () => "acme")]);

test("FA21: no command but serve, migrate and user create --admin makes a database", async () => {
  const invocations = [
    ...needing,
    ["migrate", "--status"],
    ["key", "replace", "--forget-credentials"],
    ["user", "create", "--email", "a@acme.test", "--name", "A"],
  ];
  for (const args of invocations) {
    const { code, stdout, stderr } = await ann.run(args);
    expect([args, code, stdout]).toEqual([args, 3, ""]);
    expect(stderr).toStartWith(`There is no database at ${join(ann.dataDir, "pricore.sqlite")}.\n`);
    expect(stderr).toContain("--data-dir");
  }
  expect(existsSync(ann.dataDir)).toBe(false);
  const elsewhere = join(ann.folder, "elsewhere");
  mkdirSync(elsewhere);
  const { code, stderr } = await ann.run(["org", "list"], { cwd: elsewhere, env: { DATA_DIR: "" } });
  expect([code, stderr]).toEqual([3, expect.stringContaining(join(elsewhere, "data/pricore.sqlite"))]);
  expect(readdirSync(elsewhere)).toEqual([]);
});

test("FU11: an empty file is no database either, and stays empty", async () => {
  mkdirSync(ann.dataDir);
  const path = join(ann.dataDir, "pricore.sqlite");
  writeFileSync(path, "");
  const { code, stderr } = await ann.run(["org", "list"]);
  expect([code, stderr]).toEqual([3, expect.stringContaining(`There is no database at ${path}.`)]);
  expect([readdirSync(ann.dataDir), Bun.file(path).size]).toEqual([["pricore.sqlite"], 0]);
});

test("FA21: serve, migrate and the first user create --admin make one", async () => {
  const admin = ["user", "create", "--admin", "--email", "ann@acme.test", "--name", "Ann"];
  for (const args of [["migrate"], admin]) {
    const DATA_DIR = join(ann.folder, args[0] ?? "");
    expect([args, (await ann.run(args, { env: { DATA_DIR } })).code]).toEqual([args, 0]);
    expect((await ann.run(["org", "list", "--json"], { env: { DATA_DIR } })).json<unknown[]>()).toEqual([]);
  }
  const server = await ann.serve();
  expect(server.code()).toBe(null);
});
