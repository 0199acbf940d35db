// A project folder with a Composer of its own: own home, credentials and cache, nothing from Packagist.

import { existsSync } from "node:fs";
import { mkdir, mkdtemp } from "node:fs/promises";
import { join } from "node:path";
import type { Composer } from "../tools/composers.ts";
import type { Outcome } from "../tools/process.ts";
import type { Organization } from "../worlds/binary.ts";
import type { ClientWorld } from "../worlds/world.ts";

export type Project = {
  dir: string;
  home: string;
  composer(...args: string[]): Promise<Outcome>;
  /** Everything Composer printed, which it spreads over both outputs. */
  say(...args: string[]): Promise<{ code: number; text: string }>;
  /** Changes composer.json. */
  manifest(changes: Record<string, unknown>): Promise<void>;
  /** The credentials of the registry's host from now on; null takes them away. */
  authenticate(token: string | null): Promise<void>;
  lock(): Promise<Lock>;
  /** The installed versions by package name. */
  installed(): Promise<Record<string, string>>;
  has(path: string): boolean;
};

export type LockedPackage = {
  name: string;
  version: string;
  dist?: { url: string; reference: string; shasum: string };
};
export type Lock = { packages: LockedPackage[] };

export type ProjectOptions = {
  composer: Composer;
  org: Organization;
  manifest?: Record<string, unknown>;
  /** Instead of the organization's alone. */
  repositories?: Record<string, unknown>[];
  /** Another project's folder for configuration, credentials and cache. */
  home?: string;
};

export async function createProject(world: ClientWorld, options: ProjectOptions): Promise<Project> {
  const dir = await mkdtemp(join(world.folder, "project-"));
  const home = options.home ?? (await mkdtemp(join(world.folder, "home-")));
  await mkdir(home, { recursive: true });
  const write = (name: string, value: unknown): Promise<number> =>
    Bun.write(join(dir, name), JSON.stringify(value, null, 4));
  let manifest: Record<string, unknown> = {
    name: "acme/site",
    version: "1.0.0",
    repositories: [
      ...(options.repositories ?? [{ type: "composer", url: options.org.url }]),
      { "packagist.org": false },
    ],
    config: { "secure-http": false },
    ...options.manifest,
  };
  const project: Project = {
    dir,
    home,
    composer: (...args) => options.composer.run(args, { cwd: dir, home }),
    say: async (...args) => {
      const { code, stdout, stderr } = await project.composer(...args);
      return { code, text: stdout + stderr };
    },
    manifest: async (changes) => {
      manifest = { ...manifest, ...changes };
      await write("composer.json", manifest);
    },
    authenticate: async (token) => {
      const credentials =
        token === null ? {} : { [hostOf(options.org)]: { username: "token", password: token } };
      await Bun.write(join(home, "auth.json"), JSON.stringify({ "http-basic": credentials }));
    },
    lock: () => Bun.file(join(dir, "composer.lock")).json(),
    installed: async () => {
      const { packages } = (await Bun.file(join(dir, "vendor/composer/installed.json")).json()) as Lock;
      return Object.fromEntries(packages.map(({ name, version }) => [name, version]));
    },
    has: (path) => existsSync(join(dir, path)),
  };
  await project.manifest({});
  if (options.home === undefined) await project.authenticate(options.org.token);
  return project;
}

export function hostOf(org: Organization): string {
  return new URL(org.url).host;
}
