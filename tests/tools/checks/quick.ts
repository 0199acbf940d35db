// Which tests are done within a minute: those whose imports lead to no server, no other program, not the built binary,
// not to a whole application, whose syncs are processes of their own, and not to repositories that git itself makes and
// is compared with, file by file.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Glob } from "bun";

const harnesses = [
  "tests/worlds/process.ts",
  "tests/tools/binary.ts",
  "tests/tools/servers/services.ts",
  "tests/tools/servers/sshd.ts",
  "tests/tools/composers.ts",
  "tests/composer/oracle.ts",
  "tests/git/bare-repository.ts",
  "tests/browser/browser.ts",
];

export function quickTests(): string[] {
  const files = [...new Glob("tests/**/*.test.{ts,tsx}").scanSync()].toSorted();
  return files.filter((file) => {
    const reached = reachOf(file);
    return !harnesses.some((harness) => reached.has(harness));
  });
}

/** The file and all below `tests/` that it loads, also by way of others; a type loads nothing. */
function reachOf(file: string, reached = new Set<string>()): Set<string> {
  if (reached.has(file)) return reached;
  reached.add(file);
  for (const each of importsOf(file)) if (each.startsWith("tests/")) reachOf(each, reached);
  return reached;
}

const known = new Map<string, string[]>();

function importsOf(file: string): string[] {
  const found = known.get(file) ?? parsed(file);
  known.set(file, found);
  return found;
}

function parsed(file: string): string[] {
  const statement = /^(?:import|export)\b(?! type)[^;]*?from "(\.[^"]+)"/gm;
  const paths = [...readFileSync(file, "utf8").matchAll(statement)].map(([, path = ""]) => path);
  return paths.map((path) => join(dirname(file), path)).filter((path) => existsSync(path));
}

if (import.meta.main) console.log(quickTests().join("\n"));
