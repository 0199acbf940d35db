// Real PostgreSQL, MariaDB and Redis servers on free loopback ports, each with a folder of its own. The kernel ends
// them with the process that started them, however that one ends.
import {
  statfsSync,
  chownSync,
  existsSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RedisClient, SQL } from "bun";
import type { RedisAddress } from "../../../src/redis/address.ts";
import { reservedPort } from "./ports.ts";
import { succeeded } from "../process.ts";

export type Server = {
  /** With user and password; on the SQL servers with the name of a database that is always there. */
  url: string;
  /** Ends it as a crash does, without a word to its clients. */
  kill(): Promise<void>;
  /** Lets it stand still with its connections open, until `resume`. */
  pause(): void;
  resume(): void;
  /** Starts it again after `kill`, on the same port with the same data. */
  start(): Promise<void>;
  /** Ends it for good and removes its data. */
  stop(): Promise<void>;
};

/** One server of a kind per test process: a second call answers with the first one's. */
export const startPostgres = (): Promise<Server> => once("postgres", () => postgres());
export const startMariadb = (): Promise<Server> => once("mariadb", () => mariadb());
export const startRedis = (): Promise<Server> => once("redis", () => redis());

/** A Redis of its own, for a test that does harm to it; `settings` as on its command line. */
export function startOwnRedis(settings: Record<string, string> = {}): Promise<Server> {
  return once(`redis ${Bun.randomUUIDv7()}`, () => redis(settings));
}

/** Belongs into `afterAll` of every file that starts one. */
export async function stopServers(): Promise<void> {
  const servers = [...started.values()];
  started.clear();
  cluster = null;
  await Promise.all(servers.map(async (server) => (await server).stop()));
}

/** Where a program is, or null when it is not installed. Debian keeps servers outside the PATH. */
export function program(name: string): string | null {
  const postgresql = "/usr/lib/postgresql";
  const versions = existsSync(postgresql) ? readdirSync(postgresql).toSorted().toReversed() : [];
  const folders = versions.map((version) => join(postgresql, version, "bin"));
  return Bun.which(name, { PATH: [...folders, process.env.PATH, "/usr/sbin"].join(":") });
}

const started = new Map<string, Promise<Server>>();

function once(kind: string, start: () => Promise<Server>): Promise<Server> {
  const server = started.get(kind) ?? start();
  started.set(kind, server);
  return server;
}

const password = "only-for-tests";

/** Of their own; `options` as on their command lines. */
export const startOwnPostgres = (options: string[]): Promise<Server> =>
  once(`postgres ${Bun.randomUUIDv7()}`, () => postgres(options));
export const startOwnMariadb = (options: string[]): Promise<Server> =>
  once(`mariadb ${Bun.randomUUIDv7()}`, () => mariadb(options));

async function postgres(options: string[] = []): Promise<Server> {
  const place = makePlace("postgres", "SIGQUIT");
  const { data, port } = place;
  const secret = place.write("secret", password);
  const identity = ["--username=pricore", "--auth=scram-sha-256", `--pwfile=${secret}`];
  const text = ["--encoding=UTF8", "--locale=C"];
  await place.run(["initdb", `--pgdata=${data}`, ...identity, ...text, "--no-sync"]);
  const address = ["listen_addresses=127.0.0.1", `port=${port}`, "unix_socket_directories="];
  const speed = ["fsync=off", "full_page_writes=off", "max_connections=300"];
  const url = `postgres://pricore:${password}@127.0.0.1:${port}/postgres`;
  const settings = [...address, ...speed, ...options].flatMap((setting) => ["-c", setting]);
  return place.serve({ url, command: ["postgres", "-D", data, ...settings], ready: () => answersSql(url) });
}

