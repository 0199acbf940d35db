// Any composer.json of a megabyte is parsed in the time of an ordinary megabyte, whatever it contains.
import { expect, test } from "bun:test";
import { jsonLimits } from "../../src/composer/json-limits.ts";
import { parseManifest } from "../../src/composer/manifest.ts";

const members = (count: number, member: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => member(at)).join(",");
const reasonFor = (text: string) => {
  const parsed = parseManifest(text);
  return "reason" in parsed ? parsed.reason : "ok";
};
/** Processor time, so that a busy machine changes nothing. A megabyte takes a few hundredths of a second. */
function secondsFor(work: () => unknown): number {
  const since = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
}

test("FA3: the limits on keys and lists have a number each, and what is at the limit passes", () => {
  const keywords = (count: number) => `{"name":"a/b","keywords":[${members(count, (at) => `"k${at}"`)}]}`;
  const requires = (count: number) =>
    `{"name":"a/b","require":{${members(count, (at) => `"a/b${at}":"^1.0"`)}}}`;
  const key = (length: number) => `{"name":"a/b","extra":{"${"k".repeat(length)}":1}}`;
  expect(reasonFor(keywords(jsonLimits.listEntries))).toBe("ok");
  expect(reasonFor(requires(jsonLimits.keys - 2))).toBe("ok");
  expect(reasonFor(key(jsonLimits.keyCharacters))).toBe("ok");
  expect(reasonFor(keywords(200_000))).toBe("composer.json has more than 20,000 list entries");
  expect(reasonFor(requires(40_000))).toBe("composer.json has more than 20,000 keys");
  expect(reasonFor(key(500_000))).toBe("composer.json has a key of more than 10,000 characters");
});

test("FA3: signs within a text are no keys and no list entries", () => {
  const text = JSON.stringify({ name: "a/b", description: '[,:{"\\'.repeat(50_000) });
  expect(reasonFor(text)).toBe("ok");
});

test("FA3: the worst files take no longer than their size", () => {
  const long = "k".repeat(jsonLimits.keyCharacters - 1);
  const twice = members(80_000, () => '"a":1');
  const worst: Record<string, string> = {
    "one long key over repeated ones": `{"name":"a/b","${"k".repeat(500_000)}":{${twice}}}`,
    "long keys within each other over repeated ones": `{"name":"a/b","extra":${`{"${long}":`.repeat(60)}{${members(19_000, () => '"a":1')}}${"}".repeat(61)}`,
    "repeated keys in many objects below long keys": `{"name":"a/b","extra":${`{"${long}":`.repeat(50)}[${members(9000, () => '{"a":1,"a":1}')}]${"}".repeat(51)}`,
    "many keywords": `{"name":"a/b","keywords":[${members(200_000, () => '"a"')}]}`,
    "many requirements": `{"name":"a/b","require":{${members(40_000, (at) => `"a/b${at}":"^1.0"`)}}}`,
    "deep objects": '{"a":'.repeat(170_000),
    "deep lists": "[".repeat(900_000),
    colons: ":".repeat(900_000),
    "a number without end": `{"name":"a/b","extra":{"x":${"9".repeat(900_000)}}}`,
    "an open text": `{"name":"${"\\".repeat(900_000)}`,
  };
  for (const [what, text] of Object.entries(worst))
    expect([what, secondsFor(() => parseManifest(text)) < 3]).toEqual([what, true]);
});
