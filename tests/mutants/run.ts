// `bun run check --mutants [part of a name]`: removes one protection at a time from a copy of the project and runs the
// test that must fail. A test that stays green, or that fails without a mutation, fails the run.
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { mutants } from "./list.ts";
import { mutate, patternFor, problemsOfMutants, type Mutant } from "./mutant.ts";

const root = join(import.meta.dir, "../..");
const atOnce = 2;

type Verdict = "red" | "green" | "did not run";

/** The result of each named test on the unchanged copy; several mutants share one. */
const unchanged: Record<string, Promise<Verdict>> = {};

export async function runMutants(text: string): Promise<boolean> {
  const chosen = mutants.filter(({ name }) => name.includes(text));
  const problems = await problemsOfMutants(chosen, (file) => Bun.file(join(root, file)).text());
  for (const problem of problems) console.error(problem);
  if (problems.length > 0 || chosen.length === 0) return false;
  const waiting = [...chosen];
  const survivors: string[] = [];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      const copy = copyOfProject();
      try {
        for (let next = waiting.shift(); next; next = waiting.shift())
          if (!(await isNoticed(copy, next))) survivors.push(next.name);
      } finally {
        rmSync(copy, { recursive: true, force: true });
      }
    }),
  );
  console.log(`\n${chosen.length - survivors.length} of ${chosen.length} removed protections were noticed`);
  return survivors.length === 0;
}

async function isNoticed(copy: string, mutant: Mutant): Promise<boolean> {
  const place = join(copy, mutant.file);
  const whole = await Bun.file(place).text();
  const started = performance.now();
  const before = await (unchanged[JSON.stringify(mutant.test)] ??= runTest(copy, mutant.test));
  await Bun.write(place, mutate(whole, mutant));
  const after = await runMutant(copy, mutant);
  await Bun.write(place, whole);
  const isGood = before === "green" && after === "red";
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  const result = isGood ? "red" : `NOT NOTICED (${before} before, ${after} after)`;
  console.log(
    `${result.padEnd(5)} ${mutant.name} (${mutant.test.file} "${mutant.test.title}", ${seconds} s)`,
  );
  return isGood;
}

/** A mutant that does not compile was not tested, so it does not count as a failed test. */
async function runMutant(copy: string, { isCompiled, test }: Mutant): Promise<Verdict> {
  if (!isCompiled) return runTest(copy, test);
  const { exitCode } = await run(copy, ["bun", "run", "build.ts"]);
  const verdict = exitCode === 0 ? await runTest(copy, test) : "did not run";
  cpSync(join(root, "dist"), join(copy, "dist"), { recursive: true });
  return verdict;
}

async function runTest(copy: string, { file, title }: Mutant["test"]): Promise<Verdict> {
  const command = ["bun", "test", "--timeout=120000", "-t", patternFor(title), file];
  const { exitCode, output } = await run(copy, command);
  const count = (word: string) => Number(new RegExp(`^ *(\\d+) ${word}$`, "m").exec(output)?.[1] ?? 0);
  if (count("pass") + count("fail") === 0) return "did not run";
  return exitCode === 0 ? "green" : "red";
}

async function run(cwd: string, command: string[]): Promise<{ exitCode: number; output: string }> {
  const child = Bun.spawn(command, { cwd, stdin: "ignore", stdout: "ignore", stderr: "pipe" });
  const output = await new Response(child.stderr).text();
  return { exitCode: await child.exited, output };
}

/** Copies the files that git tracks, with the same packages and the current binary. */
function copyOfProject(): string {
  const copy = mkdtempSync(join(tmpdir(), "pricore-mutant-"));
  const { stdout } = Bun.spawnSync(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
  });
  for (const file of stdout.toString().split("\0").filter(Boolean))
    cpSync(join(root, file), join(copy, dirname(file), file.slice(file.lastIndexOf("/") + 1)));
  for (const folder of ["node_modules", ".cache"]) symlinkSync(join(root, folder), join(copy, folder));
  cpSync(join(root, "dist"), join(copy, "dist"), { recursive: true });
  return copy;
}
