// The shape of a command and its output: text or one JSON document on standard output, progress and warnings on
// standard error.
import type { parseArgs, ParseArgsConfig } from "node:util";
import type { App } from "../app.ts";
import type { Config } from "../config/config.ts";
import type { Sources } from "../config/sources.ts";
import { invalid } from "../errors.ts";
import { printable, printableLines } from "../printable.ts";

type Option = { type: "string" | "boolean"; multiple?: true; value?: string; help: string };
export type Options = Record<string, Option>;

export type Arguments = {
  positionals: string[];
  text(name: string): string | null;
  required(name: string): string;
  flag(name: string): boolean;
  list(name: string): string[];
};

export type Output = {
  /** Prints the one result: `human` lines, or `value` as JSON. */
  result(value: unknown, human: string | string[]): void;
  /** Prints progress and warnings. */
  note(line: string): void;
  /** Overwrites the line on a terminal, prints nothing elsewhere. */
  progress(line: string): void;
  json: boolean;
};

export type Command = {
  summary: string;
  /** The positional arguments, as in `SLUG [NAME]…`. */
  usage: string;
  /** The allowed number of positional arguments. */
  arity: [min: number, max: number];
  options: Options;
  /** Whether the command creates a missing database; other commands fail and name the folder they looked in. */
  makesDatabase?: (args: Arguments) => boolean;
} & (
  | { run(app: App, args: Arguments, out: Output): Promise<number | void> }
  /** For commands that must run before the database is migrated. */
  | { runOn(config: Config, args: Arguments, out: Output): Promise<number | void> }
  /** For commands about the settings themselves, which may have mistakes. */
  | { runOnSources(sources: Sources, args: Arguments, out: Output): Promise<number | void> }
  /** For what needs neither configuration nor data. */
  | { runAlone(args: Arguments, out: Output): Promise<number | void> }
);

export type ParsedValues = ReturnType<typeof parseArgs>["values"];

/** The options in the format of `node:util`. */
export function parseOptions(options: Options): NonNullable<ParseArgsConfig["options"]> {
  return Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple }]) => [
      name,
      { type, ...(multiple ? { multiple } : {}) },
    ]),
  );
}

export function argumentsOf(values: ParsedValues, positionals: string[]): Arguments {
  const text = (name: string) => {
    const value = values[name];
    return typeof value === "string" ? value : null;
  };
  return {
    positionals,
    text,
    required(name) {
      const value = text(name);
      if (value === null || value === "") throw invalid(`--${name} is needed.`, { code: "usage" });
      return value;
    },
    flag: (name) => values[name] === true,
    list: (name) => (Array.isArray(values[name]) ? values[name].map(String) : []),
  };
}

export function createOutput(json: boolean): Output {
  let open = false;
  const clear = () => {
    if (open) process.stderr.write("\r\x1b[2K");
    open = false;
  };
  return {
    json,
    result(value, human) {
      clear();
      const text = json
        ? printableLines(JSON.stringify(value, null, 2))
        : [human].flat().map(printable).join("\n");
      if (text !== "") process.stdout.write(`${text}\n`);
    },
    note(line) {
      clear();
      process.stderr.write(`${printableLines(line)}\n`);
    },
    progress(line) {
      if (!process.stderr.isTTY || json) return;
      process.stderr.write(`\r\x1b[2K${printable(line)}`);
      open = true;
    },
  };
}

/** Columns are as wide as their content; numbers align right. */
export function table(heads: string[], rows: (string | number | null)[][]): string[] {
  const cells = [
    heads,
    ...rows.map((row) => row.map((cell) => (cell === null ? "–" : printable(String(cell))))),
  ];
  const widths = heads.map((_, column) =>
    Math.max(...cells.map((row) => Bun.stringWidth(row[column] ?? ""))),
  );
  const isNumber = heads.map((_, column) => rows.some((row) => typeof row[column] === "number"));
  return cells.map((row) =>
    row
      .map((cell, column) => {
        const space = " ".repeat((widths[column] ?? 0) - Bun.stringWidth(cell));
        return isNumber[column] ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd(),
  );
}

export function isoTime(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString();
}
