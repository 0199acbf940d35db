// A log file with a limit: when it is full it becomes FILE.1, FILE.1 becomes FILE.2, and the oldest is removed.
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf, unavailable } from "./errors.ts";
import { onHangup } from "./hangup.ts";

/** `count`: how many files there are at most, with the one that is written to. */
export type LogFileOptions = { path: string; maxBytes: number; count: number };

/**
 * The file is opened again at SIGHUP, so that another program may move it away. A line that cannot be written
 * goes to `otherwise`. Fails as `unavailable` when the file cannot be opened at the start.
 */
export function openLogFile(options: LogFileOptions, otherwise: (line: string) => void) {
  let file = open(options.path);
  onHangup(() => {
    closeSync(file.descriptor);
    file = open(options.path);
  });
  return (line: string) => {
    const bytes = Buffer.from(`${line}\n`);
    try {
      if (file.size > 0 && file.size + bytes.length > options.maxBytes) file = rotate(file, options);
      writeSync(file.descriptor, bytes);
      file.size += bytes.length;
    } catch {
      otherwise(line);
    }
  };
}

type OpenFile = { descriptor: number; size: number };

function open(path: string): OpenFile {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    const descriptor = openSync(path, "a", 0o600);
    return { descriptor, size: fstatSync(descriptor).size };
  } catch (error) {
    throw unavailable(`The log file ${path} cannot be written: ${messageOf(error)}.`, {
      code: "log_file",
      advice: "Set LOG_FILE to a file that this user can write to.",
    });
  }
}

function rotate({ descriptor }: OpenFile, { path, count }: LogFileOptions): OpenFile {
  closeSync(descriptor);
  const nameOf = (at: number) => (at === 0 ? path : `${path}.${at}`);
  rmSync(nameOf(count - 1), { force: true });
  for (let at = count - 2; at >= 0; at--) moveIfThere(nameOf(at), nameOf(at + 1));
  return open(path);
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}
