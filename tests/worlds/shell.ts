// Somebody with a shell: commands of the built binary and servers of it, on a data directory of their own.
import { chown, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runBinary, startBinary, type CommandOutcome, type Served } from "../tools/binary.ts";

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
  const servers: Served[] = [];

  const run = (args: string[], { env: more = {}, ...options }: RunOptions = {}): Promise<CommandOutcome> =>
    runBinary(args, { as, cwd: folder, timeoutMs: 30_000, ...options, env: { ...own, ...more } });
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
    async serve({ env: more = {}, ...options } = {}) {
      const served = await startBinary({ as, cwd: folder, ...options, env: { ...own, ...more } });
      servers.push(served);
      return served;
    },
    async close() {
      for (const server of servers) server.kill("SIGKILL");
      await Promise.all(servers.map(({ ended }) => ended));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
