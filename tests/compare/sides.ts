// The two sides of a comparison: the registry through its clients and commands, and Composer's own loader.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Operator } from "../worlds/shell.ts";
import { composerEnvironment, type Composer } from "../tools/composers.ts";
import { finished } from "../tools/process.ts";
import type { Served } from "../tools/binary.ts";

const anHour = 60 * 60_000;

export type Note = { code: string; path?: string; text: string };

/** The result of the registry for one repository. */
export type Synced = {
  /** The URL of its documents, for the loader. */
  documents: string;
  /** Ref → the reason why it gives no version. */
  skipped: Map<string, string>;
  /** `name version` → fields that are not published as written. */
  notes: Map<string, Note[]>;
  error: string | null;
  seconds: number;
  download(url: string): Promise<Buffer>;
};

type Report = {
  error: string | null;
  seconds: number;
  skipped: { ref: string; reason: string }[];
  noted: { package: string; version: string; notes: Note[] }[];
};

/** Uses a separate organization, so that package names of two repositories never conflict. */
export async function syncedBy(
  operator: Operator,
  server: Served,
  { slug, repository }: { slug: string; repository: string },
): Promise<Synced> {
  await operator.must("org", "create", slug);
  const args = ["repo", "add", "--org", slug, repository, "--name", "it", "--sync", "--wait", "--json"];
  const added = await operator.run(args, { timeoutMs: anHour });
  const report = (JSON.parse(added.stdout || "{}") as { sync?: Report }).sync;
  if (!report) throw new Error(`The sync ended with ${added.code}: ${added.stderr}`);
  const { token } = await operator.json<{ token: string }>(
    "token",
    "create",
    "--org",
    slug,
    "--name",
    "reader",
  );
  const headers = { Authorization: `Basic ${Buffer.from(`token:${token}`).toString("base64")}` };
  const read = async (url: string): Promise<Response> => {
    const response = await fetch(url, { headers });
    if (!response.ok) throw new Error(`${url} answers ${response.status}`);
    return response;
  };
  const base = `${server.url}/${slug}`;
  const root = (await (await read(`${base}/packages.json`)).json()) as { "available-packages": string[] };
  const texts: string[] = [];
  for (const name of root["available-packages"])
    for (const file of [name, `${name}~dev`])
      texts.push(await (await read(`${base}/p2/${file}.json`)).text());
  const documents = join(operator.folder, `${slug}.json`);
  // Kept as text, because JavaScript would reorder some keys.
  await Bun.write(documents, `[${texts.join(",")}]`);
  return {
    documents,
    skipped: new Map(report.skipped.map(({ ref, reason }) => [ref, reason])),
    notes: new Map(report.noted.map((each) => [`${each.package} ${each.version}`, each.notes])),
    error: report.error,
    seconds: report.seconds,
    download: async (url) => Buffer.from(await (await read(url)).arrayBuffer()),
  };
}

export type Compared = {
  /** Name and normalized version. */
  key: string;
  version: string;
  reference: string;
  only?: "ours" | "theirs";
  excludes?: string[];
  dist?: { url: string; reference: string } | null;
  /** Composer's value and ours, as JSON. */
  fields?: Record<string, [string, string]>;
  compared?: number;
};

export type Loaded = { versions: Compared[]; twice: string[]; log: string };

/** Runs the newest Composer that is installed, with its own home folder. */
export async function loadedBy(
  composer: Composer,
  { folder, repository, documents }: { folder: string; repository: string; documents: string },
): Promise<Loaded> {
  const home = join(folder, "composer-home");
  await mkdir(home, { recursive: true });
  const autoload = join(composer.command.at(-1) ?? "", "../../../../autoload.php");
  const script = join(import.meta.dir, "dump.php");
  const { code, stdout, stderr } = await finished(
    ["php", "-d", "memory_limit=-1", script, autoload, repository, documents],
    { env: composerEnvironment(home), timeoutMs: anHour },
  );
  if (code !== 0) throw new Error(`Composer's loader ended with ${code}: ${stderr}${stdout.slice(0, 2000)}`);
  return JSON.parse(stdout) as Loaded;
}
