// A git server over a folder, repositories in it, and their packages on the registry.
import { join } from "node:path";
import { makeBareRepository, type BareRepository } from "../git/bare-repository.ts";
import type { CommandOutcome } from "../tools/binary.ts";
import { makeRepository, type GitRepository, type Step } from "../tools/repositories.ts";
import { startGitHttp, type GitHttpServer } from "../tools/servers/git-http-server.ts";
import type { BinaryWorld, Organization } from "./binary.ts";

/** What `sync --wait --json` says of one repository. */
export type SyncReport = {
  repository: string;
  outcome: string;
  added: number;
  updated: number;
  removed: number;
  skipped: { ref: string; reason: string }[];
};

export type WithGit = {
  git: GitHttpServer;
  /** Repositories below it are served by `git`. */
  gitRoot: string;
  urlOf(name: string): string;
  repository(name: string, steps: Step[]): Promise<GitRepository & { url: string }>;
  /** One with any tree that git can hold. */
  bareRepository(name: string): Promise<BareRepository & { url: string }>;
  /** Makes a repository, adds it to the organization and syncs it. */
  publish(org: Organization, name: string, steps: Step[]): Promise<GitRepository>;
  /** Adds a repository to the organization; the outcome of the first sync. */
  add(org: Organization, repository: GitRepository): Promise<CommandOutcome>;
  sync(org: Organization, repository: GitRepository): Promise<SyncReport>;
};

export function withGit({ folder, registry }: BinaryWorld): WithGit {
  const gitRoot = join(folder, "git");
  const git = startGitHttp({ root: gitRoot });
  const urlOf = (name: string) => `${git.url}/${name}.git`;
  const repository: WithGit["repository"] = async (name, steps) => ({
    ...(await makeRepository(gitRoot, name, steps)),
    url: urlOf(name),
  });
  const add: WithGit["add"] = ({ slug }, { name }) =>
    registry.pricore(["repo", "add", "--org", slug, urlOf(name), "--name", name, "--sync", "--wait"]);
  return {
    git,
    gitRoot,
    urlOf,
    repository,
    add,
    bareRepository: async (name) => ({
      ...(await makeBareRepository(join(gitRoot, `${name}.git`))),
      url: urlOf(name),
    }),
    async publish(org, name, steps) {
      const made = await repository(name, steps);
      const { code, stdout, stderr } = await add(org, made);
      if (code !== 0) throw new Error(`${name} was not published:\n${stderr}${stdout}`);
      return made;
    },
    async sync(org, { name }) {
      const outcome = await registry.pricore(["sync", "--org", org.slug, name, "--wait", "--json"]);
      const [report] = outcome.json<SyncReport[]>();
      if (!report) throw new Error(`The sync of ${name} says nothing:\n${outcome.stderr}`);
      return report;
    },
  };
}
