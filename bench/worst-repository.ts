// How long readers wait while the worst possible repository is synced: many tags, large manifests that differ,
// expensive READMEs.
import { Database } from "bun:sqlite";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { basic } from "../tests/clients/documents.ts";
import { openWorld, type ClientWorld } from "../tests/worlds/world.ts";
import { startGitHttp } from "../tests/tools/servers/git-http-server.ts";
import { succeeded } from "../tests/tools/process.ts";
import { patienceDuring, type Patience } from "../tests/tools/steady-client.ts";
import { peakMegabytes } from "./memory.ts";

export type Worst = { tags: number; manifestBytes: number; readmeBytes: number };

export async function benchWorstRepository(): Promise<string[]> {
  const cases: [what: string, worst: Worst][] = [
    ["5000 tags, small manifests", { tags: 5000, manifestBytes: 2000, readmeBytes: 2000 }],
    ["5000 tags, hostile manifests and READMEs", { tags: 5000, manifestBytes: 50_000, readmeBytes: 500_000 }],
    ["30 tags, manifests of a megabyte", { tags: 30, manifestBytes: 1_000_000, readmeBytes: 500_000 }],
  ];
  const lines: string[] = [];
  for (const [what, worst] of cases) {
    const { patience, seconds, peakMegabytes } = await syncWorst(worst);
    const { answers, median, p99, longest } = patience;
    lines.push(
      `  ${what}: ${seconds.toFixed(0)} s, the server held ${peakMegabytes.toFixed(0)} MB at most; of ${answers} reads ` +
        `half took ${median.toFixed(1)} ms, 99 of 100 ${p99.toFixed(1)} ms, the slowest ${longest.toFixed(0)} ms`,
    );
  }
  return lines;
}

export type Synced = { patience: Patience; seconds: number; peakMegabytes: number; added: number };

/** A first sync of it, next to a reader of another package of the same organization. */
export async function syncWorst(worst: Worst): Promise<Synced> {
  const world = await openWorld({ in: "binary", git: true, environment: { LOG_LEVEL: "warn" } });
  const root = join(world.folder, "worst");
  const git = startGitHttp({ root });
  try {
    await makeWorstRepository(join(root, "worst.git"), worst);
    const org = await world.organization("acme");
    await world.publish(org, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
    await world.pricore("repo", "add", "--org", "acme", `${git.url}/worst.git`);
    const reader = {
      url: `http://127.0.0.1:${world.registry.port}/acme/p2/acme/blog.json`,
      // Sent directly, because the recorder's time is not the registry's.
      headers: { ...basic(org.token), host: new URL(world.registry.url).host },
    };
    let [seconds, added] = [0, 0];
    const patience = await patienceDuring(reader, async () => {
      const since = performance.now();
      await world.pricore("sync", "--org", "acme", "worst");
      added = await untilSynced(world);
      seconds = (performance.now() - since) / 1000;
    });
    return { patience, seconds, peakMegabytes: peakMegabytes(world.registry.pid()), added };
  } finally {
    await git.stop();
    await world.close();
  }
}

/** The number of its versions; `sync --wait` would give up before the worst repository is done. */
async function untilSynced({ registry }: ClientWorld): Promise<number> {
  for (;;) {
    await Bun.sleep(200);
    using database = new Database(join(registry.dataDir, "pricore.sqlite"), { readonly: true });
    const last = "select state, error, added from syncs order by started_at desc, id desc limit 1";
    const sync = database.query<{ state: string; error: string | null; added: number }, []>(last).get();
    if (sync?.state === "failed") throw new Error(sync.error ?? "failed");
    if (sync?.state === "done" && sync.added > 2) return sync.added;
  }
}

export async function makeWorstRepository(
  path: string,
  { tags, manifestBytes, readmeBytes }: Worst,
): Promise<void> {
  await mkdir(path, { recursive: true });
  await succeeded(["git", "init", "-q", "--bare", "--initial-branch=main", path]);
  const importing = Bun.spawn(["git", "-C", path, "fast-import", "--quiet", "--depth=250"], {
    stdin: "pipe",
  });
  for (let tag = 0; tag < tags; tag++) {
    const manifest = JSON.stringify({ name: "acme/worst", ...filling(tag, manifestBytes) });
    importing.stdin.write(
      `commit refs/heads/main\nmark :${tag + 1}\ncommitter Ann <ann@example.com> ${1.7e9 + tag} +0000\n${data("x")}\n` +
        (tag > 0 ? `from :${tag}\n` : "") +
        `M 100644 inline composer.json\n${data(manifest)}\n` +
        // The most expensive README that is still rendered; each tag has a different one.
        `M 100644 inline README.md\n${data(`# ${tag}\n${"*a* `b` ".repeat(Math.min(readmeBytes / 8, 9000))}`)}\n` +
        `reset refs/tags/${Math.floor(tag / 100)}.${tag % 100}.0\nfrom :${tag + 1}\n`,
    );
    await importing.stdin.flush();
  }
  importing.stdin.write("done\n");
  await importing.stdin.end();
  if ((await importing.exited) !== 0) throw new Error("git fast-import failed");
}

/** Mostly equal to the version before, as in real packages, in fields that are compared one by one. */
function filling(tag: number, bytes: number): Record<string, unknown> {
  const entries = Math.floor(bytes / 60);
  const require = Object.fromEntries(
    Array.from({ length: Math.min(entries, 8000) }, (_, at) => [
      `acme/package-${at}`,
      `^1.${at} || ^2.0 || ~3.${at}.1`,
    ]),
  );
  const rest = Math.max(0, bytes - JSON.stringify(require).length - 60);
  return { description: `Number ${tag}`, require, extra: { text: "x".repeat(rest) } };
}

function data(content: string): string {
  return `data ${Buffer.byteLength(content)}\n${content}`;
}
