// `bun run bench satis`: the time until new content in git can be installed, with Satis and with Pricore, for the same
// repositories in turn. Satis comes from Packagist, as the machine's Composer is configured.
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { finished, succeeded } from "../tests/tools/process.ts";
import { startRegistry, type Registry } from "../tests/tools/registry.ts";
import { makeRepository, type GitRepository } from "../tests/tools/repositories.ts";
import { measure, type Figure } from "./rounds.ts";
import { stepOf } from "./syncing.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);
const repositories = 12;
const tags = 30;
const cache = resolve(import.meta.dir, "../.cache/satis");

/** Seconds, Pricore divided by Satis; less is better. */
export async function benchSatis(): Promise<{ figures: Figure[]; notes: string[] }> {
  const satis = await installSatis();
  const folder = await mkdtemp(join(tmpdir(), "pricore-bench-"));
  const sources: GitRepository[] = [];
  for (let part = 0; part < repositories; part++) {
    const name = `acme/part-${part}`;
    const steps = Array.from({ length: tags }, (_, at) => ({ ...stepOf(at), manifest: { name } }));
    sources.push(await makeRepository(folder, name, steps));
  }
  try {
    const first = await firstBuild({ satis, folder, sources });
    return { figures: [first, ...(await laterBuilds({ satis, folder, sources }))], notes: [] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

type Scene = { satis: string; folder: string; sources: GitRepository[] };

/** Each run starts from nothing. */
function firstBuild(scene: Scene): Promise<Figure> {
  return measure({
    name: `first build of ${repositories} × ${tags} tags`,
    rounds,
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

async function addAll(registry: Registry, sources: GitRepository[]): Promise<void> {
  await must(registry, "org", "create", "acme", "--name", "Acme");
  for (const { path } of sources) await must(registry, "repo", "add", "--org", "acme", path);
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
      repositories: sources.map(({ path }) => ({ type: "vcs", url: path })),
      "require-all": true,
      archive: { directory: "dist", format: "zip", "skip-dev": false },
      config: { "secure-http": false },
    }),
  );
  const env = { ...process.env, COMPOSER_HOME: home, COMPOSER_CACHE_DIR: join(folder, "cache") };
  const command = [join(satis, "bin/satis"), "build", "--no-interaction", config, join(folder, "out")];
  return async () => {
    const { code, stdout, stderr } = await finished(["php", "-d", "memory_limit=-1", ...command], { env });
    if (code !== 0) throw new Error(stdout + stderr);
  };
}

/** The folder of Satis, installed once. */
async function installSatis(): Promise<string> {
  if (existsSync(join(cache, "bin/satis"))) return cache;
  await mkdir(resolve(cache, ".."), { recursive: true });
  await rm(cache, { recursive: true, force: true });
  const create = ["composer", "create-project", "--no-interaction", "--no-dev", "--stability=dev"];
  await succeeded([...create, "composer/satis", cache]);
  return cache;
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
