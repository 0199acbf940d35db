// The promises of reliability, R1 to R30, and what holds each of them: a test anywhere whose title begins with the
// id, or a reason in not-yet.ts. As a program it prints the list.
import { join } from "node:path";
import { printRows, titlesBelow, type List } from "../tools/rows.ts";
import { notYet } from "./not-yet.ts";

/** Every id of section 3. */
export const ids = Array.from({ length: 30 }, (_, at) => `R${at + 1}`);

export async function readPromises(): Promise<List> {
  const titles = await titlesBelow(join(import.meta.dir, ".."));
  return { ids, name: "promises", sources: { titles, notYet } };
}

if (import.meta.main) printRows(await readPromises());