async function mariadb(options: string[] = []): Promise<Server> {
  const place = makePlace("mysql", "SIGKILL");
  const { data, port } = place;
  const user = `create or replace user pricore identified by '${password}';\n`;
  const first = place.write("first.sql", `${user}grant all on *.* to pricore;\n`);
  const own = [`--datadir=${data}`, `--tmpdir=${data}`];
  await place.run(["mariadb-install-db", "--no-defaults", ...own, "--skip-test-db"]);
  const address = [
    "--bind-address=127.0.0.1",
    `--port=${port}`,
    `--socket=${data}/socket`,
    "--skip-name-resolve",
  ];
  const speed = ["--innodb-flush-log-at-trx-commit=2", "--innodb-log-file-size=8M", "--max-connections=300"];
  const url = `mysql://pricore:${password}@127.0.0.1:${port}/mysql`;
  const command = [
    "mariadbd",
    "--no-defaults",
    `--datadir=${data}`,
    // A second server would remove this one's temporary tables from a folder that both use.
    `--tmpdir=${place.folder}`,
    ...address,
    ...speed,
    `--init-file=${first}`,
    ...options,
  ];
  return place.serve({ url, command, ready: () => answersSql(url) });
}

async function redis(settings: Record<string, string> = {}): Promise<Server> {
  const place = makePlace("redis", "SIGKILL");
  const { port } = place;
  const url = `redis://:${password}@127.0.0.1:${port}`;
  const address = ["--bind", "127.0.0.1", "--port", String(port), "--requirepass", password];
  const keeping = { dir: place.folder, save: "", appendonly: "yes", "maxmemory-policy": "noeviction" };
  const rest = Object.entries({ ...keeping, ...settings }).flatMap(([name, value]) => [`--${name}`, value]);
  return place.serve({
    url,
    command: ["redis-server", ...address, ...rest],
    ready: () => answersRedis(url),
  });
}

export type RedisCluster = { address: RedisAddress; nodes: Server[] };

/** Three masters without replicas. One a test process. */
export function startRedisCluster(): Promise<RedisCluster> {
  return (cluster ??= redisCluster());
}

let cluster: Promise<RedisCluster> | null = null;
const slots = 16_384;

async function redisCluster(): Promise<RedisCluster> {
  const settings = { "cluster-enabled": "yes", "cluster-node-timeout": "2000" };
  const nodes = await Promise.all([0, 1, 2].map(() => startOwnRedis(settings)));
  const clients = nodes.map(({ url }) => new RedisClient(url));
  const ask = (at: number, ...words: string[]) => clients[at]?.send("CLUSTER", words);
  const [first, ...others] = nodes.map(({ url }) => new URL(url));
  for (const [at] of nodes.entries()) {
    const [from, to] = [at, at + 1].map((part) => Math.floor((slots * part) / nodes.length));
    await ask(at, "ADDSLOTSRANGE", String(from), String(Number(to) - 1));
  }
  for (const { hostname, port } of others) await ask(0, "MEET", hostname, port);
  const isWhole = async (at: number) => {
    const info = String(await ask(at, "INFO"));
    return info.includes("cluster_state:ok") && info.includes("cluster_known_nodes:3");
  };
  for (const [at] of nodes.entries()) while (!(await isWhole(at))) await Bun.sleep(50);
  for (const client of clients) client.close();
  const login = { username: null, password, tls: false };
  return { nodes, address: { cluster: [{ host: "127.0.0.1", port: Number(first?.port) }], login } };
}

/** A sentinel that decides alone, after half a second of silence. */
export async function startSentinel(of: { name: string; master: number }) {
  const place = makePlace("redis", "SIGKILL");
  const url = `redis://127.0.0.1:${place.port}`;
  const rules = [
    `port ${place.port}`,
    "bind 127.0.0.1",
    `dir ${place.folder}`,
    `sentinel monitor ${of.name} 127.0.0.1 ${of.master} 1`,
    `sentinel auth-pass ${of.name} ${password}`,
    `sentinel down-after-milliseconds ${of.name} 500`,
    `sentinel failover-timeout ${of.name} 5000`,
  ];
  const file = place.write("sentinel.conf", `${rules.join("\n")}\n`);
  // It writes what it learns into its file.
  if (process.getuid?.() === 0) chownSync(file, idOf("redis", "-u"), idOf("redis", "-g"));
  const server = await once(`sentinel ${of.name} ${place.port}`, () =>
    place.serve({ url, command: ["redis-server", file, "--sentinel"], ready: () => answersRedis(url) }),
  );
  const knowsReplica = async () => {
    const client = new RedisClient(url);
    const replicas = (await client.send("SENTINEL", ["REPLICAS", of.name])) as unknown[];
    client.close();
    return replicas.length > 0;
  };
  return { ...server, knowsReplica };
}

