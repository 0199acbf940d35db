// `bun run check`: the one definition of green. Format, lint, types, dependencies, secrets, docs, then every test.
// `bun run check --quick`: format, lint, types and the tests that are done within a minute (tests/tools/checks/quick.ts).
// `bun run check --mutants [words]`: whether the tests notice when a protection is removed (tests/mutants).
import { runMutants } from "../../mutants/run.ts";
import { quickTests } from "./quick.ts";

if (process.argv[2] === "--mutants") process.exit((await runMutants(process.argv[3] ?? "")) ? 0 : 1);

type Step = [name: string, command: string[]];

const still: Step[] = [
  ["format", ["bun", "fmt", "--check"]],
  ["lint", ["oxlint", "--deny-warnings"]],
  ["types", ["bun", "check", "--no-script"]],
];
const run = ["bun", "run", "tests/tools/run.ts"];
const whole: Step[] = [
  ...still,
  ["dependencies", ["bun", "run", "tests/tools/checks/audit.ts"]],
  ["secrets", ["bun", "run", "tests/tools/checks/scan.ts"]],
  ["docs", ["bun", "test", "tests/docs"]],
  ["build", ["bun", "run", "build.ts"]],
  ["tests", run],
];
const quick = (): Step[] => [...still, ["tests", [...run, ...quickTests()]]];

const only = process.argv[2];
const isQuick = only === "--quick";
for (const [name, command] of isQuick ? quick() : whole) {
  if (only && !isQuick && only !== name) continue;
  const started = performance.now();
  const { exitCode } = Bun.spawnSync(command, { stdio: ["ignore", "inherit", "inherit"] });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${exitCode === 0 ? "ok" : "FAILED"}  ${name} (${seconds} s)`);
  if (exitCode !== 0) process.exit(1);
}
