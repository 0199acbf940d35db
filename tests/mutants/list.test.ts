// The list of mutants stays in step with the code; `bun run check --mutants` runs them.
import { expect, test } from "bun:test";
import { join } from "node:path";
import { mutants } from "./list.ts";
import { mutate, patternFor, problemsOfMutants, type Mutant } from "./mutant.ts";

const read = (file: string) => Bun.file(join(import.meta.dir, "../..", file)).text();

test("FT12: at least sixty protections can be removed, each with a test that exists", async () => {
  expect(mutants.length).toBeGreaterThanOrEqual(60);
  expect(await problemsOfMutants(mutants, read)).toEqual([]);
});

test("a mutant whose text or test is gone, and a name given twice, are found", async () => {
  const texts: Record<string, string> = {
    "a.ts": "check(); check();",
    "a.test.ts": 'test("H1: a", () => {});',
  };
  const mutant: Mutant = {
    name: "no check",
    file: "a.ts",
    find: "check();",
    replace: "",
    test: { file: "a.test.ts", title: "H2" },
  };
  expect(await problemsOfMutants([mutant, mutant], async (file) => texts[file] ?? "")).toEqual([
    "no check: two mutants have this name.",
    "no check: a.ts has the text to replace 2 times, not once.",
    'no check: a.test.ts has no test "H2".',
    "no check: a.ts has the text to replace 2 times, not once.",
    'no check: a.test.ts has no test "H2".',
  ]);
});

test("a mutation replaces text as it stands, and its test is chosen by id or by the beginning of its title", () => {
  const mutant = { name: "x", file: "a.ts", find: "a(b)", replace: "$&", test: { file: "", title: "" } };
  expect(mutate("if a(b)", mutant)).toBe("if $&");
  expect(new RegExp(patternFor("H1")).test("H1: a")).toBe(true);
  expect(new RegExp(patternFor("H1")).test("G2, H1: a")).toBe(true);
  expect(new RegExp(patternFor("H1")).test("H12: a")).toBe(false);
  expect(new RegExp(patternFor("a (b)")).test("a (b) c")).toBe(true);
});
