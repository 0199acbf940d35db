// The Composer clients that the tests drive: Debian's, and from Packagist the 2.2 LTS and the newest. The two
// are installed once, by Debian's Composer as this machine has it configured, into .cache/composers.
// As a program it installs them and says which are there.

import { existsSync, readFileSync, statSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { finished, type Outcome } from "./process.ts";

export type Composer = {
  name: string;
  version: string;
  /** What to start, before Composer's own arguments. */
  command: string[];
  /** Without questions and colours; `home` holds configuration, credentials and cache of this run. */
  run(args: string[], options: RunOptions): Promise<Outcome>;
};

export type RunOptions = { cwd: string; home: string; env?: Record<string, string> };

type Wanted = { name: string; constraint: string };

const cache = resolve(import.meta.dir, "../../.cache/composers");
const bootstrap = join(import.meta.dir, "composer-bootstrap.php");
const wanted: Wanted[] = [
  { name: "2.2 LTS", constraint: "2.2.*" },
  { name: "newest", constraint: "^2.3" },
];

/** Small libraries that Debian's composer package depends on: taken from there, whatever Packagist has. */
const fromDebian = {
  "composer/metadata-minifier": "1.0.0",
  "composer/spdx-licenses": "1.5.7",
  "seld/jsonlint": "1.9.0",
  "seld/phar-utils": "1.2.0",
  "seld/signal-handler": "2.0.1",
};

let found: Promise<Composer[]> | null = null;

/** Debian's Composer first; the others where Packagist can be reached. */
export function composers(): Promise<Composer[]> {
  found ??= findAll();
  return found;
}

/** What to print when everything else is said: empty when all three clients are there. */
export function missingComposersNotice(): string {
  const missing = wanted.filter(({ name }) => !isInstalled(name));
  if (missing.length === 0) return "";
  const lines = missing.map(
    ({ name, constraint }) => `!! Composer ${name} (${constraint}): ${problemOf(name)}`,
  );
  return ["", "!! NOT EVERY COMPOSER CLIENT WAS TESTED: Packagist could not be reached.", ...lines, ""].join(
    "\n",
  );
}

/** The variables of a run: nothing of this process but its path, so that no machine's settings leak in. */
export function composerEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    LANG: "C.UTF-8",
    // Else Composer breaks its sentences into lines.
    COLUMNS: "1000",
    HOME: home,
    COMPOSER_HOME: home,
    COMPOSER_CACHE_DIR: join(home, "cache"),
    COMPOSER_ALLOW_SUPERUSER: "1",
  };
}

async function findAll(): Promise<Composer[]> {
  const debian = composer("Debian", await versionOf(["composer"]), ["composer"]);
  const others = [];
  for (const each of wanted) {
    const other = await fromPackagist(each);
    if (other) others.push(other);
  }
  return [debian, ...others];
}

async function fromPackagist({ name, constraint }: Wanted): Promise<Composer | null> {
  if (!isInstalled(name) && !hasJustFailed(name)) await install(name, constraint);
  if (!isInstalled(name)) return null;
  const bin = join(folderOf(name), "vendor/composer/composer/bin/composer");
  const command = ["php", "-d", `auto_prepend_file=${bootstrap}`, bin];
  return composer(name, await versionOf(command), command);
}

/** Several test processes may do this at the same time. */
async function install(name: string, constraint: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const temporary = await mkdtemp(join(cache, "installing-"));
  const manifest = { require: { "composer/composer": constraint }, replace: fromDebian };
  await Bun.write(join(temporary, "composer.json"), JSON.stringify(manifest));
  const args = ["composer", "update", "--no-interaction", "--no-plugins", "--no-scripts", "--no-dev"];
  const env = { ...process.env, COMPOSER_ALLOW_SUPERUSER: "1", COLUMNS: "1000" };
  const { code, stderr } = await finished(args, { cwd: temporary, env, timeoutMs: 120_000 });
  if (code === 0) await rename(temporary, folderOf(name)).catch(() => {});
  else await Bun.write(problemFile(name), reasonIn(stderr));
  await rm(temporary, { recursive: true, force: true });
}

function isInstalled(name: string): boolean {
  return existsSync(join(folderOf(name), "vendor/bin/composer"));
}

/** So that not every test file waits for a network that isn't there. */
function hasJustFailed(name: string): boolean {
  const state = statSync(problemFile(name), { throwIfNoEntry: false });
  return state !== undefined && Date.now() - state.mtimeMs < 10 * 60_000;
}

function problemOf(name: string): string {
  return existsSync(problemFile(name)) ? readFileSync(problemFile(name), "utf8") : "not installed";
}

function folderOf(name: string): string {
  return join(cache, name.replaceAll(" ", "-"));
}

function problemFile(name: string): string {
  return `${folderOf(name)}.problem`;
}

/** Composer prints `In File.php line 1:`, the reason, and then how the command is used. */
function reasonIn(output: string): string {
  const reason = /line \d+:\s*\n([\s\S]+?)\n\s*\n/.exec(output)?.[1] ?? output;
  return reason.replace(/\s+/g, " ").trim().slice(0, 300);
}

async function versionOf(command: string[]): Promise<string> {
  const { code, stdout, stderr } = await finished([...command, "--version", "--no-ansi"], {
    env: composerEnvironment("/nonexistent"),
  });
  const version = /(\d+\.\d+\.\d+\S*)/.exec(stdout)?.[1];
  if (code !== 0 || !version) throw new Error(`${command.join(" ")} does not run: ${stderr}${stdout}`);
  return version;
}

function composer(name: string, version: string, command: string[]): Composer {
  return {
    name: `Composer ${version} (${name})`,
    version,
    command,
    run: (args, { cwd, home, env }) =>
      finished([...command, ...args, "--no-interaction", "--no-ansi"], {
        cwd,
        env: { ...composerEnvironment(home), ...env },
        timeoutMs: 60_000,
      }),
  };
}

if (import.meta.main) {
  for (const { name } of await composers()) console.log(name);
  console.log(missingComposersNotice());
}