/** From now on this Redis has on disk what it has acknowledged, so that a crash takes nothing of it. */
export async function keepEveryWrite({ url }: Server): Promise<void> {
  const client = new RedisClient(url);
  await client.send("CONFIG", ["SET", "appendfsync", "always"]);
  client.close();
}

async function answersSql(url: string): Promise<boolean> {
  await using sql = new SQL({ url, max: 1, connectionTimeout: 5 });
  return sql.unsafe("select 1").then(
    () => true,
    () => false,
  );
}

async function answersRedis(url: string): Promise<boolean> {
  const client = new RedisClient(url, { autoReconnect: false });
  const answer = await client.ping().catch(() => null);
  client.close();
  return answer === "PONG";
}

type Plan = { url: string; command: string[]; ready: () => Promise<boolean> };

/**
 * A folder and a port for one server, run as `user` when we are root, since PostgreSQL refuses to be. `crash` is the
 * signal that ends the server and its children at once.
 */
/** In memory where there is room: data there outlives a killed server too, and a new table waits for no disk. */
function rapidFolder(): string {
  const memory = "/dev/shm";
  if (!existsSync(memory)) return tmpdir();
  const { bavail, bsize } = statfsSync(memory);
  return bavail * bsize > 2 * 1024 ** 3 ? memory : tmpdir();
}

function makePlace(user: string, crash: NodeJS.Signals) {
  const folder = mkdtempSync(join(rapidFolder(), `pricore-${user}-`));
  const as = ["setpriv", "--pdeathsig", crash.replace("SIG", "")];
  if (process.getuid?.() === 0) {
    as.push(`--reuid=${user}`, `--regid=${user}`, "--clear-groups");
    chownSync(folder, idOf(user, "-u"), idOf(user, "-g"));
  }
  const full = ([name = "", ...rest]: string[]) => [...as, installed(name), ...rest];
  return {
    folder,
    data: join(folder, "data"),
    port: reservedPort(),
    write(name: string, text: string): string {
      writeFileSync(join(folder, name), text);
      return join(folder, name);
    },
    run: (command: string[]) => succeeded(full(command)),
    serve: (plan: Plan) => serve({ ...plan, command: full(plan.command) }, folder, crash),
  };
}

function idOf(user: string, what: "-u" | "-g"): number {
  return Number(Bun.spawnSync(["id", what, user]).stdout.toString());
}

function installed(name: string): string {
  const path = program(name);
  if (!path) throw new Error(`${name} is not installed. Run: bun tests/tools/install.ts`);
  return path;
}

async function serve({ url, command, ready }: Plan, folder: string, crash: NodeJS.Signals): Promise<Server> {
  const log = join(folder, "log");
  let child: Bun.Subprocess | undefined;
  const start = async () => {
    const output = openSync(log, "a");
    const born = (child = Bun.spawn(command, { stdio: ["ignore", output, output] }));
    for (let attempt = 0; !(await ready()); attempt++) {
      if (born.exitCode !== null || attempt > 600)
        throw new Error(`${command.join(" ")} does not answer: ${readFileSync(log, "utf8")}`);
      await Bun.sleep(50);
    }
  };
  const kill = async () => {
    child?.kill(crash);
    await child?.exited;
  };
  const stop = async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  await start();
  return {
    url,
    kill,
    pause: () => child?.kill("SIGSTOP"),
    resume: () => child?.kill("SIGCONT"),
    start,
    stop,
  };
}
