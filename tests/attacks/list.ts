// The list of attacks and what holds each of them: a test whose title begins with the id, or a reason in not-yet.ts.
// As a program it prints the list.
import { printRows, titlesBelow, type List } from "../tools/rows.ts";
import { notYet } from "./not-yet.ts";

const lengths = { S: 16, G: 18, C: 14, T: 15, H: 16, I: 20, W: 9, N: 2, K: 11, DC: 5 };

/** Every id of section 2.1. */
export const ids = Object.entries(lengths).flatMap(([letter, length]) =>
  Array.from({ length }, (_, at) => `${letter}${at + 1}`),
);

export async function readAttacks(): Promise<List> {
  return { ids, name: "attacks", sources: { titles: await titlesBelow(import.meta.dir), notYet } };
}

if (import.meta.main) printRows(await readAttacks());
