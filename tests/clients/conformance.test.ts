// Every row of docs/composer-conformance.md that the product promises has a test that carries its number.

import { Glob } from "bun";
import { expect, test } from "bun:test";
import { rowsIn } from "../docs/pages.ts";

/** Advisories and malware lists come later. */
const rows = rowsIn("docs/composer-conformance.md", /^\d+$/);
const promised = rows.filter(({ isHeld }) => isHeld).map(({ id }) => Number(id));

test("every promised number of the conformance list has a test", async () => {
  expect(rows.map(({ id }) => Number(id))).toEqual(Array.from({ length: 84 }, (_, index) => index + 1));
  expect(promised.length).toBe(78);
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
