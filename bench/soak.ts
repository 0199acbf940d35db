// `bun run bench soak --minutes 20`: an ordinary day on repeat, with syncs of a new tag, installs and short-lived
// tokens, and as much hostile traffic. Restarts at the end. Measures whether the server's memory, its open files or its
// log on disk grow.
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { composers, type Composer } from "../tests/tools/composers.ts";
import { startRegistry, type Registry } from "../tests/tools/registry.ts";
import { makeRepository, type GitRepository } from "../tests/tools/repositories.ts";
import { residentMegabytes } from "./memory.ts";
import { slope, type Sample } from "./slope.ts";

const sampleEveryMs = 2000;
/** For this long the engine still compiles new code and its heap settles; that growth is no leak. */
const longestWarmUpMs = 8 * 60_000;
const restarts = 2;
/** Samples after a restart only show that the next process continues the work. */
const lifeAfterRestartMs = 60_000;
const pauseMs = 1000;

type Scene = {
  folder: string;
  registry: Registry;
  repositories: GitRepository[];
  hostile: GitRepository;
  composer: Composer;
};
type Samples = { memory: Sample[]; files: Sample[]; log: Sample[] };

export async function benchSoak(minutes: number): Promise<string[]> {
  const scene = await prepare();
  const samples: Samples = { memory: [], files: [], log: [] };
  const done: Record<string, number> = {};
  const firstLifeMs = minutes * 60_000 - restarts * lifeAfterRestartMs;
  const warmUpMs = Math.min(longestWarmUpMs, firstLifeMs / 3);
  const heaps: Heap[] = [];
  try {
    for (let life = 0; life <= restarts; life++) {
      const started = performance.now();
      const lifeMs = life === 0 ? firstLifeMs : lifeAfterRestartMs;
      const timer = setInterval(
        () => void sample(scene, samples, { life, ageMs: performance.now() - started }),
        sampleEveryMs,
      );
      for (let turn = 0; performance.now() - started < lifeMs; turn++) {
        const act = acts[turn % acts.length] as Act;
        await act(scene, turn + life * 100_000);
        done[act.name] = (done[act.name] ?? 0) + 1;
        const isWarm = life === 0 && performance.now() - started >= warmUpMs;
        if (isWarm && heaps.length === 0) heaps.push(await heapOf(scene.registry));
        await Bun.sleep(pauseMs);
      }
      if (life === 0) heaps.push(await heapOf(scene.registry));
      clearInterval(timer);
      if (life < restarts) await restart(scene, life);
    }
  } finally {
    await scene.registry.close();
    await rm(scene.folder, { recursive: true, force: true });
  }
  const acted = Object.entries(done).map(([name, times]) => `${times} × ${name}`);
  return [
    `  ${minutes} minutes, the last ${restarts} with restarts (one by kill -9), ${acted.join(", ")}`,
    `  measured from minute ${(warmUpMs / 60_000).toFixed(1)} to the first restart`,
    ...(
      [
        ["memory of the server", samples.memory, "MB"],
        ["open files", samples.files, ""],
        ["write-ahead log", samples.log, "KB"],
      ] as const
    ).map(([name, all, unit]) =>
      notesOf(
        name,
        all.filter(({ ageMs }) => ageMs >= warmUpMs),
        unit,
      ),
    ),
    "  the heap when warm → at the end",
    ...compared(heaps),
  ];
}

/** Heap figures by name, from /metrics. */
type Heap = Map<string, number>;

async function heapOf(registry: Registry): Promise<Heap> {
  const text = await (await fetch(`${registry.url}/metrics`)).text();
  const lines = text.matchAll(/^pricore_heap_(\S+) (\d+)$/gm);
  return new Map([...lines].map(([, name = "", value]) => [name, Number(value)]));
}

/** Marks changes of more than a tenth. */
function compared([warm, end]: Heap[]): string[] {
  return [...(warm ?? [])].map(([name, before]) => {
    const after = end?.get(name) ?? 0;
    const mark = Math.abs(after - before) > before / 10 ? "  !" : "";
    return `    ${name.padEnd(50)} ${before} → ${after}${mark}`;
  });
}

