// The built binary: its commands, and servers and workers of it that are ready or have ended.
import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Subprocess } from "bun";
import { finished, type Outcome } from "./process.ts";

export const binary = resolve(import.meta.dir, "../../dist/pricore");

export type CommandOutcome = Outcome & {
  /** What a command printed with `--json`; throws when it isn't one JSON document. */
  json<T>(): T;
};

/** `as` runs it as somebody else: the words before the program. */
type Launch = { env: Record<string, string>; cwd: string; as?: string[] };

export async function runBinary(
  args: string[],
  { as = [], timeoutMs = 60_000, ...started }: Launch & { stdin?: string; timeoutMs?: number },
): Promise<CommandOutcome> {
  const outcome = await finished([...as, expectBuilt(), ...args], { ...started, timeoutMs });
  return { ...outcome, json: () => JSON.parse(outcome.stdout) };
}

export type Served = {
  /** 0 for a worker, and for a server that ended before it had one. */
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

const patienceMs = 30_000;

/**
 * A server, or what `args` name, on any free port unless PORT is said; an APP_URL with the port 0 is the address of
 * that. `program` is a copy of the binary.
 */
export async function startBinary({
  args = [],
  env,
  program = expectBuilt(),
  as = [],
  cwd,
}: Launch & { args?: string[]; program?: string }): Promise<Served> {
  const { PORT = "0" } = env;
  const child = Bun.spawn([...as, program, ...args], {
    cwd,
    env: { APP_URL: `http://127.0.0.1:${PORT}`, ...env, PORT },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const isQuiet = ["warn", "error"].includes(env["LOG_LEVEL"] ?? "info");
  const isReady = (printed: string) =>
    printed.includes('"worker.ready"') ||
    ((isQuiet || printed.includes('"serve.ready"')) && (PORT !== "0" || portIn(printed) > 0));
  const { printed, ended } = await untilReady(child, isReady);
  const port = Number(PORT) || portIn(printed());
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    pid: child.pid,
    code: () => child.exitCode,
    ended,
    kill: (signal) => child.kill(signal),
    printed,
    events: () => [...printed().matchAll(/"event":"([^"]+)"/g)].map((match) => match[1] ?? ""),
  };
}

async function untilReady(
  child: Subprocess<"ignore", "pipe", "pipe">,
  isReady: (printed: string) => boolean,
): Promise<{ printed: () => string; ended: Promise<number> }> {
  const ready = Promise.withResolvers<void>();
  let printed = "";
  const keep = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      printed += decoder.decode(chunk, { stream: true });
      if (isReady(printed)) ready.resolve();
    }
  };
  const ended = Promise.all([keep(child.stdout), keep(child.stderr)]).then(() => child.exited);
  const late = setTimeout(() => {
    child.kill("SIGKILL");
    ready.reject(new Error(`Not ready within ${patienceMs / 1000} s:\n${printed}`));
  }, patienceMs);
  await Promise.race([ready.promise, ended]).finally(() => clearTimeout(late));
  return { printed: () => printed, ended };
}

/** Where a server with port 0 says that it listens; 0 as long as it does not. */
function portIn(printed: string): number {
  return Number(/^Listening on \S+:(\d+)$/m.exec(printed)?.[1] ?? 0);
}

function expectBuilt(): string {
  if (!existsSync(binary)) throw new Error(`${binary} is not there: build it with \`npm run build\` first`);
  return binary;
}
