// Untrusted patterns match what JavaScript's own expressions match, in linear time.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { excludeLimits, parseExclude } from "../../src/git/exclude.ts";
import { linearPattern } from "../../src/git/linear-pattern.ts";

test("FA3: a pattern says of a path what the same regular expression says", () => {
  const atoms = fc.constantFrom(
    ...[
      "a",
      "b",
      "\\.",
      "/",
      "[^/]",
      "[^/]*",
      "[a-c]",
      "[^.]",
      ".",
      ".*",
      "(?:.*/)?",
      "/.+",
      "(?=[^.])",
      "(?!/)",
    ],
    ...[
      "(?:(?=[^.])[^/]+/)*",
      "(?:(?=[^.])[^/]+/?)*",
      "(a|b*|)",
      "(?:a|/b)+",
      "\\*",
      "[\\]a]",
      "(?!)",
      "(?=$|/)",
    ],
  );
  const sources = fc.tuple(
    fc.constantFrom("^", "", "/"),
    fc.array(atoms, { maxLength: 5 }),
    fc.constantFrom("$", "(?=$|/)", ""),
  );
  const paths = fc.array(fc.constantFrom("a", "b", "c", ".", "/", "*", "]", "é"), { maxLength: 10 });
  let matched = 0;
  fc.assert(
    fc.property(sources, paths, ([start, middle, end], path) => {
      const source = start + middle.join("") + end;
      const text = path.join("");
      const expected = new RegExp(source, "s").test(text);
      if (expected) matched++;
      expect([source, text, linearPattern(source).test(text)]).toEqual([source, text, expected]);
    }),
    { numRuns: 5000, seed: 20_261_130 },
  );
  expect(matched).toBeGreaterThan(500);
});

test("FA3: what would keep a regular expression busy for years is decided at once", () => {
  const long = "a".repeat(255);
  const cases: [pattern: string, path: string][] = [
    [`${"*a".repeat(40)}b`, long],
    [`x/${"*a".repeat(40)}b`, `x/${long}`],
    [`${"**/".repeat(60)}b`, "a/".repeat(120)],
    [`{${"*a,".repeat(60)}*b}`.repeat(5), long],
    ["*".repeat(900), `${long}/x`],
    ["{".repeat(400) + "*a".repeat(50) + "}".repeat(400), long],
  ];
  const since = process.cpuUsage();
  for (const [pattern, path] of cases) parseExclude([pattern, `/${pattern}`]).excludes(path, false);
  const { user, system } = process.cpuUsage(since);
  expect((user + system) / 1e6).toBeLessThan(5);
});

test("FA3: archive.exclude has a limit on its patterns and on their length, in words", () => {
  const { patterns, characters } = excludeLimits;
  expect(() => parseExclude(Array<string>(patterns).fill("x".repeat(characters)))).not.toThrow();
  const message = "archive.exclude of composer.json may hold 1000 patterns of 1000 characters each.";
  expect(() => parseExclude(Array<string>(patterns + 1).fill("x"))).toThrow(message);
  expect(() => parseExclude(["x".repeat(characters + 1)])).toThrow(message);
});
