// `bun tests/tools/checks/scan.ts`: whether a file of the project holds what looks like a real secret.
import { existsSync, readFileSync, statSync } from "node:fs";
import { checksum } from "../../../src/registry/tokens.ts";

const patterns: [what: string, pattern: RegExp, isReal?: (text: string) => boolean][] = [
  ["a private key", /-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----(?:\\n|\s)*[A-Za-z0-9+/=]{32,}/g],
  ["an AWS access key", /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/g],
  ["a GitHub token", /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})/g],
  ["a GitLab token", /\bglpat-[A-Za-z0-9_-]{20,}/g],
  [
    "a token of Pricore",
    /\bprc_[0-9A-Za-z]{46}\b/g,
    (text) => checksum(text.slice(0, -6)) === text.slice(-6),
  ],
];

/** Files whose secrets open nothing, and why they have them. */
const allowed: Record<string, string> = {};

/** What stands in a text, in words; the secrets themselves are not printed. */
export function secretsIn(text: string): string[] {
  return patterns.flatMap(([what, pattern, isReal]) =>
    [...text.matchAll(pattern)]
      .filter(([found]) => isReal?.(found) ?? true)
      .map(({ index }) => `line ${text.slice(0, index).split("\n").length}: ${what}`),
  );
}

/** Of every file that git knows; an entry of the list above that is not needed is told, too. */
export function scan(files: string[], excused: Record<string, string> = allowed): string[] {
  const found = new Map(files.map((file) => [file, secretsIn(textOf(file))]));
  const problems = [...found].flatMap(([file, secrets]) =>
    file in excused ? [] : secrets.map((secret) => `${file}, ${secret}`),
  );
  const needless = Object.keys(excused).filter((file) => (found.get(file) ?? []).length === 0);
  return [...problems, ...needless.map((file) => `${file} holds no secret and is excused.`)];
}

const mostBytes = 5 * 1024 * 1024;

function textOf(file: string): string {
  return existsSync(file) && statSync(file).size <= mostBytes ? readFileSync(file, "latin1") : "";
}

export function trackedFiles(): string[] {
  const { stdout } = Bun.spawnSync(["git", "ls-files", "-z"]);
  return stdout.toString().split("\0").filter(Boolean);
}

if (import.meta.main) {
  const files = trackedFiles();
  if (files.length === 0)
    console.error("SKIPPED: this is no git checkout, so nobody knows which files count.");
  const problems = scan(files);
  for (const problem of problems) console.error(problem);
  process.exit(problems.length === 0 ? 0 : 1);
}
