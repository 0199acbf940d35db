// `bun run check`: the one definition of green. Format, lint, types, dependencies, secrets, docs, then every test.
// `bun run check --mutants [words]`: whether the tests notice when a protection is removed (tests/mutants).
import { runMutants } from "../mutants/run.ts";

if (process.argv[2] === "--mutants") process.exit((await runMutants(process.argv[3] ?? "")) ? 0 : 1);

const steps: [name: string, command: string[]][] = [
  ["format", ["bun", "fmt", "--check"]],
  ["lint", ["oxlint", "--deny-warnings"]],
  ["types", ["bun", "check", "--no-script"]],
  ["dependencies", ["bun", "run", "tests/tools/audit.ts"]],
  ["secrets", ["bun", "run", "tests/tools/scan.ts"]],
  ["docs", ["bun", "test", "tests/docs"]],
  ["build", ["bun", "run", "build.ts"]],
  ["tests", ["bun", "run", "tests/tools/run.ts"]],
];

const only = process.argv[2];
for (const [name, command] of steps) {
  if (only && only !== name) continue;
  const started = performance.now();
  const { exitCode } = Bun.spawnSync(command, { stdio: ["ignore", "inherit", "inherit"] });
  const seconds = ((performance.now() - started) / 1000).toFixed(1);
  console.log(`${exitCode === 0 ? "ok" : "FAILED"}  ${name} (${seconds} s)`);
  if (exitCode !== 0) process.exit(1);
}
