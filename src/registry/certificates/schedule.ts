// When a certificate is renewed, tried again after a failure, and reported. Functions of times, in milliseconds.
const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

type Validity = { notBefore: number; notAfter: number };

/** When a third of the lifetime is left, or half of it when that is below 10 days. */
export function renewalTimeOf({ notBefore, notAfter }: Validity): number {
  const lifetime = notAfter - notBefore;
  return notAfter - lifetime / (lifetime < 10 * day ? 2 : 3);
}

/** A moment evenly chosen in the window, so that not everybody comes at once. `chance` is between 0 and 1. */
export function momentIn({ start, end }: { start: number; end: number }, chance: number): number {
  return start + (end - start) * chance;
}

const delays = [10 * minute, 30 * minute, hour, 3 * hour, 6 * hour, 12 * hour];

/** How long to wait after so many failures in a row, give or take a tenth. */
export function delayAfter(failures: number, chance: number): number {
  const delay = delays[Math.min(Math.max(failures, 1), delays.length) - 1] ?? 12 * hour;
  return delay * (0.9 + 0.2 * chance);
}

/** Authorities allow five failed validations an hour. */
const attemptsPerHour = 4;

/** Of the times of the last attempts those that still count. */
export function recentAttempts(attempts: number[], now: number): number[] {
  return attempts.filter((at) => now - at < hour && at <= now);
}

type Waiting = {
  attempts: number[];
  /** After a failure; a start forgets it. */
  nextAttemptAt: number;
  /** What the authority asked for; a start does not forget it. */
  refusedUntil: number;
};

export function mayAttempt({ attempts, nextAttemptAt, refusedUntil }: Waiting, now: number): boolean {
  return (
    Math.max(nextAttemptAt, refusedUntil) <= now && recentAttempts(attempts, now).length < attemptsPerHour
  );
}

/** Those that were too many before are first tried where nobody counts them. */
export function isTriedInStaging(failures: number, hasStaging: boolean): boolean {
  return hasStaging && failures >= 2;
}

/** The part of the lifetime, as one over this, that is left when administrators get a mail. */
const warnedAt = [3, 6, 12];

/** How many of these points have passed. */
export function warningStage({ notBefore, notAfter }: Validity, now: number): number {
  const left = notAfter - now;
  return warnedAt.filter((part) => left <= (notAfter - notBefore) / part).length;
}
