// Every check of operation has a test: `bun tests/operate/list.ts` prints each with its test.
import { expect, test } from "bun:test";
import { problemsOf } from "../tools/rows.ts";
import { ids, readOperateChecks } from "./list.ts";

test("every check of operation has a test, or a reason why there is none yet", async () => {
  expect(ids.length).toBe(60);
  expect(problemsOf(await readOperateChecks())).toEqual([]);
});

test("a check without a test, and an id that is in no list, are found", async () => {
  const list = await readOperateChecks();
  const titles = [
    ...list.sources.titles.filter(({ title }) => !title.startsWith("OP31:")),
    { file: "x.test.ts", title: "OP99: nobody knows this one" },
  ];
  expect(problemsOf({ ...list, sources: { ...list.sources, titles } })).toEqual([
    "OP99 is not in the list of checks of operation.",
    "OP31 has no test and no reason in not-yet.ts.",
  ]);
});
