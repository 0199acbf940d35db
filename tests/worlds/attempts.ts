// What an attacker's repositories do to acme: what the registry says, shows and logs about one address.
import { join } from "node:path";
import { Database } from "bun:sqlite";
import { expand } from "../../src/composer/minify.ts";
import { basic } from "../clients/documents.ts";
import { succeeded } from "../tools/process.ts";
import { eventsIn, type LoggedEvent } from "../tools/world.ts";
import type { BinaryWorld, Organization } from "./binary.ts";

export type Event = LoggedEvent;

export type Sync = {
  outcome: string;
  error: string | null;
  added: number;
  skipped: { ref: string; reason: string }[];
};

/** What a command said; `sync` when it came so far. `events` are those of the command and of the server meanwhile. */
export type Attempt = { code: number; output: string; sync: Sync | null; events: Event[] };

export type Options = { stdin?: string; env?: Record<string, string> };

export type WithAttempts = {
  /** acme. */
  org: Organization;
  /** `repo add … --sync --wait`, under a name of its own or the one that `--name` gives. */
  mirror(url: string, args?: string[], options?: Options): Promise<Attempt>;
  /** Syncs a mirrored repository again. */
  resync(name: string): Promise<Attempt>;
  /** The versions that clients see, stable and dev, by version. */
  versions(name: string): Promise<Record<string, Record<string, unknown>>>;
  /** The names in the archive of a version. */
  archived(name: string, version: string): Promise<string[]>;
  /** Every row of a table, as text. */
  rows(table: string): string[];
};

/** What a server needs that is attacked: every line of its log, and room for syncs beside each other. */
export const attemptsEnvironment = {
  LOG_LEVEL: "info",
  LOG_FORMAT: "json",
  GIT_CONCURRENCY: "8",
  WORKER_CONCURRENCY: "10",
};

export async function withAttempts(world: BinaryWorld): Promise<WithAttempts> {
  const org = await world.organization("acme");
  let mirrored = 0;
  const attempt = async (args: string[], options: Options = {}): Promise<Attempt> => {
    const before = world.registry.logs().length;
    const { code, stdout, stderr } = await world.registry.pricore(args, options);
    // A line of the server may come a moment after the answer of the command.
    if (code !== 0 && stdout !== "") await Bun.sleep(50);
    const logged = world.registry.logs().slice(before);
    return { code, output: stdout + stderr, sync: syncIn(stdout), events: eventsIn(logged + stderr) };
  };
  const versions: WithAttempts["versions"] = async (name) => {
    const found: Record<string, Record<string, unknown>> = {};
    for (const file of [name, `${name}~dev`]) {
      const answer = await fetch(`${org.url}/p2/${file}.json`, { headers: basic(org.token) });
      if (answer.status === 404) continue;
      const { packages } = (await answer.json()) as { packages: Record<string, Record<string, unknown>[]> };
      for (const record of expand(packages[name] ?? [])) found[String(record["version"])] = record;
    }
    return found;
  };
  return {
    org,
    versions,
    mirror(url, args = [], options = {}) {
      const name = args.includes("--name") ? [] : ["--name", `mirror-${++mirrored}`];
      return attempt(
        ["repo", "add", "--org", org.slug, ...name, ...args, "--sync", "--wait", "--json", "--", url],
        options,
      );
    },
    resync: (name) => attempt(["sync", "--org", org.slug, name, "--wait", "--json"]),
    async archived(name, version) {
      const { dist } = (await versions(name))[version] as { dist: { url: string; reference: string } };
      const address = dist.url.replace("%reference%", dist.reference);
      const file = join(world.folder, `${crypto.randomUUID()}.zip`);
      await Bun.write(file, await fetch(address, { headers: basic(org.token) }));
      const listed = await succeeded(["unzip", "-Z1", file], { env: { ...process.env, LC_ALL: "C.UTF-8" } });
      return listed
        .trimEnd()
        .split("\n")
        .map((path) => path.slice(path.indexOf("/") + 1));
    },
    rows(table) {
      using database = new Database(join(world.registry.dataDir, "pricore.sqlite"), { readonly: true });
      return database
        .query(`select * from ${table}`)
        .all()
        .map((row) => JSON.stringify(row));
    },
  };
}

/** The names of events, in their order. */
export function eventNames(events: Event[]): string[] {
  return events.map(({ event }) => event);
}

/** The first event of this name. */
export function eventOf({ events }: Attempt, name: string): Event | undefined {
  return events.find(({ event }) => event === name);
}

/** `repo add` prints the repository with its sync, `sync` a list of syncs. */
function syncIn(stdout: string): Sync | null {
  if (stdout === "") return null;
  const value = JSON.parse(stdout) as { sync?: Sync } | Sync[];
  return (Array.isArray(value) ? value[0] : value.sync) ?? null;
}
