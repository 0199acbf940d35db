// Rows of a list that must be held: each by a test whose title begins with the row's id, or by a reason why there
// is no test yet. A row with neither, or with both, is a problem.
import { Glob } from "bun";
import { join } from "node:path";

export type Titles = { file: string; title: string }[];
export type Sources = { titles: Titles; notYet: Record<string, string> };

/** `tests` are titles with their file; `reason` is why there is none yet. */
export type Row = { id: string; tests: string[]; reason: string | null };

export type List = {
  ids: string[];
  /** As in "R31 is not in the list of …". */
  name: string;
  sources: Sources;
};

export function rowsOf({ ids, sources: { titles, notYet: reasons } }: List): Row[] {
  return ids.map((id) => ({
    id,
    tests: titles
      .filter(({ title }) => idsIn(title).includes(id))
      .map(({ file, title }) => `${file}: ${title}`),
    reason: reasons[id] ?? null,
  }));
}

/** What is wrong with the list, as sentences. */
export function problemsOf(list: List): string[] {
  const { ids, name, sources } = list;
  const named = [...sources.titles.flatMap(({ title }) => idsIn(title)), ...Object.keys(sources.notYet)];
  const prefixes = new Set(ids.map(prefixOf));
  const unknown = [...new Set(named)].filter((id) => prefixes.has(prefixOf(id)) && !ids.includes(id));
  return [
    ...unknown.map((id) => `${id} is not in the list of ${name}.`),
    ...rowsOf(list).flatMap(({ id, tests, reason }) => {
      if (tests.length === 0 && !reason) return [`${id} has no test and no reason in not-yet.ts.`];
      return tests.length > 0 && reason ? [`${id} has a test and stands in not-yet.ts.`] : [];
    }),
  ];
}

/** `FA12` → `FA`. Lists own their prefixes: a title that begins with the id of another list is not looked at. */
const prefixOf = (id: string) => id.replace(/\d+$/, "");

/** Prints every row with its state, and what is wrong. */
export function printRows(list: List): void {
  for (const { id, tests, reason } of rowsOf(list))
    console.log(`${id.padEnd(4)} ${tests.join("\n     ") || `not yet: ${reason ?? "MISSING"}`}`);
  for (const problem of problemsOf(list)) console.error(problem);
}

/** The titles of the tests in a folder and below; one that is skipped or to do is none. */
export async function titlesBelow(folder: string): Promise<Titles> {
  const files = [...new Glob("**/*.test.{ts,tsx}").scanSync(folder)].toSorted();
  const found = files.map(async (file) =>
    titlesIn(await Bun.file(join(folder, file)).text()).map((title) => ({ file, title })),
  );
  return (await Promise.all(found)).flat();
}

export function titlesIn(text: string): string[] {
  const found = text.matchAll(
    /^\s*(?:test(?:\.each\([^)]*\)|\.skipIf\(.*\)|\.concurrent)?|\](?: as const)?\))\(\s*(["'`])(.*?)\1,/gm,
  );
  return [...found].map(([, , title = ""]) => title);
}

/** `G1, G2: …` → G1 and G2; none when the title does not begin with ids. */
export function idsIn(title: string): string[] {
  const head = /^((?:[A-Z]+\d+(?:, | and )?)+):/.exec(title)?.[1] ?? "";
  return head.match(/[A-Z]+\d+/g) ?? [];
}
