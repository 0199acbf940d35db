// Every number of the conformance list that the product promises has a test that carries it.

import { Glob } from "bun";
import { expect, test } from "bun:test";

/** Numbers of the list; 11, 12, 68, 69, 71 and 72 are about advisories and malware lists, which come later. */
const promised = [range(1, 10), range(13, 63), range(64, 67), [70], range(73, 84)].flat();

test("every promised number of the conformance list has a test", async () => {
  expect(promised.filter((number) => !covered.has(number))).toEqual([]);
});

test("no test carries a number that is not promised", () => {
  expect([...covered].filter((number) => !promised.includes(number))).toEqual([]);
});

const covered = await coveredNumbers();

/** A title begins with its numbers: `38: …` or `27, 28: …`. */
async function coveredNumbers(): Promise<Set<number>> {
  const numbers = new Set<number>();
  for await (const file of new Glob("*.test.ts").scan(import.meta.dir)) {
    const text = await Bun.file(`${import.meta.dir}/${file}`).text();
    for (const [, list = ""] of text.matchAll(/\btest\(\s*"(\d+(?:, \d+)*): /g)) {
      for (const number of list.split(", ")) numbers.add(Number(number));
    }
  }
  return numbers;
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}
