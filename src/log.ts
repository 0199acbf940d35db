// One structured logger with one redactor. Lines go to standard error: standard output belongs to commands.
import type { LogLevel } from "./config/operations.ts";
import { openLogFile, type LogFileOptions } from "./log-file.ts";
import { createLogSums } from "./log-sums.ts";
import { printable } from "./printable.ts";

export type Fields = Record<string, unknown>;
export type Log = { [Level in LogLevel]: (event: string, fields?: Fields) => void };

const order: LogLevel[] = ["debug", "info", "warn", "error"];

type LogOptions = {
  level: LogLevel;
  format: "text" | "json";
  file?: LogFileOptions | null;
  /** Lines to the journal begin with their priority. */
  isJournal?: boolean;
  write?: Write;
};

type Write = (line: string, level: LogLevel) => void;

/** As syslog counts them. */
const priorities: Record<LogLevel, number> = { debug: 7, info: 6, warn: 4, error: 3 };

/**
 * `event` is `noun.verb`, fields are flat values; a line stays one line, whatever a value holds, and secrets in any text
 * are masked before they are written.
 */
export function createLog({ level, format, ...output }: LogOptions): Log {
  const write = output.write ?? openOutput(output);
  const line = format === "json" ? jsonLine : textLine;
  const isWritten = createLogSums((sum) => write(redact(line("warn", "log.summed", sum)), "warn"));
  const at =
    (each: LogLevel) =>
    (event: string, fields: Fields = {}) => {
      if (order.indexOf(each) < order.indexOf(level)) return;
      const { address } = fields;
      if (typeof address === "string" && !isWritten(event, address)) return;
      write(redact(printable(line(each, event, fields))), each);
    };
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
}

function openOutput({ file, isJournal = false }: Pick<LogOptions, "file" | "isJournal">): Write {
  const toStandardError: Write = isJournal
    ? (line, level) => writeToStandardError(`<${priorities[level]}>${line}`)
    : writeToStandardError;
  return file ? openLogFile(file, (line) => toStandardError(line, "warn")) : toStandardError;
}

/** Masks tokens, one-time links, credentials in URLs and authorization headers anywhere in the text. */
export function redact(text: string): string {
  return text
    .replace(/(\/(?:setup|reset-password|verify-email|verify-email\/undo|invitations)\/)[\w-]{20,}/g, "$1***")
    .replace(/prc_[0-9A-Za-z]{8,}/g, "prc_***")
    .replace(/(https?:\/\/)[^/\s"'@]+@/gi, "$1***@")
    .replace(/([a-z][a-z0-9+.-]*:\/\/[^/\s"'@:]*):[^/\s"']+@/gi, "$1:***@")
    .replace(/\b(basic|bearer|token)\s+[A-Za-z0-9+/=._~-]{8,}/gi, "$1 ***")
    .replace(/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, "***");
}

function jsonLine(level: LogLevel, event: string, fields: Fields): string {
  return JSON.stringify({ time: new Date().toISOString(), level, event, ...fields });
}

function textLine(level: LogLevel, event: string, fields: Fields): string {
  const rest = Object.entries(fields)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => ` ${name}=${typeof value === "string" ? JSON.stringify(value) : String(value)}`)
    .join("");
  return `${new Date().toISOString().slice(11, 19)} ${level.padEnd(5)} ${event}${rest}`;
}

/** Most bytes that wait in memory for a slow reader of the log. */
const waitingBytes = 1024 * 1024;
let waiting = 0;
let dropped = 0;

/** A stalled reader loses log lines, which are counted; it never costs memory or blocks a request. */
function writeToStandardError(line: string): void {
  if (waiting > waitingBytes) {
    dropped++;
    return;
  }
  const droppedLine = dropped > 0 ? `${jsonLine("warn", "log.dropped", { lines: dropped })}\n` : "";
  dropped = 0;
  const text = `${droppedLine}${line}\n`;
  waiting += text.length;
  process.stderr.write(text, () => void (waiting -= text.length));
}
