// A mutant is the product with one protection removed. A test that stays green on it does not test that protection.
import { idsIn, titlesIn } from "../tools/rows.ts";

export type Mutant = {
  /** The protection that is removed, in a few words. */
  name: string;
  file: string;
  /** Must occur exactly once in the file. */
  find: string;
  replace: string;
  /** The test that must fail: its file, and an id or the beginning of its title. */
  test: { file: string; title: string };
  /** The test runs the compiled binary, so the mutant must be compiled first. */
  isCompiled?: boolean;
};

/** The source with the protection removed; throws unless `find` occurs exactly once. */
export function mutate(text: string, { name, file, find, replace }: Mutant): string {
  const count = text.split(find).length - 1;
  if (count !== 1) throw new Error(`${name}: ${file} has the text to replace ${count} times, not once.`);
  return text.replace(find, () => replace);
}

/** Problems of a list of mutants before any is run, as sentences. `read` gives the text of a file. */
export async function problemsOfMutants(
  mutants: Mutant[],
  read: (file: string) => Promise<string>,
): Promise<string[]> {
  const names = mutants.map(({ name }) => name);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  const problems = await Promise.all(mutants.map((mutant) => problemOf(mutant, read)));
  return [...twice.map((name) => `${name}: two mutants have this name.`), ...problems.flat()];
}

async function problemOf(mutant: Mutant, read: (file: string) => Promise<string>): Promise<string[]> {
  const problems: string[] = [];
  try {
    mutate(await read(mutant.file), mutant);
  } catch (error) {
    problems.push(String(error instanceof Error ? error.message : error));
  }
  const titles = titlesIn(await read(mutant.test.file));
  if (!titles.some((title) => isTitled(title, mutant.test.title)))
    problems.push(`${mutant.name}: ${mutant.test.file} has no test "${mutant.test.title}".`);
  return problems;
}

const isTitled = (title: string, wanted: string) => idsIn(title).includes(wanted) || title.startsWith(wanted);

/** A pattern for `bun test -t` that matches the tests with this id, or whose title begins with it. */
export function patternFor(title: string): string {
  if (/^[A-Z]+\d+$/.test(title)) return `(^|[ ,])${title}\\b`;
  // The placeholders of `test.each` match any value.
  return title.replace(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("%s", ".*");
}
