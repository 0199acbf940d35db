// No promise of reliability is forgotten: `bun tests/faults/list.ts` prints all of them with their state.
import { expect, test } from "bun:test";
import { problemsOf } from "../tools/rows.ts";
import { ids, readPromises, rows } from "./list.ts";

test("every promise of reliability has a test, or a reason why there is none yet", async () => {
  expect(ids.length).toBe(30);
  expect(problemsOf(await readPromises())).toEqual([]);
});

test("docs/promises.md says which promises no test holds yet", async () => {
  const { notYet } = (await readPromises()).sources;
  const notHeld = rows.filter(({ isHeld }) => !isHeld).map(({ id }) => id);
  expect(notHeld.toSorted()).toEqual(Object.keys(notYet).toSorted());
});

test("a promise without a test is found", async () => {
  const list = await readPromises();
  const titles = list.sources.titles.filter(({ title }) => !title.startsWith("R4:"));
  const found = problemsOf({ ...list, sources: { ...list.sources, titles } });
  expect(found).toEqual(["R4 has no test and no reason in not-yet.ts."]);
});
