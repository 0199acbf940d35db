// Faults that were reported from outside, and the test of each: any test below tests/ whose title begins with the id,
// or a reason in not-yet.ts. As a program it prints the list. FA: attacks and loss. FC: Composer, git, archives. FW:
// `why`, messages, jobs. FU: people. FT: tests that could not fail.
import { join } from "node:path";
import { printRows, titlesBelow, type List } from "../tools/rows.ts";
import { notYet } from "./not-yet.ts";

const lengths = { FA: 24, FC: 20, FW: 9, FU: 52, FT: 12 };

export const ids = Object.entries(lengths).flatMap(([prefix, length]) =>
  Array.from({ length }, (_, at) => `${prefix}${at + 1}`),
);

export async function readKnownFaults(): Promise<List> {
  const titles = await titlesBelow(join(import.meta.dir, ".."));
  return { ids, name: "known faults", sources: { titles, notYet } };
}

if (import.meta.main) printRows(await readKnownFaults());
