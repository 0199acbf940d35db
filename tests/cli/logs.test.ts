// Where a server's log goes: to a file with a limit, or to the journal with priorities.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, renameSync, statSync } from "node:fs";
import { join } from "node:path";
import { openLogFile } from "../../src/log-file.ts";
import { binary } from "../tools/binary.ts";
import { until } from "../tools/until.ts";
import type { Operator } from "../worlds/shell.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
beforeEach(async () => void (ann = await openWorld({ in: "shell" })));
afterEach(() => ann.close());

const eventsIn = (path: string) =>
  existsSync(path)
    ? readFileSync(path, "utf8")
        .split("\n")
        .filter((line) => line.endsWith("}"))
        .map((line) => JSON.parse(line).event as string)
    : [];

test("a server logs to its file, opens it again at SIGHUP, and goes on", async () => {
  const path = join(ann.folder, "logs", "app.log");
  const server = await ann.serve({ env: { LOG_FILE: path, LOG_LEVEL: "warn" } });
  renameSync(path, `${path}.moved`);
  server.kill("SIGHUP");
  await until(() => existsSync(path), { what: "The file was not opened again." });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect((await fetch(`${server.url}/health`)).status).toBe(200);
  server.kill("SIGTERM");
  expect(await server.ended).toBe(0);
  expect(server.events()).toEqual([]);
});

test("a server and a worker write to files of their own; commands print as ever", async () => {
  const [app, work] = [join(ann.folder, "app.log"), join(ann.folder, "worker.log")];
  const start = (args: string[], file: string) =>
    Bun.spawn([binary, ...args], {
      env: { DATA_DIR: ann.dataDir, LOG_FILE: file, PORT: "0" },
      stdio: ["ignore", "ignore", "ignore"],
    });
  const processes = [start(["serve", "--no-worker"], app), start(["worker"], work)];
  try {
    await until(() => eventsIn(app).includes("serve.ready") && eventsIn(work).includes("worker.ready"));
    for (const each of processes) each.kill("SIGHUP");
    for (const each of processes) each.kill("SIGTERM");
    expect(await Promise.all(processes.map(({ exited }) => exited))).toEqual([0, 0]);
    expect(eventsIn(app)).toContain("serve.stopping");
    expect(eventsIn(work)).toContain("worker.stopping");
    const { stderr } = await ann.run(["repo", "list", "--org", "nobody"], { env: { LOG_FILE: app } });
    expect(stderr).toContain("nobody");
  } finally {
    for (const each of processes) each.kill("SIGKILL");
  }
});

test("a full file makes room, and no line is lost as long as there may be enough files", () => {
  const path = join(ann.folder, "small.log");
  const lost: string[] = [];
  const write = openLogFile({ path, maxBytes: 100, count: 3 }, (line) => lost.push(line));
  const line = (at: number) => `line ${at} ${"x".repeat(40)}`;
  for (let at = 1; at <= 6; at++) write(line(at));
  const read = (name: string) => readFileSync(join(ann.folder, name), "utf8").trim().split("\n");
  expect(read("small.log.2")).toEqual([line(1), line(2)]);
  expect(read("small.log")).toEqual([line(5), line(6)]);
  write(line(7));
  expect(read("small.log.2")).toEqual([line(3), line(4)]);
  expect(readdirSync(ann.folder).filter((name) => name.startsWith("small"))).toHaveLength(3);
  write("y".repeat(500));
  expect(read("small.log")).toEqual(["y".repeat(500)]);
  expect(lost).toEqual([]);
});

test("a log file that cannot be opened is refused at the start", async () => {
  const { code, stderr } = await ann.run(["serve"], { env: { LOG_FILE: "/proc/nowhere/app.log" } });
  expect(code).toBe(1);
  expect(stderr).toContain("LOG_FILE");
});

test("lines to the journal begin with their priority, and lines to another place do not", async () => {
  const first = async (stream: string) => {
    const child = Bun.spawn(["sh", "-c", `JOURNAL_STREAM=${stream} exec ${binary} serve`], {
      env: { DATA_DIR: ann.dataDir, PATH: process.env["PATH"] ?? "", PORT: "0" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let text = "";
    for await (const chunk of child.stderr) {
      text += Buffer.from(chunk).toString();
      if (text.includes("serve.ready")) break;
    }
    child.kill("SIGKILL");
    await child.exited;
    return text.split("\n").find((line) => line.includes("serve.ready")) ?? "";
  };
  expect(await first("$(stat -L -c %d:%i /proc/self/fd/2)")).toStartWith('<6>{"time"');
  expect(await first("1:1")).toStartWith('{"time"');
});