function notesOf(name: string, warm: Sample[], unit: string): string {
  const values = warm.map(({ value }) => value);
  const range = `${Math.min(...values).toFixed(0)} to ${Math.max(...values).toFixed(0)} ${unit}`.trim();
  const sign = slope(warm) < 0 ? "" : "+";
  return `  ${name.padEnd(21)} ${range}, slope ${sign}${slope(warm).toFixed(3)} ${unit} a minute`;
}

type Act = (scene: Scene, turn: number) => Promise<void>;
const acts: Act[] = [
  syncWithNewTag,
  floodWithLargeBodies,
  install,
  guessTokensAndPasswords,
  changeTokens,
  syncHostileRepository,
  syncWithNothingNew,
  holdConnectionsOpen,
  install,
];

async function prepare(): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-soak-"));
  const registry = await startRegistry({ LOG_LEVEL: "error" });
  await must(registry, "org", "create", "acme", "--name", "Acme");
  const repositories = [];
  for (let part = 0; part < 10; part++) {
    const name = `acme/part-${part}`;
    const steps = Array.from({ length: 20 }, (_, minor) => stepOf(name, `1.${minor}.0`));
    const repository = await makeRepository(folder, name, steps);
    await must(registry, "repo", "add", "--org", "acme", repository.path, "--sync", "--wait");
    repositories.push(repository);
  }
  const hostile = await makeRepository(folder, "acme/hostile", [stepOf("acme/hostile", "1.0.0-beta.1")]);
  await must(registry, "repo", "add", "--org", "acme", hostile.path, "--sync", "--wait");
  return { folder, registry, repositories, hostile, composer: (await composers()).at(-1) as Composer };
}

function stepOf(name: string, version: string) {
  const files = Array.from({ length: 20 }, (_, file) => [`src/Class${file}.php`, `<?php // ${version}\n`]);
  return { manifest: { name, require: { php: ">=7.4" } }, files: Object.fromEntries(files), tags: [version] };
}

async function syncWithNewTag({ registry, repositories }: Scene, turn: number): Promise<void> {
  const repository = repositories[turn % repositories.length] as GitRepository;
  await repository.commit(stepOf(repository.name, `2.${turn}.0`));
  await must(registry, "sync", "--org", "acme", repository.name.slice("acme/".length), "--wait");
}

async function syncWithNothingNew({ registry }: Scene): Promise<void> {
  await must(registry, "sync", "--org", "acme", "--all", "--wait");
}

const hostileRequests = 200;

/** To routes that read a body, and to one that reads none; without a session or a valid signature. */
async function floodWithLargeBodies({ registry }: Scene): Promise<void> {
  const body = new Uint8Array(1024 * 1024).fill(0x61);
  const paths = ["/sign-in", "/webhooks/github/none", "/acme/notify-batch", "/nowhere"];
  await each(hostileRequests, (at) =>
    fetch(registry.url + paths[at % paths.length], { method: "POST", body }),
  );
}

async function guessTokensAndPasswords({ registry }: Scene, turn: number): Promise<void> {
  await each(hostileRequests, (at) => {
    const name = `p2/acme/${"x".repeat(at)}-${turn}.json`;
    const authorization = `Basic ${btoa(`token:prc_${turn}-${at}`)}`;
    return ask(registry, `/acme/${name}`, { headers: { authorization } });
  });
  await each(20, (at) =>
    ask(registry, "/sign-in", {
      method: "POST",
      headers: { origin: registry.url, "content-type": "application/x-www-form-urlencoded" },
      body: `email=ann${at}@acme.test&password=guess-${turn}`,
    }),
  );
}

/** Tags whose composer.json and README cost as much as the limits allow; each turn adds one. */
async function syncHostileRepository({ registry, hostile }: Scene, turn: number): Promise<void> {
  const deep = `{"name":"acme/hostile","version":"1.${turn}.0","extra":${"[".repeat(400)}${"]".repeat(400)}}`;
  const manifest = turn % 2 === 0 ? deep : `{"name":"acme/hostile","description":"${"x".repeat(900_000)}`;
  const readme = `${"[".repeat(20_000)}${"<b>".repeat(20_000)}${"* ".repeat(50_000)}`;
  await hostile.commit({ manifest, files: { "README.md": readme }, tags: [`1.${turn}.0`] });
  // A failure is expected here.
  await registry.pricore(["sync", "--org", "acme", "hostile", "--wait"]);
}

