// What every section of the configuration reads its variables with.
import { readFileSync } from "node:fs";
import { messageOf } from "../errors.ts";
import type { Environment } from "./environment.ts";

export class Reader {
  constructor(
    private env: Environment,
    private problems: string[],
  ) {}

  problem(name: string, text: string): void {
    this.problems.push(`${name} ${text}`);
  }

  text(name: string, fallback: string): string {
    return this.env[name] || fallback;
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
    const text = this.env[name];
    if (!text) return fallback;
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
    const text = this.env[name];
    if (!text) return fallback;
    const value = values.find((each) => each === text);
    if (value === undefined) this.problem(name, `"${text}" is not one of ${values.join(", ")}`);
    return value ?? fallback;
  }
}

/** The parts between commas, trimmed. */
export function listIn(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}
