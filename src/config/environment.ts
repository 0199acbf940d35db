// Where the variables come from. The only reader of process.env.
import { existsSync, fstatSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { invalid, messageOf } from "../errors.ts";

export type Environment = Record<string, string | undefined>;
/** Options of the command line; they override the environment. */
export type ConfigArguments = { dataDir?: string; envFile?: string; host?: string; port?: string };

/**
 * Reads the process environment and the `.env` of the data directory (or `--env-file`), never one of the
 * working directory: a binary that runs inside a cloned repository must not obey it. Fails as `invalid`.
 */
export function readEnvironment(args: ConfigArguments): Environment {
  const fromProcess: Environment = { ...process.env };
  if (args.dataDir) fromProcess["DATA_DIR"] = args.dataDir;
  if (args.host) fromProcess["HOST"] = args.host;
  if (args.port) fromProcess["PORT"] = args.port;
  const file = args.envFile ?? join(fromProcess["DATA_DIR"] || "data", ".env");
  if (!args.envFile && !fromProcess["DATA_DIR"]) refuseForeign(file);
  return { ...readEnvFile(file, args.envFile !== undefined), ...withoutEmpty(fromProcess) };
}

/** A secret for a command, read from the process environment only, never from a file. Empty counts as unset. */
export function secretVariable(name: string): string | null {
  return process.env[name] || null;
}

/** systemd names the device and the inode of its journal's socket, because a child may write to somewhere else. */
export function writesToJournal(): boolean {
  const stream = process.env["JOURNAL_STREAM"];
  if (!stream) return false;
  const { dev, ino } = fstatSync(2, { bigint: true });
  return stream === `${dev}:${ino}`;
}

function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value));
}

/** The default data directory may come from a cloned repository with open permissions, so they are set here. */
function refuseForeign(file: string): void {
  const mode = statSync(dirname(file), { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) === 0 || process.platform === "win32" || !existsSync(file)) return;
  throw invalid(`${resolve(file)} was not read because other users can read that folder.`, {
    code: "usage",
    advice: "Remove the file if it is not yours.",
    remedy: { do: "choose-data-folder" },
  });
}

function readEnvFile(path: string, mustExist: boolean): Environment {
  try {
    const env: Environment = {};
    for (const line of readFileSync(path, "utf8").split(/\r?\n/)) {
      const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
      if (match?.[1]) env[match[1]] = match[2]?.replace(/^(["'])(.*)\1$/, "$2");
    }
    return env;
  } catch (error) {
    if (mustExist)
      throw invalid(`The environment file ${path} cannot be read: ${messageOf(error)}.`, { code: "usage" });
    return {};
  }
}
