// Looks for what is wrong with this installation, and says what helps.
import type { CheckResult } from "../doctor/run.ts";
import type { Context, Status } from "../doctor/check.ts";
import { invalid } from "../errors.ts";
import type { Arguments, Command, Output } from "./command.ts";
import { remedyLine } from "./remedies.ts";
import { number } from "./version.ts";

const closeMs = 1000;

export const doctor: Command = {
  summary: "Look for what is wrong with this installation, and say what helps",
  usage: "",
  arity: [0, 0],
  options: {
    fix: { type: "string", value: "NAME", help: "Mend what this check found, such as permissions" },
    thorough: { type: "boolean", help: "Also what takes half a minute, such as late answers" },
    preflight: { type: "boolean", help: "Only what this version needs before it takes over" },
  },
  async runOnSources(sources, args, out) {
    // Loaded here, so that other commands start without it.
    const { openContext } = await import("../doctor/open.ts");
    const context = await openContext(sources, { isThorough: args.flag("thorough") });
    try {
      const fix = args.text("fix");
      return fix === null ? await examine(context, args, out) : await mend(context, fix, out);
    } finally {
      await Promise.race([context.app?.close(), Bun.sleep(closeMs)]);
      // A connection that nobody waits for any more does not hold the command up.
      setTimeout(() => process.exit(), closeMs).unref();
    }
  },
};

async function examine(context: Context, args: Arguments, out: Output): Promise<number> {
  const [{ runDoctor, hasFailed }, { checks }] = await Promise.all([
    import("../doctor/run.ts"),
    import("../doctor/checks.ts"),
  ]);
  const wanted = args.flag("preflight") ? checks.filter(({ isPreflight }) => isPreflight) : checks;
  out.progress("Looking…");
  const results = await runDoctor(context, wanted);
  const isWell = !hasFailed(results);
  const appUrl = context.config?.appUrl ?? null;
  const value = { version: number, at: new Date(context.now()).toISOString(), ok: isWell, checks: results };
  out.result(value, [...results.flatMap((result) => linesOf(result, appUrl)), "", sumOf(results)]);
  return isWell ? 0 : 1;
}

async function mend(context: Context, name: string, out: Output): Promise<void> {
  const { checks } = await import("../doctor/checks.ts");
  const fixable = checks.filter(({ fix }) => fix !== undefined);
  const check = fixable.find(({ id }) => id === name);
  if (!check?.fix)
    throw invalid(`"${name}" cannot be mended by this program.`, {
      code: "usage",
      advice: `These can: ${fixable.map(({ id }) => id).join(", ")}.`,
    });
  const done = await check.fix(context);
  out.result({ id: check.id, done }, done);
}

const labels: Record<Status, string> = { ok: "ok", warn: "WARN", fail: "FAIL", unknown: "?" };

function linesOf({ title, status, seen, advice, remedy }: CheckResult, appUrl: string | null): string[] {
  const help = [advice, remedy === null ? null : remedyLine(remedy, appUrl)].filter((line) => line !== null);
  return [
    `${labels[status].padEnd(5)} ${title.padEnd(26)} ${seen}`,
    ...help.map((line) => `${"".padEnd(33)}→ ${line}`),
  ];
}

function sumOf(results: CheckResult[]): string {
  const count = (status: Status) => results.filter((result) => result.status === status).length;
  if (count("fail") + count("warn") === 0) return "Everything is all right.";
  return `${count("fail")} failed, ${count("warn")} to look at.`;
}
