// From a push to installable: the webhook of a push is sent, and once the document has the version, a real Composer
// must install it. Compared with a plain sync of the same change that a user requests.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { composers } from "../tests/tools/composers.ts";
import { startGitHttp } from "../tests/tools/servers/git-http-server.ts";
import { startRegistry, type Registry } from "../tests/tools/registry.ts";
import { makeRepository } from "../tests/tools/repositories.ts";
import { listenBeside } from "../tests/webhooks/beside.ts";
import { projectOf } from "./composer.ts";
import { stepOf } from "./syncing.ts";
import { measure, type Figure } from "./rounds.ts";

const rounds = Number(process.env["BENCH_ROUNDS"] ?? 15);
const before = 20;
const lookEveryMs = 5;
const longestWaitMs = 60_000;

/** Seconds from the push to the document, divided by the seconds of a plain sync; less is better. */
export async function benchPush(): Promise<{ figures: Figure[]; notes: string[] }> {
  const composer = (await composers()).at(-1);
  if (!composer) throw new Error("there is no Composer here");
  const folder = await mkdtemp(join(tmpdir(), "pricore-bench-"));
  const repository = await makeRepository(
    folder,
    "acme/blog",
    Array.from({ length: before }, (_, at) => stepOf(at)),
  );
  const git = startGitHttp({ root: folder });
  const registry = await startRegistry({ LOG_LEVEL: "warn" });
  try {
    const token = await mirror(registry, `${git.url}/${repository.name}.git`);
    const push = await pusher(registry, token);
    const project = { url: `${registry.url}/acme`, token, require: { "acme/blog": "^1.0" } };
    const dir = join(folder, "site");
    const run = await projectOf(dir, composer, project);
    const waits: number[] = [];
    const installs: number[] = [];
    let next = before;
    await run("update", []);
    const figure = await measure({
      name: "push to installable / bare sync",
      rounds,
      async ours() {
        const version = next++;
        await repository.commit(stepOf(version));
        const seconds = await push(`1.${version}.0`);
        waits.push(seconds);
        installs.push(await run("update", []));
        const locked = await lockedVersion(dir);
        if (locked !== `1.${version}.0`) throw new Error(`Composer installed ${locked}, not 1.${version}.0`);
        return seconds;
      },
      async reference() {
        await repository.commit(stepOf(next++));
        return reportedSeconds(registry);
      },
    });
    return {
      figures: [figure],
      notes: [
        `  from push to installable: ${spread(waits)}`,
        `  and then ${composer.name} Composer installs it in ${spread(installs)}`,
      ],
    };
  } finally {
    await registry.close();
    await git.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function mirror(registry: Registry, url: string): Promise<string> {
  const must = async (...args: string[]) => {
    const outcome = await registry.pricore(args);
    if (outcome.code !== 0) throw new Error(outcome.stderr);
    return outcome.stdout.trim();
  };
  await must("org", "create", "acme", "--name", "Acme");
  await must("repo", "add", "--org", "acme", url, "--sync", "--wait");
  return must("token", "create", "--org", "acme", "--name", "bench");
}

/**
 * Sends the push delivery as a forge does, and waits until the document has the version; answers the seconds of both.
 */
async function pusher(registry: Registry, token: string): Promise<(version: string) => Promise<number>> {
  const { repositoryId, secret } = await listenBeside(registry.dataDir, "blog");
  const headers = { Authorization: `Bearer ${token}` };
  const has = async (version: string) => {
    const answer = await fetch(`${registry.url}/acme/p2/acme/blog.json`, { headers });
    return (await answer.text()).includes(`"version":"${version}"`);
  };
  return async (version) => {
    const started = performance.now();
    const answer = await fetch(`${registry.url}/webhooks/git/${repositoryId}`, {
      method: "POST",
      headers: { "X-Webhook-Token": secret, "Content-Type": "application/json" },
      body: JSON.stringify({ ref: `refs/tags/${version}` }),
    });
    if (answer.status !== 202) throw new Error(`the webhook was answered ${answer.status}`);
    while (!(await has(version))) {
      if (performance.now() - started > longestWaitMs) throw new Error(`${version} did not appear`);
      await Bun.sleep(lookEveryMs);
    }
    return (performance.now() - started) / 1000;
  };
}

async function reportedSeconds(registry: Registry): Promise<number> {
  const outcome = await registry.pricore(["sync", "--org", "acme", "blog", "--wait", "--json"]);
  const [report] = outcome.json<{ seconds: number; error: string | null }[]>();
  if (!report || report.error !== null) throw new Error(report?.error ?? outcome.stderr);
  return report.seconds;
}

async function lockedVersion(dir: string): Promise<string | undefined> {
  const lock = JSON.parse(await readFile(join(dir, "composer.lock"), "utf8")) as {
    packages: { name: string; version: string }[];
  };
  return lock.packages.find(({ name }) => name === "acme/blog")?.version;
}

function spread(seconds: number[]): string {
  const sorted = seconds.toSorted((a, b) => a - b);
  const text = (at: number) => `${(sorted[at] ?? Number.NaN).toFixed(2)} s`;
  return `median ${text(Math.floor(sorted.length / 2))}, worst ${text(sorted.length - 1)}`;
}
