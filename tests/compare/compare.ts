// Public repositories through the built binary and through Composer's own loader, compared version by version and field
// by field, and archives with `git archive`. The table explains every difference, or the run fails.
//
//   bun run compare --repositories FILE --mirrors DIR [--archives N] [--only NAME]…
//
// FILE has a line `owner/name commit` for each; DIR holds the git directory of each as `owner+name/repo` or
// `owner/name.git`, with that commit at its HEAD. N archives of each are compared, evenly spread; all without it.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Operator } from "../worlds/shell.ts";
import { composers, type Composer } from "../tools/composers.ts";
import { succeeded } from "../tools/process.ts";
import { gitContents, zipContents } from "./archive.ts";
import { explainArchive, explainFields, explainMissing, type Difference } from "./explain.ts";
import { loadedBy, syncedBy, type Compared, type Synced } from "./sides.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

type Listed = { name: string; commit: string };
type Options = { mirrors: string; archives: number };
type Result = {
  name: string;
  versions: number;
  fields: number;
  archives: number;
  seconds: number;
  differences: Difference[];
};
type Ground = { operator: Operator; server: Served; composer: Composer };

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      repositories: { type: "string" },
      mirrors: { type: "string" },
      archives: { type: "string", default: "1000000" },
      only: { type: "string", multiple: true },
    },
  });
  if (!values.repositories || !values.mirrors) throw new Error("Give --repositories FILE and --mirrors DIR.");
  const listed = (await read(values.repositories)).filter(({ name }) => values.only?.includes(name) ?? true);
  const options = { mirrors: values.mirrors, archives: Number(values.archives) };
  const composer = (await composers()).at(-1);
  if (!composer || composer.command.length === 1) throw new Error("There is no Composer from Packagist.");
  console.log(`${listed.length} repositories, ${composer.name}\n`);
  const operator = await openWorld({ in: "shell" });
  try {
    const server = await operator.serve({ args: ["serve"] });
    const results: Result[] = [];
    for (const each of listed) {
      results.push(await tried({ operator, server, composer }, each, options));
      console.log(lineOf(results.at(-1)!));
    }
    return report(results);
  } finally {
    await operator.close();
  }
}

async function read(file: string): Promise<Listed[]> {
  const lines = (await Bun.file(file).text()).split("\n").map((line) => line.trim());
  return lines
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [name = "", commit = ""] = line.split(/\s+/);
      return { name, commit };
    });
}

/** A failed comparison counts as a difference, and the others continue. */
async function tried(ground: Ground, listed: Listed, options: Options): Promise<Result> {
  try {
    return await compare(ground, listed, options);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    const differences = [{ version: "", what, why: null }];
    return { name: listed.name, versions: 0, fields: 0, archives: 0, seconds: 0, differences };
  }
}

async function compare(ground: Ground, listed: Listed, options: Options): Promise<Result> {
  const { operator, server, composer } = ground;
  const slug = `compared-${Bun.hash(listed.name).toString(36)}`;
  const repository = await bareCopy(operator, listed, options);
  const synced = await syncedBy(operator, server, { slug, repository });
  const { documents } = synced;
  const loaded = await loadedBy(composer, { folder: operator.folder, repository, documents });
  const both = loaded.versions.filter((each) => each.only === undefined);
  const differences = [
    ...loaded.versions.filter((each) => each.only).map((each) => explainMissing(each, synced, loaded.log)),
    ...both.flatMap((each) => explainFields(each, synced)),
  ];
  const chosen = evenly(
    both.filter((each) => each.dist),
    options.archives,
  );
  for (const each of chosen) differences.push(...(await compareArchive(each, { repository, synced })));
  const fields = both.reduce((sum, each) => sum + (each.compared ?? 0), 0);
  const { seconds } = synced;
  return {
    name: listed.name,
    versions: both.length,
    fields,
    archives: chosen.length,
    seconds,
    differences,
  };
}

/** Tags and branches only: other refs of a mirror are no versions. */
async function bareCopy(operator: Operator, { name, commit }: Listed, { mirrors }: Options): Promise<string> {
  const candidates = [join(mirrors, name.replace("/", "+"), "repo"), join(mirrors, `${name}.git`)];
  const mirror = candidates.find((path) => existsSync(path));
  if (!mirror) throw new Error(`${name} is not in ${mirrors}.`);
  const path = join(operator.folder, `${name.replace("/", "-")}.git`);
  await succeeded(["git", "clone", "--quiet", "--bare", mirror, path], { timeoutMs: 600_000 });
  const head = (await succeeded(["git", "-C", path, "rev-parse", "HEAD"])).trim();
  if (head !== commit) throw new Error(`${name} is at ${head} in ${mirrors}, not at ${commit}.`);
  return path;
}

async function compareArchive(
  found: Compared,
  { repository, synced }: { repository: string; synced: Synced },
): Promise<Difference[]> {
  const { dist, reference, version } = found;
  if (!dist) return [];
  if (dist.reference !== reference)
    return [{ version, what: `reference: ${reference} → ${dist.reference}`, why: null }];
  const url = dist.url.replace("%reference%", dist.reference);
  const zip = zipContents(await synced.download(url));
  return explainArchive(found, { git: await gitContents(repository, reference), zip, synced });
}

function evenly<T>(all: T[], count: number): T[] {
  if (all.length <= count) return all;
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!);
}

function lineOf({ name, versions, fields, archives, seconds, differences }: Result): string {
  const unexplained = differences.filter(({ why }) => why === null).length;
  const numbers = [versions, fields, archives, differences.length - unexplained, unexplained];
  return `${name.padEnd(44)}${numbers.map((each) => String(each).padStart(9)).join("")}${seconds.toFixed(1).padStart(9)}`;
}

/** Prints the table; answers 1 when a difference is not explained. */
function report(results: Result[]): number {
  console.log(`\n${"repository".padEnd(44)} versions   fields archives explained  not  sync s`);
  for (const result of results) console.log(lineOf(result));
  const all = results.flatMap(({ name, differences }) => differences.map((each) => ({ name, ...each })));
  const explained = Map.groupBy(
    all.filter(({ why }) => why !== null),
    ({ why }) => why,
  );
  console.log("\nExplained:");
  for (const [why, of] of [...explained].toSorted(([, a], [, b]) => b.length - a.length))
    console.log(
      `${String(of.length).padStart(7)}  ${why}  (as ${of[0]?.name} ${of[0]?.version}: ${of[0]?.what})`,
    );
  const open = all.filter(({ why }) => why === null);
  console.log(`\nNot explained: ${open.length}`);
  for (const { name, version, what } of open.slice(0, 200)) console.log(`  ${name} ${version}: ${what}`);
  return open.length === 0 ? 0 : 1;
}

process.exit(await main());
