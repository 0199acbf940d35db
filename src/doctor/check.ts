// What a check is: it looks at one thing and says what it saw, whether that is well, and what helps.
import type { App } from "../app.ts";
import type { Config } from "../config/config.ts";
import type { UnknownSetting } from "../config/sources.ts";
import type { Failure } from "../errors.ts";
import type { Remedy } from "../remedy.ts";
import type { Machine } from "./machine.ts";

/** `unknown`: it could not be looked at, which is no fault by itself. */
export type Status = "ok" | "warn" | "fail" | "unknown";

export type Finding = {
  status: Status;
  /** What was seen, as a sentence. */
  seen: string;
  /** What helps, in a sentence that is true for every reader. */
  advice: string | null;
  remedy: Remedy | null;
};

/** All that checks look at. What is missing could not be read or opened, and a check of its own says why. */
export type Context = {
  problems: string[];
  unknown: UnknownSetting[];
  config: Config | null;
  /** Opened without bringing the database up to date. */
  app: App | null;
  appProblem: Failure | null;
  machine: Machine;
  /** Whether this process serves: then nothing may hold it up. */
  isServing: boolean;
  /** Whether what takes half a minute is checked as well. */
  isThorough: boolean;
  /** Milliseconds since the epoch. */
  now(): number;
};

export type Check = {
  id: string;
  /** What it is about, for people. */
  title: string;
  /** A new version runs these before it takes over. */
  isPreflight?: true;
  /** Of a thorough run, where a check takes longer by its nature. */
  budgetMs?: number;
  run(context: Context): Promise<Finding> | Finding;
  /** Mends what the check found; says what was done. */
  fix?(context: Context): Promise<string>;
};

type Help = { advice?: string; remedy?: Remedy };

function found(status: Status, seen: string, { advice, remedy }: Help = {}): Finding {
  return { status, seen, advice: advice ?? null, remedy: remedy ?? null };
}

export const ok = (seen: string): Finding => found("ok", seen);
export const warn = (seen: string, help?: Help): Finding => found("warn", seen, help);
export const fail = (seen: string, help?: Help): Finding => found("fail", seen, help);
export const unknown = (seen: string, help?: Help): Finding => found("unknown", seen, help);

type Answer = Promise<Finding> | Finding;

export function withConfig(check: (config: Config, context: Context) => Answer): Check["run"] {
  return (context) =>
    context.config === null ? unknown("The settings have mistakes.") : check(context.config, context);
}

export function withApp(check: (app: App, context: Context) => Answer): Check["run"] {
  return (context) =>
    context.app === null ? unknown("The installation could not be opened.") : check(context.app, context);
}

const order: Status[] = ["fail", "warn", "unknown", "ok"];

/** The gravest of several; `ok` with `well` when there is none. */
export function worstOf(findings: Finding[], well: string): Finding {
  const grave = findings
    .filter(({ status }) => status !== "ok")
    .toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const [first, ...others] = grave;
  if (!first) return ok(well);
  return others.length === 0
    ? first
    : { ...first, seen: [first, ...others].map(({ seen }) => seen).join(" ") };
}

/** `acme and beta`, the first five of many. */
export function listed(names: string[]): string {
  const shown = names.slice(0, 5).join(", ");
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

export function bytesText(bytes: number): string {
  const gigabytes = bytes / 1024 ** 3;
  return gigabytes >= 1 ? `${gigabytes.toFixed(1)} GB` : `${Math.round(bytes / 1024 ** 2)} MB`;
}
