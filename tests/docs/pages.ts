// The pages of docs/ and of the top folder, for tests that compare them with the program.
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dir, "../..");

/** By their path from the top folder: `docs/commands.md`. */
export function readPages(): Map<string, string> {
  const names = (folder: string) => readdirSync(join(root, folder)).filter((name) => name.endsWith(".md"));
  const paths = [...names("."), ...names("docs").map((name) => `docs/${name}`)];
  return new Map(paths.toSorted().map((path) => [path, readFileSync(join(root, path), "utf8")]));
}

export function readPage(path: string): string {
  return readFileSync(join(root, path), "utf8");
}

export type SpecificationRow = { id: string; text: string; isHeld: boolean };

/**
 * Rows of a table whose first cell is the id. A row that ends with "(later)" or "(not shown)" is one that no test
 * holds yet.
 */
export function rowsIn(page: string, id: RegExp): SpecificationRow[] {
  return [...readPage(page).matchAll(/^\| ([A-Z]*\d+) +\| (.*?) *\|$/gm)]
    .map(([, name = "", text = ""]) => ({ id: name, text, isHeld: !/\((later|not shown)\)$/.test(text) }))
    .filter((row) => id.test(row.id));
}
