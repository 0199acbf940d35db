// Runs one check as the doctor does, on an application of a test or on facts that it makes up.
import type { Context } from "../../src/doctor/check.ts";
import { checks } from "../../src/doctor/checks.ts";
import { machine, type Machine } from "../../src/doctor/machine.ts";
import { contextOf } from "../../src/doctor/open.ts";
import { runDoctor, type CheckResult } from "../../src/doctor/run.ts";
import type { App } from "../../src/app.ts";

export async function examine(id: string, context: Context): Promise<CheckResult> {
  const check = checks.find((each) => each.id === id);
  if (!check) throw new Error(`there is no check ${id}`);
  const [result] = await runDoctor(context, [check]);
  if (!result) throw new Error("nothing was found");
  return result;
}

/** As the daily run sees it, but for the facts of the machine that are given. */
export function contextWith(app: App, facts: Partial<Machine> = {}, rest: Partial<Context> = {}): Context {
  return { ...contextOf(app), isServing: false, machine: { ...machine, ...facts }, ...rest };
}
