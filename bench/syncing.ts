// A sync with archives, through the built binary, compared with native git that does the same work.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGitHttp } from "../tests/tools/servers/git-http-server.ts";
import { succeeded } from "../tests/tools/process.ts";
import { startRegistry, type Registry } from "../tests/tools/registry.ts";
import { makeRepository } from "../tests/tools/repositories.ts";
import { measure, type Figure } from "./rounds.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const files = 60;

/** Seconds, ours divided by git's; less is better. */
export async function benchSyncing(tags: number): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-bench-"));
  const repository = await makeRepository(folder, "acme/blog", steps(tags));
  const git = startGitHttp({ root: folder });
  const registry = await startRegistry({ LOG_LEVEL: "warn" });
  const url = `${git.url}/${repository.name}.git`;
  const sync = () => reported(registry, ["sync", "--org", "acme-0", "blog", "--wait", "--json"]);
  let [round, added] = [0, tags];
  try {
    const first = await measure({
      name: `first sync of ${tags} tags`,
      rounds,
      ours: () => firstSync(registry, { url, org: `acme-${round++}` }),
      reference: async () => timed(async () => rm(await nativeFetch(folder, url), { recursive: true })),
    });
    const nothing = await measure({
      name: `nothing new, ${tags} tags (against ls-remote)`,
      rounds: rounds * 3,
      ours: sync,
      reference: () => timed(() => succeeded(["git", "ls-remote", url])),
    });
    const clone = await nativeFetch(folder, url);
    const one = await measure({
      name: `one new tag beside ${tags}`,
      rounds: rounds * 3,
      prepare: () => repository.commit(stepOf(added++)),
      ours: sync,
      reference: () => timed(() => nativeUpdate(clone, url, `1.${added - 1}.0`)),
    });
    return [first, one, nothing];
  } finally {
    await registry.close();
    await git.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A package of some size whose versions each change a few files, as real ones do. */
function steps(tags: number) {
  return Array.from({ length: tags }, (_, version) => stepOf(version));
}

export function stepOf(version: number) {
  const text = (file: number, version: number) =>
    `<?php\n\nnamespace Acme\\Blog;\n\n${`// Part ${file} of the blog, as of ${version}.\n`.repeat(40)}`;
  return {
    manifest: {
      name: "acme/blog",
      require: { php: ">=8.1" },
      autoload: { "psr-4": { "Acme\\Blog\\": "src/" } },
    },
    files: Object.fromEntries(
      // Each file stays unchanged for twelve versions.
      Array.from({ length: files }, (_, file) => [
        `src/Part${file}.php`,
        text(file, version - ((file + version) % 12)),
      ]),
    ),
    tags: [`1.${version}.0`],
  };
}

async function firstSync(registry: Registry, { url, org }: { url: string; org: string }): Promise<number> {
  await registry.pricore(["org", "create", org, "--name", org]);
  await registry.pricore(["repo", "add", "--org", org, url]);
  return reported(registry, ["sync", "--org", org, "blog", "--wait", "--json"]);
}

/** The seconds of the sync itself, as the server measured it. */
export async function reported(registry: Registry, command: string[]): Promise<number> {
  const outcome = await registry.pricore(command, { timeoutMs: 20 * 60_000 });
  const [report] = outcome.json<{ seconds: number; error: string | null }[]>();
  if (!report || report.error !== null) throw new Error(report?.error ?? outcome.stderr);
  return report.seconds;
}

/** `ls-remote`, one shallow fetch of all tags, and a zip of each; answers the clone. */
export async function nativeFetch(folder: string, url: string): Promise<string> {
  const clone = await mkdtemp(join(folder, "clone-"));
  const git = ["git", "-C", clone];
  await succeeded(["git", "ls-remote", url]);
  await succeeded(["git", "init", "--quiet", "--bare", clone]);
  await succeeded([...git, "fetch", "--quiet", "--depth", "1", url, "+refs/tags/*:refs/tags/*"]);
  for (const tag of (await succeeded([...git, "tag"])).trim().split("\n")) await archive(clone, tag);
  return clone;
}

/** `ls-remote`, a shallow fetch of the tag into a clone that has all the others, and a zip of it. */
async function nativeUpdate(clone: string, url: string, tag: string): Promise<void> {
  await succeeded(["git", "ls-remote", url]);
  const ref = `+refs/tags/${tag}:refs/tags/${tag}`;
  await succeeded(["git", "-C", clone, "fetch", "--quiet", "--depth", "1", url, ref]);
  await archive(clone, tag);
}

function archive(clone: string, tag: string): Promise<string> {
  const command = ["git", "-C", clone, "archive", "--format=zip", "--prefix=acme-blog/"];
  return succeeded([...command, "-o", `${tag}.zip`, tag]);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
