// `bun run bench satis`: the time until new content in git can be installed, with Satis and with Pricore, for the same
// repositories of a git server in turn. Satis comes from Packagist, as the machine's Composer is configured.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { startGitHttp } from "../tests/tools/servers/git-http-server.ts";
import { finished, succeeded } from "../tests/tools/process.ts";
import { startRegistry, type Registry } from "../tests/tools/registry.ts";
import { makeRepository, type GitRepository } from "../tests/tools/repositories.ts";
import { measure, type Figure } from "./rounds.ts";
import { stepOf } from "./syncing.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);
const repositories = 12;
const tags = 30;
const cache = resolve(import.meta.dir, "../.cache/satis");
/** The last commit that runs with PHP 8.2; Satis has had no release since 2017. */
const commit = "4864197";

/** Seconds, Pricore divided by Satis; less is better. */
export async function benchSatis(): Promise<{ figures: Figure[]; notes: string[] }> {
  const satis = await installSatis();
  const folder = await mkdtemp(join(tmpdir(), "pricore-bench-"));
  const git = startGitHttp({ root: folder });
  const sources: Source[] = [];
  for (let part = 0; part < repositories; part++) {
    const name = `acme/part-${part}`;
    const steps = Array.from({ length: tags }, (_, at) => ({ ...stepOf(at), manifest: { name } }));
    const repository = await makeRepository(folder, name, steps);
    sources.push({ ...repository, url: `${git.url}/${name}.git` });
  }
  try {
    const first = await firstBuild({ satis, folder, sources });
    return { figures: [first, ...(await laterBuilds({ satis, folder, sources }))], notes: [] };
  } finally {
    await git.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

type Source = GitRepository & { url: string };

type Scene = { satis: string; folder: string; sources: Source[] };

/** Starts from nothing, and runs once: Satis takes minutes, and the difference in question is a factor of ten. */
function firstBuild(scene: Scene): Promise<Figure> {
  return measure({
    name: `first build of ${repositories} × ${tags} tags`,
    rounds: 1,
    async ours() {
      const registry = await startRegistry({ LOG_LEVEL: "warn" });
      try {
        return await seconds(() => addAll(registry, scene.sources));
      } finally {
        await registry.close();
      }
    },
    reference: async () => seconds(await satisIn(scene, await mkdtemp(join(scene.folder, "satis-")))),
  });
}

async function laterBuilds(scene: Scene): Promise<Figure[]> {
  const registry = await startRegistry({ LOG_LEVEL: "warn" });
  try {
    await addAll(registry, scene.sources);
    const build = await satisIn(scene, await mkdtemp(join(scene.folder, "satis-")));
    await build();
    let next = tags;
    const sides = {
      rounds,
      ours: () => seconds(() => must(registry, "sync", "--org", "acme", "--all", "--wait")),
      reference: () => seconds(build),
    };
    const tagOne = async () => {
      const [source] = scene.sources;
      const at = next++;
      await source?.commit({ ...stepOf(at), manifest: { name: source.name } });
    };
    return [
      await measure({ name: "one new tag", prepare: tagOne, ...sides }),
      await measure({ name: "nothing new", ...sides }),
    ];
  } finally {
    await registry.close();
  }
}

async function addAll(registry: Registry, sources: Source[]): Promise<void> {
  await must(registry, "org", "create", "acme", "--name", "Acme");
  for (const { url } of sources) await must(registry, "repo", "add", "--org", "acme", url);
  await must(registry, "sync", "--org", "acme", "--all", "--wait");
}

/** Builds with archives into `folder`, where Satis also keeps its state. */
async function satisIn({ satis, sources }: Scene, folder: string): Promise<() => Promise<void>> {
  const config = join(folder, "satis.json");
  const home = join(folder, "home");
  await mkdir(home);
  await writeFile(
    config,
    JSON.stringify({
      name: "acme/satis",
      homepage: "http://localhost",
      repositories: sources.map(({ url }) => ({ type: "git", url })),
      "require-all": true,
      archive: { directory: "dist", format: "zip", "skip-dev": false },
      // A page for people, which is no part of what is compared.
      "output-html": false,
      config: { "secure-http": false },
    }),
  );
  const env = { ...process.env, COMPOSER_HOME: home, COMPOSER_CACHE_DIR: join(folder, "cache") };
  const command = [satis, "build", "--no-interaction", config, join(folder, "out")];
  return async () => {
    const { code, stdout, stderr } = await finished(["php", "-d", "memory_limit=-1", ...command], { env });
    if (code !== 0) throw new Error(stdout + stderr);
  };
}

/** The path of Satis, installed once. */
async function installSatis(): Promise<string> {
  const program = join(cache, "vendor/bin/satis");
  if (existsSync(program)) return program;
  await mkdir(cache, { recursive: true });
  const symfony = ["filesystem", "finder", "process", "string"].map((name) => [`symfony/${name}`, "^7"]);
  const require = { "composer/satis": `dev-main#${commit}`, ...Object.fromEntries(symfony) };
  await writeFile(
    join(cache, "composer.json"),
    JSON.stringify({ require, "minimum-stability": "dev", "prefer-stable": true }),
  );
  // Composer resolves the requirements of the newest commit, which needs a newer PHP.
  const update = ["composer", "update", "--no-interaction", "--no-plugins", "--ignore-platform-req=php"];
  await succeeded(update, { cwd: cache });
  return program;
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

async function must(registry: Registry, ...args: string[]): Promise<void> {
  const { code, stderr } = await registry.pricore(args);
  if (code !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
}
