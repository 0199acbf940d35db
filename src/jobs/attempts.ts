// What becomes of an attempt that failed.
import { Failure } from "../errors.ts";

const longestDelayMs = 3_600_000;

/** 1, 2, 4, 8 seconds, give or take a quarter; longer when the failure says when to come again. */
export function delayAfter(attempt: number, error: unknown): number {
  const backoffMs = 1000 * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
  const askedMs = error instanceof Failure ? (error.retryAfterSeconds ?? 0) * 1000 : 0;
  return Math.round(Math.min(Math.max(backoffMs, askedMs), longestDelayMs));
}

/** PostgreSQL takes no zero byte in a text. */
export function storable(text: string): string {
  return text.replaceAll("\0", "").slice(0, 4000);
}
