// What the worlds of tests are made of, a piece each: a world takes those that it needs.
import { join } from "node:path";
import { makeBareRepository, type BareRepository } from "../git/bare-repository.ts";
import { startGitHttp, type GitHttpServer } from "./servers/git-http-server.ts";
import { makeRepository, type GitRepository, type Step } from "./repositories.ts";

export type WithGit = {
  git: GitHttpServer;
  /** Repositories below it are served by `git`. */
  gitRoot: string;
  urlOf(name: string): string;
  repository(name: string, steps: Step[]): Promise<GitRepository & { url: string }>;
  /** One with any tree that git can hold. */
  bareRepository(name: string): Promise<BareRepository & { url: string }>;
};

/** A git server over a folder, and repositories in it. */
export function withGit(gitRoot: string): WithGit {
  const git = startGitHttp({ root: gitRoot });
  const urlOf = (name: string) => `${git.url}/${name}.git`;
  return {
    git,
    gitRoot,
    urlOf,
    repository: async (name, steps) => ({
      ...(await makeRepository(gitRoot, name, steps)),
      url: urlOf(name),
    }),
    bareRepository: async (name) => ({
      ...(await makeBareRepository(join(gitRoot, `${name}.git`))),
      url: urlOf(name),
    }),
  };
}

export type LoggedEvent = Record<string, unknown> & { event: string; reason?: string };

/** The lines of a log among all that was printed; those of one event when it is named. */
export function eventsIn(text: string, name?: string): LoggedEvent[] {
  const lines = text.split("\n").filter((line) => line.startsWith('{"time"'));
  const events = lines.map((line) => JSON.parse(line) as LoggedEvent);
  return name === undefined ? events : events.filter(({ event }) => event === name);
}
