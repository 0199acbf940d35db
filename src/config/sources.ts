// Where the value of a setting is: in its own variable, in the file that NAME_FILE names, or in the folder where the
// service manager puts credentials (systemd's LoadCredential).
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { messageOf } from "../errors.ts";

export type Environment = Record<string, string | undefined>;

export type Origin = "default" | "environment" | "env-file" | "file" | "credential";
type Value = { text: string; origin: Exclude<Origin, "default"> };
/** `null`: it is set nowhere. */
type Found = { value: Value | null } | { problem: string };

/** Names in the `.env` file; everything else is of the process. */
export type FileNames = ReadonlySet<string>;
export type Sources = { environment: Environment; inEnvFile: FileNames };

const maxBytes = 64 * 1024;
const none: FileNames = new Set();

/** A variable that nothing reads; `meant` is the name that was probably meant. */
export type UnknownSetting = { name: string; meant: string | null };

/** Two places for one value are a mistake: nobody could know which one counts. */
export function findValue(env: Environment, name: string, inEnvFile: FileNames = none): Found {
  const own = env[name];
  const file = env[`${name}_FILE`];
  const credential = credentialPath(env, name);
  const places = [own && name, file && `${name}_FILE`, credential && `the credential ${name}`].filter(
    Boolean,
  );
  if (places.length > 1) return { problem: `is set twice, by ${places.join(" and ")}: leave one out` };
  if (own) return { value: { text: own, origin: inEnvFile.has(name) ? "env-file" : "environment" } };
  if (file) return readValue(file, "file");
  return credential ? readValue(credential, "credential") : { value: null };
}

function credentialPath(env: Environment, name: string): string | null {
  const folder = env["CREDENTIALS_DIRECTORY"];
  if (!folder) return null;
  const path = join(folder, name);
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? path : null;
}

function readValue(path: string, origin: "file" | "credential"): Found {
  try {
    const { size } = statSync(path);
    if (size > maxBytes)
      return { problem: `cannot be read from ${path}: it has more than ${maxBytes} bytes` };
    const text = readFileSync(path, "utf8").replace(/\r?\n$/, "");
    return text === "" ? { problem: `is set by ${path}, which is empty` } : { value: { text, origin } };
  } catch (error) {
    return { problem: `cannot be read from a file: ${messageOf(error)}` };
  }
}
