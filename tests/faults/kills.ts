// kill -9 at the Nth write of a sync, for N = 1, 2, 3 … until a sync runs through untouched. `strace` does the
// killing, at the system call, so that nothing of ours knows of it.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "../tools/process.ts";
import { makeRepository } from "../tools/repositories.ts";
import { breaches, lastModified } from "./invariants.ts";
import { binary } from "../tools/binary.ts";

/** Where a process can be stopped with something half done. */
export const killPoints = ["fsync", "rename", "pwrite64"] as const;
export type KillPoint = (typeof killPoints)[number];

export type Scene = {
  folder: string;
  /** A data directory that waits for the sync that is to be killed. */
  template: string;
  /** Tag → commit, of every version that was ever released. */
  released: Map<string, string>;
  /** How many versions there are after that sync. */
  versions: number;
  remove(): Promise<void>;
};
export type Kills = { kills: number; breaches: string[]; ranThrough: boolean };

/** A repository that has never been synced. */
export async function firstSync(tags: number): Promise<Scene> {
  const { scene } = await prepare(tags);
  return { ...scene, versions: tags + 1 };
}

/** A repository that was synced and then changed in every way: tags came, went and moved, and so did the branch. */
export async function laterSync(tags: number): Promise<Scene> {
  const { scene, repository } = await prepare(tags);
  await mustSync(scene.template);
  await repository.commit(...Array.from({ length: tags }, (_, minor) => step(`2.${minor}.0`, minor)));
  await repository.git("tag", "-f", "1.0.0", "main");
  await repository.git("tag", "-d", "1.1.0");
  for (let minor = 0; minor < tags; minor++)
    scene.released.set(`2.${minor}.0`, await repository.reference(`2.${minor}.0`));
  return { ...scene, versions: 2 * tags };
}

async function prepare(tags: number) {
  const folder = await mkdtemp(join(tmpdir(), "pricore-kills-"));
  const steps = Array.from({ length: tags }, (_, minor) => step(`1.${minor}.0`, minor));
  const repository = await makeRepository(folder, "acme/blog", steps);
  const template = join(folder, "template");
  await pricore(template, ["migrate"]);
  await pricore(template, ["org", "create", "acme"]);
  await pricore(template, ["repo", "add", "--org", "acme", repository.path]);
  const released = new Map<string, string>();
  for (let minor = 0; minor < tags; minor++)
    released.set(`1.${minor}.0`, await repository.reference(`1.${minor}.0`));
  const remove = () => rm(folder, { recursive: true, force: true });
  return { repository, scene: { folder, template, released, remove } };
}

function step(tag: string, number: number) {
  return {
    manifest: { name: "acme/blog", require: { php: ">=8.1" } },
    files: { "src/Blog.php": `<?php // ${tag}`, "README.md": `# ${number}` },
    tags: [tag],
  };
}

async function mustSync(dataDir: string): Promise<void> {
  const { code, stderr } = await pricore(dataDir, ["sync", "--org", "acme", "blog", "--wait"]);
  if (code !== 0) throw new Error(stderr);
}

/** Kills at every `step`th call from `from` on, at most `atMost` times, each on a fresh copy that is then finished. */
export async function killEverywhere(
  scene: Scene,
  { point, from, step, atMost }: { point: KillPoint; from: number; step: number; atMost: number },
): Promise<Kills> {
  const result: Kills = { kills: 0, breaches: [], ranThrough: false };
  for (let nth = from; result.kills < atMost; nth += step) {
    const dataDir = join(scene.folder, `data-${point}-${nth}`);
    await cp(scene.template, dataDir, { recursive: true });
    const killed = await killedAt([...syncOfBlog, "--data-dir", dataDir], point, nth);
    if (!killed) result.ranThrough = true;
    else result.kills += 1;
    const tell = (when: string, found: string[]) =>
      result.breaches.push(...found.map((each) => `${point} ${nth}, ${when}: ${each}`));
    tell("killed", await breaches(dataDir, { released: scene.released, before: new Map() }));
    const before = lastModified(dataDir);
    const again = await pricore(dataDir, ["sync", "--org", "acme", "blog", "--wait"]);
    if (again.code !== 0) tell("next sync", [`exit ${again.code}: ${again.stderr}`]);
    tell("next sync", await breaches(dataDir, { released: scene.released, before }));
    tell("next sync", await incomplete(dataDir, scene.versions));
    await rm(dataDir, { recursive: true, force: true });
    if (!killed) break;
  }
  return result;
}

const syncOfBlog = ["sync", "--org", "acme", "blog", "--wait"];

/** Runs a command of the binary. Whether it was killed; false when it ended by itself before the Nth call. */
export async function killedAt(args: string[], point: KillPoint | "openat", nth: number): Promise<boolean> {
  const traced = await finished(
    [
      ...["strace", "-f", "-qq", "-o", "/dev/null"],
      ...["-e", `trace=${point}`, "-e", `inject=${point}:signal=KILL:when=${nth}`],
      ...[binary, ...args],
    ],
    { env: environment(), cwd: tmpdir(), timeoutMs: 60_000 },
  );
  return traced.code !== 0;
}

async function incomplete(dataDir: string, versions: number): Promise<string[]> {
  const { stdout } = await pricore(dataDir, ["package", "list", "--org", "acme", "--json"]);
  const [blog] = JSON.parse(stdout) as { versions: number }[];
  return blog?.versions === versions ? [] : [`${blog?.versions ?? 0} of ${versions} versions are there`];
}

function pricore(dataDir: string, args: string[]) {
  return finished([binary, ...args, "--data-dir", dataDir], {
    env: environment(),
    cwd: tmpdir(),
    timeoutMs: 60_000,
  });
}

function environment(): Record<string, string> {
  return { PATH: process.env["PATH"] ?? "", LOG_LEVEL: "error", SYNC_INTERVAL: "off" };
}
