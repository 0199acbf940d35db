// JSON like PHP: the same texts are refused, and PHP reads our output like the original.
import { expect, test } from "bun:test";
import fc from "fast-check";
import { jsonText, parseJson } from "../../src/composer/json.ts";
import { askComposer } from "./oracle.ts";

const again = (text: string): string | null => {
  const parsed = parseJson(text);
  return "value" in parsed ? jsonText(parsed.value) : null;
};

test("FC8: keys that look like whole numbers keep their order, and numbers their digits", () => {
  const text =
    '{"10":1.0,"9":9007199254740993,"x":-0,"1":12345678901234567890,"":1e400,"__proto__":{"b":1,"2":2,"a":0.10}}';
  expect(again(text)).toBe(text);
});

test("FC8: of a key that is there twice the last value counts, at the first place", () => {
  expect(again('{"a":1,"b":2,"\\u0061":3}')).toBe('{"a":3,"b":2}');
});

const seed = Number(process.env.COMPOSER_SEED ?? 20261130);
const number = fc
  .tuple(
    fc.constantFrom("", "-", "+"),
    fc.constantFrom("0", "1", "01", "9007199254740993", "18446744073709551616", "12", ""),
    fc.constantFrom("", ".0", ".50", ".", ".25e1"),
    fc.constantFrom("", "", "e2", "E+3", "e-4", "e400", "e"),
  )
  .map((parts) => parts.join(""));
const string = fc
  .array(
    fc.constantFrom(
      ..."ab0 é😀\u2028\u007f",
      ...["\\n", "\\/", "\\u00e9", "\\ud83d\\ude00", "\\ud83d", "\\udc00", "\\u0000", "\\x", "\\u12"],
      ...["\n", "\t", "\u0000", "'", "\ufeff"],
    ),
    { maxLength: 3 },
  )
  .map((parts) => `"${parts.join("")}"`);
const key = fc.oneof(
  fc.constantFrom('"1"', '"0"', '"-1"', '"a"', '""', '"__proto__"', '"10"', "a", "1"),
  string,
);
const blank = fc.constantFrom("", "", "", " ", "\n", "\t", "\r", "\f", "\u00a0", "/**/");
const comma = fc.constantFrom(",", ",", ",", ", ", " ,\n", "", ",,");
const joined = (members: string[], commas: string[]): string =>
  members.map((member, i) => (i === 0 ? member : `${commas[i % commas.length]}${member}`)).join("");
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom("true", "false", "null", "TRUE", "nul", "NaN", "undefined"),
    number,
    string,
    fc
      .tuple(fc.array(tie("value"), { maxLength: 4 }), fc.array(comma, { minLength: 1, maxLength: 3 }), blank)
      .map(([members, commas, space]) => `[${space}${joined(members, commas)}]`),
    fc
      .tuple(
        fc.array(fc.tuple(key, blank, tie("value")), { maxLength: 4 }),
        fc.array(comma, { minLength: 1, maxLength: 3 }),
        blank,
      )
      .map(([members, commas, space]) => {
        const pairs = members.map(([name, gap, member]) => `${name}${gap}:${member}`);
        return `{${joined(pairs, commas)}${space}}`;
      }),
  ),
}));
const documents = fc.tuple(blank, value, blank).map((parts) => parts.join(""));

test("FC8: the same texts are JSON as for PHP, and mean the same", async () => {
  const texts = [...new Set(fc.sample(documents, { seed, numRuns: 20_000 }))].filter((text) => text !== "");
  const answers = await askComposer(texts.map((text) => ({ ask: "same-json", text, ours: again(text) })));
  const wrong = texts.flatMap((text, i) => {
    const answer = answers[i]!;
    const expected = again(text) === null ? "refused" : "same";
    return "answer" in answer && answer.answer === expected ? [] : [{ text, answer, ours: again(text) }];
  });
  expect(wrong.slice(0, 10)).toEqual([]);
  const read = texts.filter((text) => again(text) !== null).length;
  expect(read).toBeGreaterThan(texts.length / 10);
  expect(read).toBeLessThan(texts.length);
});

test("FC8: nesting ends where PHP's does", () => {
  const nested = (levels: number) => again(`${"[".repeat(levels)}${"]".repeat(levels)}`);
  expect([nested(512) !== null, nested(513)]).toEqual([true, null]);
});

test("FC8: hostile texts take linear time", () => {
  const started = performance.now();
  const long = "x".repeat(9_000);
  again(`{"${long}":{${`"${long}":1,`.repeat(100)}"a":1}}`);
  again(`{${'"a":1,'.repeat(15_000)}"a":1}`);
  again(`"${"\\n".repeat(400_000)}"`);
  again(`${" ".repeat(900_000)}x`);
  again(`"${"\\u00e9".repeat(150_000)}`);
  expect(performance.now() - started).toBeLessThan(3_000);
});
