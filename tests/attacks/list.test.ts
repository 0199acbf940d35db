// No row of the list of attacks is forgotten: `bun tests/attacks/list.ts` prints all of them with their state.
import { expect, test } from "bun:test";
import { problemsOf, titlesIn } from "../tools/rows.ts";
import { ids, readAttacks, rows } from "./list.ts";

test("every attack of the list has a test, or a reason why there is none yet", async () => {
  expect(ids.length).toBe(126);
  expect(problemsOf(await readAttacks())).toEqual([]);
});

test("docs/security.md says of an attack that it comes later where there is a reason instead of a test", async () => {
  const { notYet } = (await readAttacks()).sources;
  const later = rows.filter(({ isHeld }) => !isHeld).map(({ id }) => id);
  expect(later.toSorted()).toEqual(Object.keys(notYet).toSorted());
});

test("an attack without a test, with a needless excuse, or that is in no list, is found", async () => {
  const list = await readAttacks();
  const { titles, notYet } = list.sources;
  const without = titles.filter(({ title }) => !title.startsWith("H3:"));
  const found = problemsOf({ ...list, sources: { titles: without, notYet } });
  expect(found).toContain("H3 has no test and no reason in not-yet.ts.");
  const excused = problemsOf({
    ...list,
    sources: { titles, notYet: { ...notYet, H3: "it is hard", H99: "?" } },
  });
  expect(excused).toContain("H3 has a test and stands in not-yet.ts.");
  expect(excused).toContain("H99 is not in the list of attacks.");
});

test("a test that is skipped or to do does not count", () => {
  const text = [
    'test("H1: a", () => {});',
    'test.skip("H2: b", () => {});',
    'test.todo("H3: c");',
    "  test(`H4: ${d}`, async () => {});",
    '// test("H5: e", () => {});',
    'test(\n  "H6: f",\n  () => {},\n);',
  ].join("\n");
  expect(titlesIn(text)).toEqual(["H1: a", "H4: ${d}", "H6: f"]);
});
