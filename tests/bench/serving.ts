// What Composer asks most, against nginx with one worker that serves the same bytes without looking at a token.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { freePort, succeeded } from "../tools/process.ts";
import { startRegistry, type Registry } from "../tools/registry.ts";
import { makeRepository } from "../tools/repositories.ts";
import { measure, type Figure } from "./rounds.ts";

type Side = { origin: string; headers: string[] };
type Wanted = { name: string; path: string; headers?: Record<string, string>; status: number };

const seconds = Number(process.env["BENCH_SECONDS"] ?? 3);
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);

/** Requests per second, ours divided by nginx's: more is better. */
export async function benchServing(connections: number): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-bench-"));
  const port = freePort();
  const registry = await startRegistry({
    PORT: String(port),
    APP_URL: `http://127.0.0.1:${port}`,
    LOG_LEVEL: "warn",
  });
  try {
    const token = await fill(registry, folder);
    const ours: Side = { origin: `http://127.0.0.1:${port}`, headers: [`Authorization: Bearer ${token}`] };
    const wanted = await requests(ours);
    const nginx = await startNginx(folder, ours, wanted);
    try {
      const figures: Figure[] = [];
      for (const each of wanted) {
        const sides = {
          ours: () => load(ours, each, connections),
          reference: () => load(nginx, each, connections),
        };
        figures.push(await measure({ name: `${each.name}, ${connections} connections`, rounds, ...sides }));
      }
      return figures;
    } finally {
      await nginx.stop();
    }
  } finally {
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** Two packages whose documents are about 10 KB and 200 KB of JSON, and one archive of 1 MB. */
async function fill(registry: Registry, folder: string): Promise<string> {
  await registry.pricore(["org", "create", "acme", "--name", "Acme"]);
  for (const [name, tags, bytes] of [
    ["small", 20, 1000],
    ["large", 420, 1000],
    ["heavy", 1, 1_000_000],
  ] as const) {
    const noise = Buffer.from(crypto.getRandomValues(new Uint8Array(Math.min(bytes, 65_536)))).toString(
      "base64",
    );
    const content = noise.repeat(Math.ceil(bytes / noise.length)).slice(0, bytes);
    const steps = Array.from({ length: tags }, (_, index) => ({
      manifest: { name: `acme/${name}`, description: `Number ${index} of many`, require: { php: ">=8.1" } },
      files: { "data.txt": index === 0 ? content : `${index}` },
      tags: [`1.${index}.0`],
    }));
    const repository = await makeRepository(folder, `acme/${name}`, steps);
    const added = await registry.pricore([
      "repo",
      "add",
      "--org",
      "acme",
      repository.path,
      "--sync",
      "--wait",
    ]);
    if (added.code !== 0) throw new Error(added.stderr);
  }
  const made = await registry.pricore(["token", "create", "--org", "acme", "--name", "bench"]);
  return made.stdout.trim();
}

async function requests(ours: Side): Promise<Wanted[]> {
  const get = (path: string) =>
    fetch(ours.origin + path, { headers: { Authorization: (ours.headers[0] ?? "").slice(15) } });
  const small = await get("/acme/p2/acme/small.json");
  const large = await get("/acme/p2/acme/large.json");
  const heavy = (await (await get("/acme/p2/acme/heavy.json")).json()) as {
    packages: Record<string, { dist: { url: string } }[]>;
  };
  const kilobytes = async (response: Response) =>
    `${Math.round((await response.arrayBuffer()).byteLength / 1024)} KB`;
  const modified = small.headers.get("last-modified") ?? "";
  return [
    { name: `p2 of ${await kilobytes(small)}`, path: "/acme/p2/acme/small.json", status: 200 },
    { name: `p2 of ${await kilobytes(large)}`, path: "/acme/p2/acme/large.json", status: 200 },
    {
      name: "p2 not modified (304)",
      path: "/acme/p2/acme/small.json",
      headers: { "If-Modified-Since": modified },
      status: 304,
    },
    { name: "root", path: "/acme/packages.json", status: 200 },
    {
      name: "archive of 1 MB",
      path: new URL(heavy.packages["acme/heavy"]?.[0]?.dist.url ?? "").pathname,
      status: 200,
    },
  ];
}

/** The same bytes under the same paths, gzipped beforehand. */
async function startNginx(
  folder: string,
  ours: Side,
  wanted: Wanted[],
): Promise<Side & { stop(): Promise<void> }> {
  const root = join(folder, "nginx");
  for (const { path } of wanted) {
    const response = await fetch(ours.origin + path, {
      headers: { Authorization: (ours.headers[0] ?? "").slice(15), "Accept-Encoding": "identity" },
    });
    const body = new Uint8Array(await response.arrayBuffer());
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, body);
    if (path.endsWith(".json")) await writeFile(`${file}.gz`, Bun.gzipSync(body, { level: 6 }));
    const modified = response.headers.get("last-modified");
    if (modified !== null) await succeeded(["touch", "-d", modified, file, `${file}.gz`]);
  }
  await succeeded(["chmod", "-R", "a+rX", folder]);
  const port = freePort();
  const config = join(folder, "nginx.conf");
  await writeFile(config, nginxConfig(folder, root, port));
  const child = Bun.spawn(["nginx", "-c", config, "-p", folder, "-e", join(folder, "error.log")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await fetch(`http://127.0.0.1:${port}/`).catch(() => null)) !== null) break;
    await Bun.sleep(20);
  }
  const stop = async () => {
    child.kill("SIGTERM");
    await child.exited;
  };
  return { origin: `http://127.0.0.1:${port}`, headers: [], stop };
}

function nginxConfig(folder: string, root: string, port: number): string {
  return `daemon off;
worker_processes 1;
pid ${folder}/nginx.pid;
events { worker_connections 4096; }
http {
  types { application/json json; application/zip zip; }
  access_log off;
  sendfile on;
  keepalive_requests 1000000;
  gzip_static on;
  open_file_cache max=100;
  server { listen 127.0.0.1:${port} backlog=4096; root ${root}; }
}
`;
}

/** Requests per second; any answer but the wanted one ends the run. */
async function load(side: Side, wanted: Wanted, connections: number): Promise<number> {
  const url = side.origin + wanted.path;
  const headers = [
    ...side.headers,
    "Accept-Encoding: gzip",
    ...Object.entries(wanted.headers ?? {}).map(([name, value]) => `${name}: ${value}`),
  ];
  const probe = await fetch(url, { headers: headers.map((each) => each.split(/: /, 2) as [string, string]) });
  if (probe.status !== wanted.status)
    throw new Error(`${url} answered ${probe.status} instead of ${wanted.status}`);
  const output = await succeeded([
    "wrk",
    ...["-t", "1", "-c", String(connections), "-d", `${seconds}s`],
    ...headers.flatMap((header) => ["-H", header]),
    url,
  ]);
  const failed = /Non-2xx or 3xx responses: (\d+)|Socket errors: (.*)/.exec(output);
  if (failed) throw new Error(`${url}: ${failed[0]}`);
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]);
}
