// Failure is the one error that people may see; anything else thrown is a bug and is answered as "Something went wrong".

export type FailureKind =
  "invalid" | "unauthenticated" | "forbidden" | "notFound" | "conflict" | "tooMany" | "unavailable";

/** `code` is for programs and log lines (snake_case); `remedy` says what to do, in the reader's words. */
export type FailureDetails = {
  code?: string;
  field?: string;
  remedy?: string;
  retryAfterSeconds?: number;
};

export class Failure extends Error {
  readonly kind: FailureKind;
  readonly code: string;
  readonly field: string | undefined;
  readonly remedy: string | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(kind: FailureKind, message: string, details: FailureDetails = {}) {
    super(message);
    this.name = "Failure";
    this.kind = kind;
    this.code = details.code ?? kind;
    this.field = details.field;
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
export function textOf({ message, remedy }: Failure): string {
  const first = /[.!?…]$/.test(message) ? message : `${message}.`;
  return remedy === undefined ? first : `${first} ${remedy}`;
}

/** The text of anything thrown, for logs and reports. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
