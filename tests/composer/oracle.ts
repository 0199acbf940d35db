// Runs the installed Composer as the reference: many inputs in one PHP process.
import { join } from "node:path";

export type Question = { ask: string; [member: string]: unknown };
export type Answer = { answer: unknown } | { error: string };

/**
 * Answers in the order of the inputs, by the classes of an installed Composer or those of `autoload`. Fails without
 * php-cli and Composer's classes.
 */
export async function askComposer(
  questions: Question[],
  autoload = process.env.COMPOSER_AUTOLOAD,
): Promise<Answer[]> {
  const script = join(import.meta.dir, "oracle.php");
  const php = Bun.spawn(["php", script, ...(autoload ? [autoload] : [])], {
    stdin: "pipe",
    stdout: "pipe",
    stderr: "pipe",
  });
  void php.stdin.write(questions.map((question) => `${JSON.stringify(question)}\n`).join(""));
  void php.stdin.end();
  const [output, errors] = await Promise.all([
    new Response(php.stdout).text(),
    new Response(php.stderr).text(),
  ]);
  const lines = output.split("\n").filter((line) => line !== "");
  if (lines.length !== questions.length)
    throw new Error(`PHP answered ${lines.length} of ${questions.length}: ${errors}`);
  return lines.map((line) => JSON.parse(line) as Answer);
}
