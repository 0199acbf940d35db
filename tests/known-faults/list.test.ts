// Every known fault has a test: `bun tests/known-faults/list.ts` prints each with its test.
import { expect, test } from "bun:test";
import { problemsOf } from "../tools/rows.ts";
import { ids, readKnownFaults } from "./list.ts";

test("every known fault has a test, or a reason why there is none yet", async () => {
  expect(ids.length).toBe(117);
  expect(problemsOf(await readKnownFaults())).toEqual([]);
});

test("a known fault without a test, and an id that is in no list, are found", async () => {
  const list = await readKnownFaults();
  const titles = [
    ...list.sources.titles.filter(({ title }) => !title.startsWith("FT12:")),
    { file: "x.test.ts", title: "FA99: nobody knows this one" },
  ];
  const found = problemsOf({ ...list, sources: { ...list.sources, titles } });
  expect(found).toEqual([
    "FA99 is not in the list of known faults.",
    "FT12 has no test and no reason in not-yet.ts.",
  ]);
});
