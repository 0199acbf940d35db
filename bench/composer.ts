// Composer's own time for a project of 50 packages, compared with the same packages as files: the layout that Satis
// writes, behind nginx and without a token. Each side has a real Composer with its own home and cache.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { composers, type Composer } from "../tests/tools/composers.ts";
import { startRegistry, type Registry } from "../tests/tools/registry.ts";
import { makeRepository } from "../tests/tools/repositories.ts";
import { startNginx } from "./nginx.ts";
import { measure, type Figure } from "./rounds.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 9);
const packages = 50;
const versionsEach = 20;
const filesEach = 30;
const names = Array.from({ length: packages }, (_, number) => `acme/part-${number}`);

/**
 * Projects are in memory: on one disk, the registry's fsync would wait for the thousands of files that Composer writes,
 * and slow them down. A client and its registry share no disk.
 */
const projects = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();

/** Seconds, ours divided by the static layout's; less is better. */
export async function benchComposer(): Promise<{ figures: Figure[]; notes: string[] }> {
  const composer = (await composers()).at(-1) as Composer;
  const folder = await mkdtemp(join(tmpdir(), "pricore-bench-"));
  const clients = await mkdtemp(join(projects, "pricore-bench-"));
  const registry = await startRegistry({ APP_URL: "http://127.0.0.1:0", LOG_LEVEL: "warn" });
  const origin = `http://127.0.0.1:${registry.port}`;
  try {
    const token = await fill(registry, folder);
    const nginx = await startNginx(folder, join(folder, "satis"));
    try {
      await writeStaticLayout(join(folder, "satis"), {
        url: `${origin}/acme`,
        token,
        staticUrl: nginx.origin,
      });
      const require = Object.fromEntries(names.map((name) => [name, "^1.0"]));
      const ours = await projectOf(join(clients, "ours"), composer, {
        url: `${origin}/acme`,
        token,
        require,
      });
      const reference = await projectOf(join(clients, "static"), composer, {
        url: nginx.origin,
        token,
        require,
      });
      const figures: Figure[] = [];
      for (const { name, without, command } of moments)
        figures.push(
          await measure({
            name,
            rounds,
            ours: () => ours(command, without),
            reference: () => reference(command, without),
          }),
        );
      return { figures, notes: [`  ${composer.name}, ${packages} packages of ${versionsEach} versions`] };
    } finally {
      await nginx.stop();
    }
  } finally {
    await registry.close();
    await rm(clients, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** In this order, each case starts with what the one before has left. */
const moments = [
  { name: "update, cold", command: "update", without: ["composer.lock", "vendor", "cache"] },
  { name: "install, cold", command: "install", without: ["vendor", "cache"] },
  { name: "update, warm", command: "update", without: [] },
  { name: "install, warm", command: "install", without: ["vendor"] },
];

async function fill(registry: Registry, folder: string): Promise<string> {
  const must = async (...args: string[]) => {
    const outcome = await registry.pricore(args);
    if (outcome.code !== 0) throw new Error(outcome.stderr);
    return outcome.stdout.trim();
  };
  await must("org", "create", "acme", "--name", "Acme");
  for (const name of names) {
    const { path } = await makeRepository(join(folder, "git"), name, steps(name));
    await must("repo", "add", "--org", "acme", path);
  }
  await must("sync", "--org", "acme", "--all", "--wait");
  return must("token", "create", "--org", "acme", "--name", "bench");
}

function steps(name: string) {
  const space = `Acme\\Part${name.split("-").at(-1)}\\`;
  return Array.from({ length: versionsEach }, (_, minor) => ({
    manifest: { name, require: { php: ">=7.4" }, autoload: { "psr-4": { [space]: "src/" } } },
    files: Object.fromEntries(
      Array.from({ length: filesEach }, (_, file) => [
        `src/Class${file}.php`,
        `<?php\n\nnamespace ${space.slice(0, -1)};\n\nfinal class Class${file}\n{\n${`    // ${minor}\n`.repeat(80)}}\n`,
      ]),
    ),
    tags: [`1.${minor}.0`],
  }));
}

type Layout = { url: string; token: string; staticUrl: string };
type Document = { packages: Record<string, { dist?: { url: string; reference: string } }[]> };

/** Our own documents and archives as files, with URLs of files. */
async function writeStaticLayout(root: string, { url, token, staticUrl }: Layout): Promise<void> {
  const get = async (address: string) => {
    const answer = await fetch(address, { headers: { Authorization: `Bearer ${token}` } });
    if (!answer.ok) throw new Error(`${address} answered ${answer.status}`);
    return answer;
  };
  const put = async (path: string, body: string | Uint8Array) => {
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, body);
    if (path.endsWith(".json")) await writeFile(`${file}.gz`, Bun.gzipSync(Buffer.from(body)));
  };
  await put(
    "packages.json",
    JSON.stringify({
      packages: [],
      "metadata-url": `${staticUrl}/p2/%package%.json`,
      "available-packages": names,
    }),
  );
  for (const name of names)
    for (const file of [`${name}.json`, `${name}~dev.json`]) {
      const text = await (await get(`${url}/p2/${file}`)).text();
      await put(`p2/${file}`, text.replaceAll(`${url}/dists`, `${staticUrl}/dists`));
      for (const { dist } of (JSON.parse(text) as Document).packages[name] ?? []) {
        if (!dist) continue;
        const address = dist.url.replace("%reference%", dist.reference);
        await put(address.slice(url.length), await (await get(address)).bytes());
      }
    }
}

export type Project = { url: string; token: string; require: Record<string, string> };

/** A project with its own home; the answered function removes `without`, runs the command and answers its seconds. */
export async function projectOf(dir: string, composer: Composer, { url, token, require }: Project) {
  const home = `${dir}-home`;
  await mkdir(dir, { recursive: true });
  await mkdir(home);
  const manifest = {
    name: "acme/site",
    version: "1.0.0",
    repositories: [{ type: "composer", url }, { "packagist.org": false }],
    require,
    config: { "secure-http": false },
  };
  await writeFile(join(dir, "composer.json"), JSON.stringify(manifest, null, 4));
  const credentials = { [new URL(url).host]: { username: "token", password: token } };
  await writeFile(join(home, "auth.json"), JSON.stringify({ "http-basic": credentials }));
  return async (command: string, without: string[]) => {
    for (const each of without)
      await rm(join(each === "cache" ? home : dir, each), { recursive: true, force: true });
    const started = performance.now();
    const { code, stderr } = await composer.run([command], { cwd: dir, home });
    if (code !== 0) throw new Error(stderr);
    return (performance.now() - started) / 1000;
  };
}
