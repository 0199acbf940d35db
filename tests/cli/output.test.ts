// Output that nobody takes: the reader of a pipe has gone, or the disk under the log is full.
import { databaseBeside } from "../attacks/database-beside.ts";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { reservedPort } from "../tools/servers/ports.ts";
import { finished } from "../tools/process.ts";
import type { Operator } from "../worlds/shell.ts";
import { until } from "../tools/until.ts";
import { binary } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;

beforeAll(async () => {
  ann = await openWorld({ in: "shell" });
  await ann.must("org", "create", "acme");
  await ann.must("org", "vendor", "add", "acme", "acme");
});
afterAll(() => ann?.close());

test("a command whose reader has gone ends quietly", async () => {
  const outcome = await shell(`set -o pipefail; '${binary}' help | true; '${binary}' org list --json | true`);
  expect(outcome).toEqual({ code: 0, stdout: "", stderr: "" });
});

test("a command whose result cannot be written says so and fails", async () => {
  const { code, stderr } = await shell(`'${binary}' org list > /dev/full`);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^The result cannot be written: .*no space left/);
});

for (const [name, log] of [
  ["has no room", "/dev/full"],
  ["nobody reads any more", ">(true)"],
])
  test(`R30: a server whose log ${name} goes on answering, and ends as it should`, async () => {
    const port = reservedPort();
    const url = `http://127.0.0.1:${port}`;
    const env = { ...environment(), PORT: String(port), APP_URL: url };
    const server = Bun.spawn(["bash", "-c", `exec '${binary}' serve 2> ${log}`], {
      env,
      stdio: ["ignore", "ignore", "ignore"],
    });
    const token = await ann.must("token", "create", "--org", "acme", "--name", "ci");
    const headers = { Authorization: `Bearer ${token}` };
    await until(() =>
      fetch(`${url}/health`).then(
        ({ ok }) => ok,
        () => false,
      ),
    );
    for (let line = 0; line < 3; line++)
      expect((await fetch(`${url}/acme/p2/acme/unknown.json`, { headers })).status).toBe(200);
    server.kill("SIGTERM");
    expect(await server.exited).toBe(0);
  });

test("R30: a server whose log is not read drops lines, counts them, and goes on answering", async () => {
  const port = reservedPort();
  const url = `http://127.0.0.1:${port}`;
  const pipe = join(ann.folder, "log");
  await finished(["mkfifo", pipe]);
  const env = { ...environment(), PORT: String(port), APP_URL: url, LOG_FORMAT: "json" };
  // The shell holds the pipe open for reading, and reads nothing.
  const script = `exec 3<>'${pipe}'; exec '${binary}' serve 2> '${pipe}'`;
  const server = Bun.spawn(["bash", "-c", script], { env, stdio: ["ignore", "ignore", "ignore"] });
  await until(() =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
  // Faults of our own are all logged, while lines that a stranger causes are summed up.
  using database = databaseBeside(ann.dataDir);
  database.run("alter table tokens rename to hidden");
  const headers = { Authorization: `Bearer ${"x".repeat(40)}` };
  const ask = async () => (await fetch(`${url}/acme/packages.json`, { headers })).status;
  for (let round = 0; round < 100; round++)
    expect(new Set(await Promise.all(Array.from({ length: 60 }, ask)))).toEqual(new Set([503]));
  const lines = Bun.spawn(["timeout", "5", "cat", pipe], { stdout: "pipe", stdin: "ignore" });
  const read = new Response(lines.stdout).text();
  await Bun.sleep(500);
  await ask();
  database.run("alter table hidden rename to tokens");
  server.kill("SIGTERM");
  expect(await server.exited).toBe(0);
  const text = await read;
  expect(text).toContain('"event":"http.failed"');
  const dropped = Number(/"event":"log.dropped","lines":(\d+)/.exec(text)?.[1]);
  expect(dropped).toBeGreaterThan(100);
  // What was kept and what was counted is what was said.
  const kept = text.split('"event":"http.failed"').length - 1;
  expect(kept + dropped).toBeGreaterThanOrEqual(6000);
}, 60_000);

function shell(script: string) {
  return finished(["bash", "-c", script], { env: environment(), timeoutMs: 20_000 });
}

function environment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", HOME: ann.folder, DATA_DIR: ann.dataDir, SYNC_INTERVAL: "off" };
}
