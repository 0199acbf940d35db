// Failure is the one error that people may see; anything else thrown is a bug and is answered as "Something went wrong".
import type { Remedy } from "./remedy.ts";

export type FailureKind =
  "invalid" | "unauthenticated" | "forbidden" | "notFound" | "conflict" | "tooMany" | "unavailable";

export type FailureDetails = {
  /** For programs and log lines: snake_case. */
  code?: string;
  field?: string;
  /** What helps, in a sentence that is true for every reader. */
  advice?: string;
  /** What helps, as data: a command line, a page and a program each say it in their own way. */
  remedy?: Remedy | undefined;
  retryAfterSeconds?: number;
};

export class Failure extends Error {
  readonly kind: FailureKind;
  readonly code: string;
  readonly field: string | undefined;
  readonly advice: string | undefined;
  readonly remedy: Remedy | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message);
    this.name = "Failure";
    this.kind = kind;
    this.code = details.code ?? kind;
    this.field = details.field;
    this.advice = details.advice;
    this.remedy = details.remedy;
    this.retryAfterSeconds = details.retryAfterSeconds;
  }
}

type Make = (message: string, details?: FailureDetails) => Failure;
const kind =
  (kind: FailureKind): Make =>
  (message, details) =>
    new Failure(kind, message, details);

/** The request or the input is wrong. */
export const invalid = kind("invalid");
/** Nobody is signed in, or the token is wrong. */
export const unauthenticated = kind("unauthenticated");
/** Known, but not allowed. */
export const forbidden = kind("forbidden");
export const notFound = kind("notFound");
/** It exists already, or somebody else changed it first. */
export const conflict = kind("conflict");
export const tooMany = kind("tooMany");
/** A fault of ours or of a machine we depend on; trying again later may work. */
export const unavailable = kind("unavailable");

/** What happened and what to do, as sentences in one line. */
export function textOf({ message, advice }: Failure): string {
  const first = /[.!?…]$/.test(message) ? message : `${message}.`;
  return advice === undefined ? first : `${first} ${advice}`;
}

/** The text of anything thrown, for logs and reports. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
