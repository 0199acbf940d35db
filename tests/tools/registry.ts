// The built binary as a real server with a fresh data directory, behind a recorder whose origin is its APP_URL.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runBinary, startBinary, type CommandOutcome, type Served } from "./binary.ts";
import { type Recorder, startRecorder } from "./recorder.ts";

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

export async function startRegistry(env: Record<string, string> = {}): Promise<Registry> {
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
  let server: Served | null = null;
  const printed: string[] = [];

  const start = async (changes: Record<string, string> = {}): Promise<void> => {
    Object.assign(environment, changes);
    const started = await startBinary({ args: ["serve"], cwd: dataDir, env: environment });
    if (started.code() !== null)
      throw new Error(`The server ended with ${started.code()}:\n${started.printed()}`);
    server = started;
    recorder.target = started.port;
  };
  const end = async (signal: NodeJS.Signals): Promise<number> => {
    if (server === null) return 0;
    server.kill(signal);
    const code = await server.ended;
    printed.push(server.printed());
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
    logs: () => printed.join("") + (server?.printed() ?? ""),
    pricore: (args, options) => runBinary(args, { cwd: dataDir, env: environment, ...options }),
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
