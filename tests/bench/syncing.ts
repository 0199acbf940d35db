// A sync with archives, through the built binary, against native git doing the same work.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startGitHttp } from "../tools/git-http-server.ts";
import { succeeded } from "../tools/process.ts";
import { startRegistry, type Registry } from "../tools/registry.ts";
import { makeRepository } from "../tools/repositories.ts";
import { measure, type Figure } from "./rounds.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 3);
const files = 60;

/** Seconds, ours divided by git's: less is better. */
export async function benchSyncing(tags: number): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-bench-"));
  const repository = await makeRepository(folder, "acme/blog", steps(tags));
  const git = startGitHttp({ root: folder });
  const registry = await startRegistry({ LOG_LEVEL: "warn" });
  const url = `${git.url}/${repository.name}.git`;
  let round = 0;
  try {
    const first = await measure({
      name: `first sync of ${tags} tags`,
      rounds,
      ours: () => firstSync(registry, { url, org: `acme-${round++}` }),
      reference: () => nativeFetch(folder, url),
    });
    const again = await measure({
      name: `nothing new, ${tags} tags (against ls-remote)`,
      rounds: rounds * 3,
      ours: () => reported(registry, ["sync", "--org", "acme-0", "blog", "--wait", "--json"]),
      reference: async () => timed(() => succeeded(["git", "ls-remote", url])),
    });
    return [first, again];
  } finally {
    await registry.close();
    await git.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A package of some size whose every version changes a few files, as real ones do. */
function steps(tags: number) {
  const text = (file: number, version: number) =>
    `<?php\n\nnamespace Acme\\Blog;\n\n${`// Part ${file} of the blog, as of ${version}.\n`.repeat(40)}`;
  return Array.from({ length: tags }, (_, version) => ({
    manifest: {
      name: "acme/blog",
      require: { php: ">=8.1" },
      autoload: { "psr-4": { "Acme\\Blog\\": "src/" } },
    },
    files: Object.fromEntries(
      // Each file stays as it is for twelve versions.
      Array.from({ length: files }, (_, file) => [
        `src/Part${file}.php`,
        text(file, version - ((file + version) % 12)),
      ]),
    ),
    tags: [`1.${version}.0`],
  }));
}

async function firstSync(registry: Registry, { url, org }: { url: string; org: string }): Promise<number> {
  await registry.pricore(["org", "create", org, "--name", org]);
  await registry.pricore(["repo", "add", "--org", org, url]);
  return reported(registry, ["sync", "--org", org, "blog", "--wait", "--json"]);
}

/** The seconds of the sync itself, as the server measured it. */
async function reported(registry: Registry, command: string[]): Promise<number> {
  const outcome = await registry.pricore(command);
  const [report] = outcome.json<{ seconds: number; error: string | null }[]>();
  if (!report || report.error !== null) throw new Error(report?.error ?? outcome.stderr);
  return report.seconds;
}

/** `ls-remote`, one shallow fetch of all tags, and a zip of each. */
function nativeFetch(folder: string, url: string): Promise<number> {
  return timed(async () => {
    const clone = await mkdtemp(join(folder, "clone-"));
    const git = ["git", "-C", clone];
    await succeeded(["git", "ls-remote", url]);
    await succeeded(["git", "init", "--quiet", "--bare", clone]);
    await succeeded([...git, "fetch", "--quiet", "--depth", "1", url, "+refs/tags/*:refs/tags/*"]);
    const tags = (await succeeded([...git, "tag"])).trim().split("\n");
    for (const tag of tags)
      await succeeded([...git, "archive", "--format=zip", "--prefix=acme-blog/", "-o", `${tag}.zip`, tag]);
    await rm(clone, { recursive: true });
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1000;
}
