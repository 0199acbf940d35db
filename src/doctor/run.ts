// Runs checks side by side, each within its time.
import { messageOf } from "../errors.ts";
import { redact } from "../log.ts";
import { printable } from "../printable.ts";
import { unknown, type Check, type Context, type Finding } from "./check.ts";
import { checks } from "./checks.ts";

export type CheckResult = Finding & { id: string; title: string };

const budgetMs = 10_000;
const maxCharacters = 1000;

export function runDoctor(context: Context, wanted: Check[] = checks): Promise<CheckResult[]> {
  return Promise.all(wanted.map((check) => runCheck(context, check)));
}

export function hasFailed(results: CheckResult[]): boolean {
  return results.some(({ status }) => status === "fail");
}

async function runCheck(context: Context, check: Check): Promise<CheckResult> {
  const { id, title } = check;
  const finding = await within(context.isThorough ? (check.budgetMs ?? budgetMs) : budgetMs, async () =>
    check.run(context),
  ).catch((error: unknown) => unknown(`It could not be checked: ${messageOf(error)}`));
  // Git hosts, databases and mail servers put what they like into their errors.
  const seen = redact(printable(finding.seen)).slice(0, maxCharacters);
  return { id, title, ...finding, seen };
}

async function within(ms: number, work: () => Promise<Finding>): Promise<Finding> {
  const late = Promise.withResolvers<Finding>();
  const timer = setTimeout(() => late.resolve(unknown(`It was not done within ${ms / 1000} s.`)), ms);
  try {
    return await Promise.race([work(), late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
