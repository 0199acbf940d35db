// When a certificate is renewed, as functions of times.
import { describe, expect, test } from "bun:test";
import {
  delayAfter,
  isTriedInStaging,
  mayAttempt,
  momentIn,
  renewalTimeOf,
  warningStage,
} from "../../src/registry/certificates/schedule.ts";

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

describe("a renewal", () => {
  for (const [lifetime, left] of [
    [6, 3],
    [45, 15],
    [90, 30],
  ] as const)
    test(`OP10: of a certificate for ${lifetime} days comes when ${left} days are left`, () => {
      const validity = { notBefore: 1000, notAfter: 1000 + lifetime * day };
      expect(renewalTimeOf(validity)).toBe(validity.notAfter - left * day);
    });

  test("OP9: comes within the window that the authority names", () => {
    const moments = [0, 0.5, 1].map((chance) => momentIn({ start: 10, end: 20 }, chance));
    expect(moments).toEqual([10, 15, 20]);
  });

  test("that fails is tried again ever more rarely", () => {
    expect([1, 2, 3, 4, 5, 6, 7, 100].map((failures) => delayAfter(failures, 0.5) / minute)).toEqual([
      10, 30, 60, 180, 360, 720, 720, 720,
    ]);
    expect([0, 1].map((chance) => delayAfter(1, chance) / minute)).toEqual([9, 11]);
  });

  test("OP5: is tried no more than four times an hour", () => {
    const now = 10 * hour;
    const minutesAgo = (...ago: number[]) => ({
      ...{ attempts: ago.map((each) => now - each * minute), nextAttemptAt: 0, refusedUntil: 0 },
    });
    expect(mayAttempt(minutesAgo(59, 30, 20, 10), now)).toBe(false);
    expect(mayAttempt(minutesAgo(61, 30, 20, 10), now)).toBe(true);
    // A clock that was set back does not forbid attempts until it is where it was.
    expect(mayAttempt(minutesAgo(-500, -400, -300, -200), now)).toBe(true);
  });

  test("waits after a failure, and as long as the authority asks for", () => {
    const nothing = { attempts: [], nextAttemptAt: 0, refusedUntil: 0 };
    const may = (waiting: Partial<typeof nothing>) =>
      [9, 10].map((at) => mayAttempt({ ...nothing, ...waiting }, at));
    expect(may({ nextAttemptAt: 10 })).toEqual([false, true]);
    expect(may({ refusedUntil: 10 })).toEqual([false, true]);
  });

  test("that failed twice is tried in staging first, where there is one", () => {
    expect([1, 2, 5].map((failures) => isTriedInStaging(failures, true))).toEqual([false, true, true]);
    expect(isTriedInStaging(5, false)).toBe(false);
  });

  test("that keeps failing is reported when a third, a sixth and a twelfth is left", () => {
    const validity = { notBefore: 0, notAfter: 120 * day };
    expect([79, 80, 99, 100, 109, 110, 121].map((at) => warningStage(validity, at * day))).toEqual([
      0, 1, 1, 2, 2, 3, 3,
    ]);
  });
});
