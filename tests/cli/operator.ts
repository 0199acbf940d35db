// Somebody with a shell: commands of the built binary and servers of it, on a data directory of their own.
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import { finished } from "../tools/process.ts";
import { binary, type CommandOutcome } from "../tools/registry.ts";
import { until } from "../tools/until.ts";

export type Operator = {
  /** For all that a test writes; gone at the end. */
  folder: string;
  /** With an empty database, unless the test makes it. */
  dataDir: string;
  run(args: string[], options?: RunOptions): Promise<CommandOutcome>;
  /** A command that must succeed; what it printed, trimmed. */
  must(...args: string[]): Promise<string>;
  /** What a command printed with `--json`; it must succeed. */
  json<T>(...args: string[]): Promise<T>;
  /** A server, or a worker, that is ready or has ended. */
  serve(options?: ServeOptions): Promise<Served>;
  close(): Promise<void>;
};

export type RunOptions = {
  /** Beside, or instead of, the operator's own variables. */
  env?: Record<string, string>;
  stdin?: string;
  cwd?: string;
  timeoutMs?: number;
};

/** `program` is the binary, or a copy of it. */
export type ServeOptions = { args?: string[]; env?: Record<string, string>; program?: string };

export type Served = {
  port: number;
  url: string;
  pid: number;
  /** Null while it runs. */
  code(): number | null;
  ended: Promise<number>;
  kill(signal: NodeJS.Signals): void;
  /** All that it has printed. */
  printed(): string;
  /** The events of its log, in their order. */
  events(): string[];
};

/** As nobody, where file permissions count: root may do everything. */
export type OpenOptions = { env?: Record<string, string>; asNobody?: boolean; withDatabase?: boolean };

const nobody = 65_534;

export async function openOperator({
  env = {},
  asNobody = false,
  withDatabase = true,
}: OpenOptions = {}): Promise<Operator> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-cli-"));
  const isRoot = process.getuid?.() === 0;
  if (asNobody && isRoot) await chown(folder, nobody, nobody);
  const dataDir = join(folder, "data");
  const own = {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    DATA_DIR: dataDir,
    OUTBOUND_ALLOW: "127.0.0.1",
    SYNC_INTERVAL: "off",
    ...env,
  };
  const as =
    asNobody && isRoot ? ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"] : [];
  const servers: Subprocess[] = [];

  const run = async (args: string[], options: RunOptions = {}): Promise<CommandOutcome> => {
    const outcome = await finished([...as, binary, ...args], {
      cwd: folder,
      timeoutMs: 30_000,
      ...options,
      env: { ...own, ...options.env },
    });
    return { ...outcome, json: () => JSON.parse(outcome.stdout) };
  };
  const must = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await run(args);
    if (code !== 0) throw new Error(`pricore ${args.join(" ")} ended with ${code}:\n${stderr}${stdout}`);
    return stdout.trim();
  };
  if (withDatabase) await must("migrate");
  return {
    folder,
    dataDir,
    run,
    must,
    json: async (...args) => JSON.parse(await must(...args, "--json")),
    async serve({ args = [], env: more = {}, program = binary } = {}) {
      const { PORT = "0" } = more;
      const serverEnv = { ...own, APP_URL: `http://127.0.0.1:${PORT}`, ...more, PORT };
      const child = Bun.spawn([...as, program, ...args], {
        cwd: folder,
        env: serverEnv,
        stdio: ["ignore", "pipe", "pipe"],
      });
      servers.push(child);
      return served(child, Number(PORT));
    },
    async close() {
      for (const server of servers) server.kill("SIGKILL");
      await Promise.all(servers.map(({ exited }) => exited));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `asked` is the port that it was told to take; with 0 it prints which one it has got. */
async function served(child: Subprocess<"ignore", "pipe", "pipe">, asked: number): Promise<Served> {
  let printed = "";
  const keep = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) printed += decoder.decode(chunk, { stream: true });
  };
  const output = Promise.all([keep(child.stdout), keep(child.stderr)]);
  const ended = output.then(() => child.exited);
  const isReady = () =>
    child.exitCode !== null ||
    /"worker\.ready"/.test(printed) ||
    (/"serve\.ready"/.test(printed) && (asked || portIn(printed)) > 0);
  await until(isReady);
  if (child.exitCode !== null) await ended;
  const port = asked || portIn(printed);
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid,
    code: () => child.exitCode,
    ended,
    kill: (signal) => child.kill(signal),
    printed: () => printed,
    events: () => [...printed.matchAll(/"event":"([^"]+)"/g)].map((match) => match[1] ?? ""),
  };
}

/** Where a server with port 0 says that it listens; 0 as long as it does not. */
function portIn(printed: string): number {
  return Number(/^Listening on \S+:(\d+)$/m.exec(printed)?.[1] ?? 0);
}