/** Requests that never end, until their client disconnects. */
async function holdConnectionsOpen({ registry }: Scene): Promise<void> {
  const { port } = registry;
  const sockets = await Promise.all(
    Array.from({ length: hostileRequests }, () =>
      Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {}, error() {} } }),
    ),
  );
  for (const socket of sockets)
    socket.write("POST /sign-in HTTP/1.1\r\nhost: x\r\ncontent-length: 900000\r\n\r\na");
  await Bun.sleep(pauseMs);
  for (const socket of sockets) socket.end();
}

/** Sent directly, because the recorder would keep all of it. */
function ask(registry: Registry, path: string, init: RequestInit): Promise<Response> {
  const headers = { ...init.headers, host: new URL(registry.url).host };
  return fetch(`http://127.0.0.1:${registry.port}${path}`, { ...init, headers });
}

/** Sixteen at once. Answers and cut connections are ignored. */
async function each(count: number, request: (at: number) => Promise<Response>): Promise<void> {
  let next = 0;
  const one = async () => {
    while (next < count)
      await request(next++).then(
        (answer) => answer.arrayBuffer(),
        () => null,
      );
  };
  await Promise.all(Array.from({ length: 16 }, one));
}

/** A new project with its own token, which is revoked afterwards. */
async function install({ folder, registry, repositories, composer }: Scene): Promise<void> {
  const dir = await mkdtemp(join(folder, "project-"));
  const [token, home] = [
    await must(registry, "token", "create", "--org", "acme", "--name", "ci"),
    `${dir}-home`,
  ];
  const manifest = {
    name: "acme/site",
    version: "1.0.0",
    repositories: [{ type: "composer", url: `${registry.url}/acme` }, { "packagist.org": false }],
    require: Object.fromEntries(repositories.map(({ name }) => [name, "*"])),
    config: { "secure-http": false },
  };
  await Bun.write(join(dir, "composer.json"), JSON.stringify(manifest));
  const credentials = { [new URL(registry.url).host]: { username: "token", password: token } };
  await Bun.write(join(home, "auth.json"), JSON.stringify({ "http-basic": credentials }));
  const { code, stderr } = await composer.run(["update"], { cwd: dir, home });
  if (code !== 0) throw new Error(stderr);
  registry.recorder.take();
  await rm(dir, { recursive: true });
  await rm(home, { recursive: true });
}

async function changeTokens({ registry }: Scene): Promise<void> {
  const listed = await must(registry, "token", "list", "--org", "acme", "--json");
  const living = (JSON.parse(listed) as { id: string; revokedAt: string | null }[]).filter(
    ({ revokedAt }) => revokedAt === null,
  );
  for (const { id } of living) await must(registry, "token", "revoke", id);
}

async function restart({ registry }: Scene, life: number): Promise<void> {
  await (life % 2 === 0 ? registry.stop() : registry.kill());
  await registry.start();
}

async function sample(
  { registry }: Scene,
  samples: Samples,
  at: { life: number; ageMs: number },
): Promise<void> {
  const pid = registry.pid();
  const memory = residentMegabytes(pid);
  const files = await readdir(`/proc/${pid}/fd`).catch(() => []);
  const log = statSync(join(registry.dataDir, "pricore.sqlite-wal"), { throwIfNoEntry: false })?.size ?? 0;
  if (memory === 0) return;
  samples.memory.push({ ...at, value: memory });
  samples.files.push({ ...at, value: files.length });
  samples.log.push({ ...at, value: log / 1024 });
}

async function must(registry: Registry, ...args: string[]): Promise<string> {
  const outcome = await registry.pricore(args);
  if (outcome.code !== 0) throw new Error(`${args.join(" ")}: ${outcome.stderr}`);
  return outcome.stdout.trim();
}
