// The acceptance checks of operating Pricore (HTTPS, backup, doctor, service, upgrade, moves), and the test of each:
// any test below tests/ whose title begins with the id, or a reason in not-yet.ts. As a program it prints the list.
import { join } from "node:path";
import { printRows, titlesBelow, type List } from "../tools/rows.ts";
import { notYet } from "./not-yet.ts";

export const ids = Array.from({ length: 60 }, (_, at) => `OP${at + 1}`);

export async function readOperateChecks(): Promise<List> {
  const titles = await titlesBelow(join(import.meta.dir, ".."));
  return { ids, name: "checks of operation", sources: { titles, notYet } };
}

if (import.meta.main) printRows(await readOperateChecks());
