// What is logged, in which form, and where to.
import { resolve } from "node:path";
import type { LogLevel } from "./operations.ts";
import { writesToJournal } from "./environment.ts";
import type { Reader } from "./reader.ts";

type LogFile = { path: string; maxBytes: number; count: number };

export type LogSettings = {
  level: LogLevel;
  format: "text" | "json";
  /** null: standard error. */
  file: LogFile | null;
  /** Whether standard error leads to systemd's journal, which reads a line's priority from its start. */
  isJournal: boolean;
};

/** `quiet` commands answer and end: their log is for the one who ran them, and about what went wrong. */
export function logSettings(read: Reader, { quiet }: { quiet: boolean }): LogSettings {
  const maxMegabytes = read.integer("LOG_FILE_MEGABYTES", 20, 1, 10_000);
  const count = read.integer("LOG_FILE_COUNT", 5, 1, 100);
  const path = read.text("LOG_FILE", "");
  const hasFile = path !== "" && !quiet;
  return {
    level: read.choice("LOG_LEVEL", quiet ? "warn" : "info", ["debug", "info", "warn", "error"]),
    format: read.choice("LOG_FORMAT", process.stderr.isTTY && !hasFile ? "text" : "json", ["text", "json"]),
    file: hasFile ? { path: resolve(path), maxBytes: maxMegabytes * 1024 * 1024, count } : null,
    isJournal: writesToJournal(),
  };
}
