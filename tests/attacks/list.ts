// The attacks of docs/security.md and what holds each of them: a test whose title begins with the id, or a reason in
// not-yet.ts. As a program it prints the list.
import { rowsIn } from "../docs/pages.ts";
import { printRows, titlesBelow, type List } from "../tools/rows.ts";
import { notYet } from "./not-yet.ts";

export const rows = rowsIn("docs/security.md", /^(?:[SGCTHIWNK]|DC)\d+$/);
export const ids = rows.map(({ id }) => id);

export async function readAttacks(): Promise<List> {
  return { ids, name: "attacks", sources: { titles: await titlesBelow(import.meta.dir), notYet } };
}

if (import.meta.main) printRows(await readAttacks());
