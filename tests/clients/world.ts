// What one file of client tests shares: the built binary as a server, git repositories served over HTTP, and
// organizations whose packages are published by commands, as an operator would.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRegistry, type Registry } from "../tools/registry.ts";
import type { GitRepository, Step } from "../tools/repositories.ts";
import type { CommandOutcome } from "../tools/binary.ts";
import { withGit, type WithGit } from "../tools/world.ts";

export type Organization = { slug: string; url: string; token: string };

/** What `sync --wait --json` tells of one repository. */
export type SyncReport = {
  repository: string;
  outcome: string;
  added: number;
  updated: number;
  removed: number;
  skipped: { ref: string; reason: string }[];
};

/** What `package show --json` tells. */
export type PackageReport = {
  name: string;
  latest: string;
  downloads: number;
  versions: { version: string; versionNormalized: string; reference: string; downloads: number }[];
};

export type World = WithGit & {
  registry: Registry;
  /** A folder for all that a test writes; gone at the end. */
  root: string;
  /** A new organization with a token that sees all of it. */
  organization(slug: string): Promise<Organization>;
  /** Another token of it; `args` as in `token create`. */
  token(org: Organization, name: string, ...args: string[]): Promise<string>;
  /** The same, added to the organization and synced. */
  publish(org: Organization, name: string, steps: Step[]): Promise<GitRepository>;
  /** Tells the registry of a repository; the outcome of the first sync. */
  add(org: Organization, repository: GitRepository): Promise<CommandOutcome>;
  sync(org: Organization, repository: GitRepository): Promise<SyncReport>;
  show(org: Organization, name: string): Promise<PackageReport>;
  /** A command that must succeed. */
  pricore(...args: string[]): Promise<CommandOutcome>;
  close(): Promise<void>;
};

export async function openWorld(env: Record<string, string> = {}): Promise<World> {
  const root = await mkdtemp(join(tmpdir(), "clients-"));
  const served = withGit(join(root, "git"));
  const registry = await startRegistry(env);

  const pricore = async (...args: string[]): Promise<CommandOutcome> => {
    const outcome = await registry.pricore(args);
    if (outcome.code !== 0) {
      throw new Error(
        `pricore ${args.join(" ")} ended with ${outcome.code}:\n${outcome.stderr}${outcome.stdout}`,
      );
    }
    return outcome;
  };
  const world: World = {
    ...served,
    registry,
    root,
    pricore,
    organization: async (slug) => {
      await pricore("org", "create", slug, "--name", slug);
      const org = { slug, url: `${registry.url}/${slug}`, token: "" };
      return { ...org, token: await world.token(org, "ci") };
    },
    token: async ({ slug }, name, ...args) =>
      (await pricore("token", "create", "--org", slug, "--name", name, ...args)).stdout.trim(),
    add: (org, { name }) =>
      registry.pricore([
        "repo",
        "add",
        "--org",
        org.slug,
        served.urlOf(name),
        "--name",
        name,
        "--sync",
        "--wait",
      ]),
    publish: async (org, name, steps) => {
      const repository = await world.repository(name, steps);
      const { code, stdout, stderr } = await world.add(org, repository);
      if (code !== 0) throw new Error(`${name} was not published:\n${stderr}${stdout}`);
      return repository;
    },
    sync: async (org, { name }) => {
      const outcome = await registry.pricore(["sync", "--org", org.slug, name, "--wait", "--json"]);
      const [report] = outcome.json<SyncReport[]>();
      if (!report) throw new Error(`The sync of ${name} tells nothing:\n${outcome.stderr}`);
      return report;
    },
    show: async (org, name) => (await pricore("package", "show", "--org", org.slug, name, "--json")).json(),
    close: async () => {
      await registry.close();
      await served.git.stop();
      await rm(root, { recursive: true, force: true });
    },
  };
  return world;
}
