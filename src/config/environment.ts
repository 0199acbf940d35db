// Where the variables come from. The only reader of process.env.
import { existsSync, fstatSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { invalid, messageOf } from "../errors.ts";
import { findValue, type Environment, type Sources } from "./sources.ts";

export type { Environment } from "./sources.ts";
/** Options of the command line; they override the environment. */
type ConfigArguments = { dataDir?: string; envFile?: string; host?: string; port?: string };

/**
 * Reads the process environment and the `.env` of the data directory (or `--env-file`), never one of the
 * working directory: a binary that runs inside a cloned repository must not obey it. Fails as `invalid`.
 */
export function readEnvironment(args: ConfigArguments): Environment {
  return readSources(args).environment;
}

/** As `readEnvironment`, and which names the file has. */
export function readSources(args: ConfigArguments): Sources {
  const fromProcess: Environment = { ...process.env };
  if (args.dataDir) fromProcess["DATA_DIR"] = args.dataDir;
  if (args.host) fromProcess["HOST"] = args.host;
  if (args.port) fromProcess["PORT"] = args.port;
  const dataDir = valueOf(fromProcess, "DATA_DIR");
  const file = args.envFile ?? join(dataDir ?? "data", ".env");
  if (!args.envFile && dataDir === null) refuseForeign(file);
  const fromFile = readEnvFile(file, args.envFile !== undefined);
  // Only the service manager says where its credentials are.
  delete fromFile["CREDENTIALS_DIRECTORY"];
  const own = withoutEmpty(fromProcess);
  const inEnvFile = new Set(Object.keys(fromFile).filter((name) => !(name in own)));
  return { environment: { ...fromFile, ...own }, inEnvFile };
}

/**
 * A secret for a command: from the process environment, a file that it names or a credential of the service manager,
 * never from the .env file. Empty counts as unset.
 */
export function secretVariable(name: string): string | null {
  return valueOf(process.env, name);
}

/** Fails as `invalid` when it is set twice or cannot be read. */
function valueOf(env: Environment, name: string): string | null {
  const found = findValue(env, name);
  if ("problem" in found) throw invalid(`${name} ${found.problem}.`, { code: "usage" });
  return found.value?.text ?? null;
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
