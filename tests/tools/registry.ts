// The built binary as a real server with a fresh data directory, behind a recorder whose origin is its APP_URL.

import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Subprocess } from "bun";
import { finished, type Outcome } from "./process.ts";
import { type Recorder, startRecorder } from "./recorder.ts";

export type CommandOutcome = Outcome & {
  /** What a command printed with `--json`; throws when it isn't one JSON document. */
  json<T>(): T;
};

export type Registry = {
  recorder: Recorder;
  /** What clients see: the recorder's origin. */
  url: string;
  /** Another one after each start. */
  readonly port: number;
  dataDir: string;
  pid(): number;
  /** All that the server has printed, over every start. */
  logs(): string;
  /** Runs a command of the binary on the same data. */
  pricore(
    args: string[],
    options?: { stdin?: string; cwd?: string; timeoutMs?: number },
  ): Promise<CommandOutcome>;
  /** Starts the server again on the same data and waits until it is healthy. */
  start(env?: Record<string, string>): Promise<void>;
  /** As an operator would (SIGTERM); resolves with the exit code. */
  stop(): Promise<number>;
  kill(): Promise<void>;
  /** Stops everything and removes the data. */
  close(): Promise<void>;
};

export const binary = resolve(import.meta.dir, "../../dist/pricore");

export async function startRegistry(env: Record<string, string> = {}): Promise<Registry> {
  if (!existsSync(binary)) throw new Error(`${binary} is not there: build it with \`npm run build\` first`);
  const dataDir = await mkdtemp(join(tmpdir(), "pricore-"));
  const recorder = await startRecorder(0);
  const environment: Record<string, string> = {
    PATH: process.env.PATH ?? "",
    HOME: dataDir,
    DATA_DIR: join(dataDir, "data"),
    PORT: "0",
    APP_URL: recorder.origin,
    OUTBOUND_ALLOW: "127.0.0.1",
    SYNC_INTERVAL: "off",
    ...env,
  };
  let server: Subprocess<"ignore", "pipe", "pipe"> | null = null;
  let printed = "";
  const keep = async (stream: ReadableStream<Uint8Array>): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) printed += decoder.decode(chunk, { stream: true });
  };

  const start = async (changes: Record<string, string> = {}): Promise<void> => {
    Object.assign(environment, changes);
    const child = Bun.spawn([binary, "serve"], {
      cwd: dataDir,
      env: environment,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    server = child;
    const before = printed.length;
    void keep(child.stdout);
    void keep(child.stderr);
    recorder.target = await portOf(child, () => printed.slice(before));
  };
  const end = async (signal: NodeJS.Signals): Promise<number> => {
    if (server === null) return 0;
    server.kill(signal);
    const code = await server.exited;
    server = null;
    return code;
  };
  const registry: Registry = {
    recorder,
    url: recorder.origin,
    get port() {
      return recorder.target;
    },
    dataDir: environment.DATA_DIR ?? "",
    pid: () => server?.pid ?? 0,
    logs: () => printed,
    pricore: async (args, options = {}) => {
      const started = { cwd: dataDir, env: environment, timeoutMs: 60_000, ...options };
      const outcome = await finished([binary, ...args], started);
      return { ...outcome, json: () => JSON.parse(outcome.stdout) };
    },
    start,
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
    close: async () => {
      await end("SIGTERM");
      await recorder.stop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
  await start();
  return registry;
}

/** The port that the server has got, as soon as it listens. */
async function portOf(child: Subprocess, printed: () => string): Promise<number> {
  for (let attempt = 0; attempt < 800; attempt++) {
    const [, port] = /^Listening on \S+:(\d+)$/m.exec(printed()) ?? [];
    if (port !== undefined) return Number(port);
    if (child.exitCode !== null) throw new Error(`The server ended with ${child.exitCode}:\n${printed()}`);
    await Bun.sleep(25);
  }
  child.kill("SIGKILL");
  throw new Error(`The server did not begin to listen:\n${printed()}`);
}
