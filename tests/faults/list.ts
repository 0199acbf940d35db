// The promises of reliability of docs/promises.md and what holds each of them: a test anywhere whose title begins with
// the id, or a reason in not-yet.ts. As a program it prints the list.
import { join } from "node:path";
import { rowsIn } from "../docs/pages.ts";
import { printRows, titlesBelow, type List } from "../tools/rows.ts";
import { notYet } from "./not-yet.ts";

export const rows = rowsIn("docs/promises.md", /^R\d+$/);
export const ids = rows.map(({ id }) => id);

export async function readPromises(): Promise<List> {
  const titles = await titlesBelow(join(import.meta.dir, ".."));
  return { ids, name: "promises", sources: { titles, notYet } };
}

if (import.meta.main) printRows(await readPromises());
