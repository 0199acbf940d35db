// The list of attacks and what holds each of them: a test whose title begins with the id, or a reason in not-yet.ts.
// As a program it prints the list.
import { Glob } from "bun";
import { join } from "node:path";
import { notYet } from "./not-yet.ts";

export type Sources = { titles: { file: string; title: string }[]; notYet: Record<string, string> };

/** `tests` are titles with their file; `reason` is why there is none yet. */
export type Row = { id: string; tests: string[]; reason: string | null };

const lengths = { S: 16, G: 18, C: 14, T: 15, H: 16, I: 20, W: 9, N: 2, K: 11, DC: 5 };

/** Every id of section 2.1. */
export const ids = Object.entries(lengths).flatMap(([letter, length]) =>
  Array.from({ length }, (_, at) => `${letter}${at + 1}`),
);

export function rowsOf({ titles, notYet: reasons }: Sources): Row[] {
  return ids.map((id) => ({
    id,
    tests: titles
      .filter(({ title }) => idsIn(title).includes(id))
      .map(({ file, title }) => `${file}: ${title}`),
    reason: reasons[id] ?? null,
  }));
}

/** What is wrong with the list, as sentences. */
export function problemsOf(sources: Sources): string[] {
  const named = [...sources.titles.flatMap(({ title }) => idsIn(title)), ...Object.keys(sources.notYet)];
  const unknown = [...new Set(named)].filter((id) => !ids.includes(id));
  return [
    ...unknown.map((id) => `${id} is not in the list of attacks.`),
    ...rowsOf(sources).flatMap(({ id, tests, reason }) => {
      if (tests.length === 0 && !reason) return [`${id} has no test and no reason in not-yet.ts.`];
      return tests.length > 0 && reason ? [`${id} has a test and stands in not-yet.ts.`] : [];
    }),
  ];
}

/** The tests that run; one that is skipped or to do is none. */
export async function readSources(): Promise<Sources> {
  const titles: Sources["titles"] = [];
  for (const file of [...new Glob("*.test.ts").scanSync(import.meta.dir)].toSorted())
    titles.push(
      ...titlesIn(await Bun.file(join(import.meta.dir, file)).text()).map((title) => ({ file, title })),
    );
  return { titles, notYet };
}

export function titlesIn(text: string): string[] {
  const found = text.matchAll(/^\s*test(?:\.each\([^)]*\)|\.concurrent)?\(\s*(["'`])(.*?)\1,/gm);
  return [...found].map(([, , title = ""]) => title);
}

/** `G1, G2: …` → G1 and G2; none when the title does not begin with ids. */
function idsIn(title: string): string[] {
  const head = /^((?:[A-Z]+\d+(?:, | and )?)+):/.exec(title)?.[1] ?? "";
  return head.match(/[A-Z]+\d+/g) ?? [];
}

if (import.meta.main) {
  const sources = await readSources();
  for (const { id, tests, reason } of rowsOf(sources))
    console.log(`${id.padEnd(4)} ${tests.join("\n     ") || `not yet: ${reason ?? "MISSING"}`}`);
  for (const problem of problemsOf(sources)) console.error(problem);
}
