// The variables of the runtime inside the executable, which would act before any code of ours runs.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reservedPort } from "../tools/servers/ports.ts";
import { makeRepository } from "../tools/repositories.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
beforeEach(async () => void (ann = await openWorld({ in: "shell" })));
afterEach(() => ann.close());

test("FA15: no variable of the runtime loads other code or changes what a command prints", async () => {
  const script = join(ann.folder, "other.js");
  writeFileSync(script, `require("node:fs").writeFileSync(${JSON.stringify(join(ann.folder, "ran"))}, "");`);
  const file = join(ann.folder, "written");
  const { stdout: version } = await ann.run(["version"]);
  for (const env of [
    { BUN_OPTIONS: `--preload=${script}` },
    { BUN_OPTIONS: "--version" },
    { BUN_BE_BUN: "1" },
    { BUN_INSPECT: `ws://127.0.0.1:${reservedPort()}/debug?wait=1` },
    { BUN_INSPECT: `127.0.0.1:${reservedPort()}`, BUN_INSPECT_PRELOAD: script },
    { BUN_INSPECT_PRELOAD: script },
    { BUN_INSPECT_CONNECT_TO: `127.0.0.1:${reservedPort()}` },
    { BUN_INSPECT_NOTIFY: `unix://${file}` },
    { BUN_BYTECODE_DIGEST_OUT: file },
    { BUN_BYTECODE_ORDER_OUT: file },
    { BUN_BYTECODE_ORDER_NAMES_OUT: file },
    { BUN_CONFIG_VERBOSE_FETCH: "curl" },
    { NODE_OPTIONS: `--require ${script}` },
    { NODE_OPTIONS: "--inspect" },
  ] as Record<string, string>[]) {
    const { code, stdout, stderr } = await ann.run(["version"], { env, timeoutMs: 10_000 });
    expect([env, code, stdout, stderr]).toEqual([env, 0, version, ""]);
    expect(readdirSync(ann.folder).filter((name) => ["ran", "written"].includes(name))).toEqual([]);
  }
});

test("FA15: a server opens no debugger, and its git processes work under the same variables", async () => {
  const port = reservedPort();
  const script = join(ann.folder, "other.js");
  writeFileSync(script, `require("node:fs").writeFileSync(${JSON.stringify(join(ann.folder, "ran"))}, "");`);
  const env = {
    BUN_INSPECT: `127.0.0.1:${port}`,
    BUN_INSPECT_PRELOAD: script,
    BUN_OPTIONS: `--preload=${script}`,
    BUN_BE_BUN: "1",
  };
  const server = await ann.serve({ env });
  expect(server.code()).toBe(null);
  await expect(fetch(`http://127.0.0.1:${port}/json/list`)).rejects.toThrow();
  await ann.must("org", "create", "acme");
  const repository = await makeRepository(ann.folder, "acme/blog", [
    { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
  ]);
  const added = ["repo", "add", "--org", "acme", repository.path, "--sync", "--wait"];
  expect((await ann.run(added, { env })).code).toBe(0);
  expect(existsSync(join(ann.folder, "ran"))).toBe(false);
});
