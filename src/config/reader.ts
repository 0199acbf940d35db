// What every section of the configuration reads its variables with. It remembers what it was asked for, so that the
// settings in force can be listed, and unknown ones recognized.
import { readFileSync } from "node:fs";
import { messageOf } from "../errors.ts";
import { findValue, type Environment, type FileNames, type Origin } from "./sources.ts";

/** `text` is the value in force; null where nothing is set and nothing is assumed. */
export type Setting = { name: string; text: string | null; origin: Origin };

export class Reader {
  readonly #settings = new Map<string, Setting>();

  constructor(
    private env: Environment,
    private problems: string[],
    private inEnvFile: FileNames = new Set(),
  ) {}

  problem(name: string, text: string): void {
    // A value may have a password where none belongs.
    this.problems.push(`${name} ${text.replace(/("[a-z][a-z0-9+.-]*:\/\/)[^/\s@"]*@/gi, "$1…@")}`);
  }

  /** Every setting that was read, in that order. */
  settings(): Setting[] {
    return [...this.#settings.values()];
  }

  text(name: string, fallback: string): string {
    return this.#value(name, fallback) ?? fallback;
  }

  all(names: string[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, this.text(name, "")]).filter(([, value]) => value));
  }

  required(name: string, what: string): string {
    const value = this.text(name, "");
    if (value === "") this.problem(name, `is missing: ${what}`);
    return value;
  }

  /** The text of the file that the variable names; empty when it is not set or cannot be read. */
  file(name: string): string {
    const path = this.text(name, "");
    try {
      return path === "" ? "" : readFileSync(path, "utf8");
    } catch (error) {
      this.problem(name, `cannot be read: ${messageOf(error)}`);
      return "";
    }
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const text = this.#value(name, String(fallback));
    if (text === null) return fallback;
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    this.problem(name, `"${text}" is not a whole number from ${min} to ${max}`);
    return fallback;
  }

  flag(name: string, fallback: boolean): boolean {
    return ["true", "1"].includes(
      this.choice(name, fallback ? "true" : "false", ["true", "false", "1", "0"]),
    );
  }

  choice<Value extends string>(name: string, fallback: NoInfer<Value>, values: Value[]): Value {
    const text = this.#value(name, fallback);
    if (text === null) return fallback;
    const value = values.find((each) => each === text);
    if (value === undefined) this.problem(name, `"${text}" is not one of ${values.join(", ")}`);
    return value ?? fallback;
  }

  #value(name: string, fallback: string): string | null {
    const known = this.#settings.get(name);
    if (known && known.origin !== "default") return known.text;
    const found = findValue(this.env, name, this.inEnvFile);
    if ("problem" in found && !known) this.problem(name, found.problem);
    const value = "value" in found ? found.value : null;
    this.#settings.set(name, {
      name,
      text: value?.text ?? (fallback === "" ? null : fallback),
      origin: value?.origin ?? "default",
    });
    return value?.text ?? null;
  }
}

/** The parts between commas, trimmed. */
export function listIn(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}
