// Rate limit responses of all forges, in all their forms.
import { describe, expect, test } from "bun:test";
import { limitIn, pauseOf } from "../../src/forges/failures.ts";

const now = Date.parse("2026-03-01T09:00:00Z");
const minute = 60_000;
const hours = 60 * minute;
const at = (ms: number) => String((now + ms) / 1000);

type Reply = { status: number; headers?: Record<string, string>; body?: string };
const pause = ({ status, headers = {}, body = "" }: Reply) => {
  const until = pauseOf({ status, headers: new Headers(headers) }, { body, now });
  return until === null ? null : until - now;
};

describe("a pause", () => {
  const replies: [string, Reply, number | null][] = [
    ["429 with seconds", { status: 429, headers: { "retry-after": "30" } }, 30_000],
    [
      "429 with a date",
      { status: 429, headers: { "retry-after": "Sun, 01 Mar 2026 09:05:00 GMT" } },
      5 * minute,
    ],
    [
      "429 with a date gone by",
      { status: 429, headers: { "retry-after": "Sun, 01 Mar 2020 09:05:00 GMT" } },
      minute,
    ],
    ["429 with an absurd time", { status: 429, headers: { "retry-after": "99999999999" } }, 6 * hours],
    ["429 with nonsense", { status: 429, headers: { "retry-after": "-5" } }, minute],
    ["429 with nothing", { status: 429 }, minute],
    [
      "GitHub's primary limit",
      { status: 403, headers: { "x-ratelimit-remaining": "0", "x-ratelimit-reset": at(20 * minute) } },
      20 * minute,
    ],
    ["GitHub's secondary limit", { status: 403, body: "You have exceeded a secondary rate limit." }, minute],
    ["GitHub's secondary limit with a time", { status: 403, headers: { "retry-after": "120" } }, 2 * minute],
    [
      "a clock that is an hour ahead",
      {
        status: 429,
        headers: { date: "Sun, 01 Mar 2026 10:00:00 GMT", "retry-after": "Sun, 01 Mar 2026 10:02:00 GMT" },
      },
      2 * minute,
    ],
    ["a missing right", { status: 403, headers: { "x-ratelimit-remaining": "4000" } }, null],
    ["a missing page", { status: 404 }, null],
    ["words about limits in another answer", { status: 404, body: "secondary rate limit" }, null],
  ];
  for (const [what, reply, expected] of replies)
    test(`for ${what} is ${expected === null ? "none" : `${expected / 1000} s`}`, () => {
      expect(pause(reply)).toBe(expected);
    });
});

describe("what remains", () => {
  const headers = (start: string, more: Record<string, string> = {}) =>
    new Headers({
      [`${start}-limit`]: "5000",
      [`${start}-remaining`]: "17",
      [`${start}-reset`]: at(minute),
      ...more,
    });
  test("is read in the spelling of GitHub and of GitLab", () => {
    const limit = { limit: 5000, remaining: 17, resetsAt: now + minute };
    expect(limitIn(headers("x-ratelimit"))).toEqual(limit);
    expect(limitIn(headers("ratelimit"))).toEqual(limit);
  });
  test("is not taken from a special limit, from a part, or from nonsense", () => {
    expect(limitIn(headers("x-ratelimit", { "x-ratelimit-resource": "search" }))).toBeNull();
    expect(limitIn(new Headers({ "x-ratelimit-remaining": "0" }))).toBeNull();
    expect(limitIn(headers("x-ratelimit", { "x-ratelimit-remaining": "many" }))).toBeNull();
  });
});
