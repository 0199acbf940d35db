import { describe, expect, test } from "bun:test";
import { initials } from "../../templates/parts/feed.tsx";
import { change, count, counted, percent, size, span } from "../../templates/parts/numbers.ts";
import { scaleOf } from "../../templates/parts/scale.ts";
import { exact, relative, shortly } from "../../templates/parts/time.tsx";

const now = Date.parse("2026-11-24T12:04:09Z");
const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

describe("a time", () => {
  test("is said as people say it, and as a date from 30 days on", () => {
    const sentences = [
      0,
      40 * second,
      59 * second,
      minute,
      59 * minute,
      hour,
      23 * hour,
      day,
      2 * day,
      29 * day,
      30 * day,
      400 * day,
    ];
    expect(sentences.map((distance) => relative(now - distance, now))).toEqual([
      "just now",
      "40 s ago",
      "59 s ago",
      "1 min ago",
      "59 min ago",
      "1 h ago",
      "23 h ago",
      "yesterday",
      "2 days ago",
      "29 days ago",
      "25 Oct",
      "20 Oct 2025",
    ]);
  });

  test("to come is said too", () => {
    expect(
      [4 * minute, 26 * hour, 5 * day, 90 * day].map((distance) => relative(now + distance, now)),
    ).toEqual(["in 4 min", "tomorrow", "in 5 days", "22 Feb 2027"]);
  });

  test("is short where its column says what it is", () => {
    expect([10, 6 * minute, 3 * day].map((distance) => shortly(now - distance, now))).toEqual([
      "now",
      "6 min",
      "3 days",
    ]);
  });

  test("is exact with its zone", () => {
    expect(exact(now)).toBe("24 Nov 2026, 12:04:09 UTC");
  });
});

describe("a number", () => {
  test("has commas, and a dash when it is not known", () => {
    expect([0, 999, 15145, 2846000, null].map(count)).toEqual(["0", "999", "15,145", "2,846,000", "–"]);
    expect([counted(1, "version"), counted(0, "version"), counted(1200, "entry", "entries")]).toEqual([
      "1 version",
      "0 versions",
      "1,200 entries",
    ]);
  });

  test("of bytes has a unit", () => {
    expect([0, 512, 421888, 1048575, 1048576, 212 * 1048576, 2040109466, null].map(size)).toEqual([
      "0 B",
      "512 B",
      "412 KB",
      "1.0 MB",
      "1.0 MB",
      "212 MB",
      "1.9 GB",
      "–",
    ]);
  });

  test("of milliseconds has a unit", () => {
    expect([0, 420, 3100, 8100, 95_000, 7_380_000, null].map(span)).toEqual([
      "0.0 s",
      "0.4 s",
      "3.1 s",
      "8 s",
      "1 min 35 s",
      "2 h 3 min",
      "–",
    ]);
  });

  test("that changed is said in words", () => {
    expect([percent(0.124), percent(1)]).toEqual(["12.4%", "100%"]);
    expect([change(1124, 1000), change(900, 1000), change(5, 5), change(3, 0), change(0, 0)]).toEqual([
      "12.4% more than before",
      "10% less than before",
      "as before",
      "none before",
      "as before",
    ]);
  });

  test("has an axis with round steps from zero", () => {
    expect(scaleOf(840).steps).toEqual([0, 250, 500, 750]);
    expect(scaleOf(4.1).steps).toEqual([0, 2, 4]);
    expect(scaleOf(1).steps).toEqual([0, 1]);
    expect(scaleOf(0).steps).toEqual([0]);
    for (const highest of [1, 3, 7, 12, 99, 101, 5000]) {
      const { top, steps } = scaleOf(highest);
      expect(steps.length).toBeLessThanOrEqual(6);
      expect(top).toBeGreaterThanOrEqual(highest);
    }
  });
});

test("somebody's initials are one letter or two", () => {
  expect([
    initials("ann", 2),
    initials("Ann Smith", 2),
    initials("Ann Smith", 1),
    initials("", 2),
    initials("😀 x", 1),
  ]).toEqual(["AN", "AS", "A", "", "😀"]);
});
