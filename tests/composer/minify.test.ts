import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { expand, minify, recordsText, type VersionRecord } from "../../src/composer/minify.ts";
import vectors from "./vectors/minify-vectors.json";

/** PHP prints an empty map as a list. */
const asMaps = (records: unknown[]): unknown[] =>
  records.map((record) => (Array.isArray(record) && record.length === 0 ? {} : record));

/** Converts records to JSON text values, and back. */
const texts = (records: Record<string, unknown>[]): VersionRecord[] =>
  records.map((record) =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, JSON.stringify(value)])),
  );
const values = (records: VersionRecord[]): Record<string, unknown>[] =>
  JSON.parse(recordsText(records)) as Record<string, unknown>[];

describe("Records are minified as Composer does it", () => {
  for (const vector of vectors) {
    const input = texts(vector.input as Record<string, unknown>[]);
    test(vector.case, () => {
      // Compared as text, because the order of keys counts.
      expect(recordsText(minify(input))).toBe(JSON.stringify(asMaps(vector.minified)));
      expect(expand(vector.minified as Record<string, unknown>[])).toEqual(
        vector.expanded as Record<string, unknown>[],
      );
    });
  }
});

const value = fc
  .jsonValue({ maxDepth: 3 })
  .map((json) => JSON.parse(JSON.stringify(json)) as unknown)
  .filter((json) => json !== null && json !== "__unset");
const records = fc.array(
  fc.dictionary(fc.constantFrom("name", "version", "require", "__proto__", "constructor"), value, {
    noNullPrototype: true,
  }),
);

describe("Minifying loses nothing", () => {
  test("what is minified and expanded again is as before", () => {
    fc.assert(
      fc.property(records, (list) => expect(expand(values(minify(texts(list))))).toEqual(list)),
      { numRuns: 2000 },
    );
  });

  test("the given records stay as they are", () => {
    const list = texts([{ name: "acme/blog", version: "2" }, { name: "acme/blog" }]);
    minify(list);
    expect(list).toEqual([{ name: '"acme/blog"', version: '"2"' }, { name: '"acme/blog"' }]);
  });

  test("a list is not the map with the same members, nor a number its text", () => {
    const list = [
      { a: ["x"], b: 1, c: {} },
      { a: { "0": "x" }, b: "1", c: [] },
    ];
    expect(values(minify(texts(list)))[1]).toEqual({ a: { "0": "x" }, b: "1", c: [] });
  });

  test("no records are no records", () => expect([minify([]), expand([])]).toEqual([[], []]));
});
