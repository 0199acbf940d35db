// The most frequent requests of Composer, compared with nginx with one worker that serves the same bytes without
// checking a token.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findOrganization } from "../src/store/organizations/organizations.ts";
import { succeeded } from "../tests/tools/process.ts";
import { startRegistry, type Registry } from "../tests/tools/registry.ts";
import { makeRepository } from "../tests/tools/repositories.ts";
import { load, type Side, type Wanted } from "./load.ts";
import { addPackages, withApp } from "./many-packages.ts";
import { fromNow, peakMegabytes } from "./memory.ts";
import { startNginx } from "./nginx.ts";
import { measure, type Figure } from "./rounds.ts";

type Request = Omit<Wanted, "connections"> & { name: string };

const seconds = Number(process.env["BENCH_SECONDS"] ?? 3);
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);
const packages = 10_000;

/** Requests per second, ours divided by nginx's; more is better. The notes have the server's memory. */
export async function benchServing(connections: number[]): Promise<{ figures: Figure[]; notes: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-bench-"));
  const registry = await startRegistry({ APP_URL: "http://127.0.0.1:0", LOG_LEVEL: "warn" });
  const address = { APP_URL: `http://127.0.0.1:${registry.port}` };
  try {
    await fill(registry, folder);
    await withApp({ ...address, DATA_DIR: registry.dataDir }, async (app) => {
      const organization = await findOrganization(app.db, "acme");
      if (organization) await addPackages(app, organization, { packages, versionsEach: 1 });
    });
    const made = await registry.pricore(["token", "create", "--org", "acme", "--name", "bench"]);
    const ours: Side = { origin: address.APP_URL, headers: [`Authorization: Bearer ${made.stdout.trim()}`] };
    const wanted = await requests(ours);
    const nginx = await startNginx(folder, await sameBytes(folder, ours, wanted));
    const reference: Side = { origin: nginx.origin, headers: [] };
    const [figures, notes]: [Figure[], string[]] = [[], []];
    try {
      for (const each of connections) {
        fromNow(registry.pid());
        for (const request of wanted) figures.push(await compare({ ours, reference }, request, each));
        const peak = peakMegabytes(registry.pid()).toFixed(0);
        notes.push(`  at ${each} connections the server held ${peak} MB at most; no request failed`);
      }
    } finally {
      await nginx.stop();
    }
    return { figures, notes };
  } finally {
    await registry.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A process needs more than a second to warm up: without this a 304 costs up to twice as much in the first rounds. */
const warmUpSeconds = 4;

async function compare(sides: { ours: Side; reference: Side }, request: Request, connections: number) {
  const wanted = { ...request, connections };
  for (const side of [sides.ours, sides.reference]) await load(side, wanted, warmUpSeconds);
  return measure({
    name: `${request.name}, ${connections} connections`,
    rounds,
    ours: () => load(sides.ours, wanted, seconds),
    reference: () => load(sides.reference, wanted, seconds),
  });
}

/** Three packages whose documents are about 10 KB, 60 KB and 200 KB of JSON, and one archive of 1 MB. */
async function fill(registry: Registry, folder: string): Promise<void> {
  await registry.pricore(["org", "create", "acme", "--name", "Acme"]);
  for (const [name, tags, bytes] of [
    ["small", 28, 1000],
    ["medium", 152, 1000],
    ["large", 572, 1000],
    ["heavy", 1, 1_000_000],
  ] as const) {
    const content = Buffer.from(crypto.getRandomValues(new Uint8Array(1000))).toString("base64");
    const steps = Array.from({ length: tags }, (_, index) => ({
      manifest: { name: `acme/${name}`, description: `Number ${index} of many`, require: { php: ">=8.1" } },
      files: { "data.txt": index === 0 ? noise(bytes) : `${index}${content}` },
      tags: [`1.${index}.0`],
    }));
    const repository = await makeRepository(folder, `acme/${name}`, steps);
    const command = ["repo", "add", "--org", "acme", repository.path, "--sync", "--wait"];
    const added = await registry.pricore(command);
    if (added.code !== 0) throw new Error(added.stderr);
  }
}

/** Text that does not compress below its `bytes`. */
function noise(bytes: number): string {
  const random = new Uint8Array(bytes);
  for (let at = 0; at < bytes; at += 65_536) crypto.getRandomValues(random.subarray(at, at + 65_536));
  return Buffer.from(random).toString("base64");
}

async function requests(ours: Side): Promise<Request[]> {
  const get = async (path: string) => {
    const response = await fetch(ours.origin + path, { headers: headersOf(ours) });
    const body = await response.bytes();
    const modified = response.headers.get("last-modified") ?? "";
    return { path, status: 200, body, modified, size: `${Math.round(body.length / 1000)} KB` };
  };
  const small = await get("/acme/p2/acme/small.json");
  const medium = await get("/acme/p2/acme/medium.json");
  const large = await get("/acme/p2/acme/large.json");
  const root = await get("/acme/packages.json");
  const heavy = await get("/acme/p2/acme/heavy.json");
  const [version] = (JSON.parse(Buffer.from(heavy.body).toString()) as Document).packages["acme/heavy"] ?? [];
  const archive = await get(new URL(version?.dist.url ?? "").pathname);
  return [
    { name: `p2 of ${small.size}`, path: small.path, status: 200 },
    { name: `p2 of ${medium.size}`, path: medium.path, status: 200 },
    { name: `p2 of ${large.size}`, path: large.path, status: 200 },
    {
      name: "p2 not modified (304)",
      path: small.path,
      status: 304,
      headers: { "If-Modified-Since": small.modified },
    },
    { name: `root of ${packages} packages, ${root.size}`, path: root.path, status: 200 },
    { name: `archive of ${archive.size}`, path: archive.path, status: 200 },
  ];
}

type Document = { packages: Record<string, { dist: { url: string } }[]> };

function headersOf({ headers }: Side): [string, string][] {
  return headers.map((each) => each.split(/: /, 2) as [string, string]);
}

/** The same bytes under the same paths, gzipped beforehand; answers their folder. */
async function sameBytes(folder: string, ours: Side, wanted: Request[]): Promise<string> {
  const root = join(folder, "nginx");
  for (const { path } of wanted) {
    const headers = [...headersOf(ours), ["Accept-Encoding", "identity"] as [string, string]];
    const response = await fetch(ours.origin + path, { headers });
    const body = await response.bytes();
    const file = join(root, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, body);
    if (path.endsWith(".json")) await writeFile(`${file}.gz`, Bun.gzipSync(body, { level: 6 }));
    const modified = response.headers.get("last-modified");
    if (modified !== null) await succeeded(["touch", "-d", modified, file, `${file}.gz`]);
  }
  return root;
}
