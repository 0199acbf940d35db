// How deliveries of each Git host are verified and parsed.
import { readBitbucket } from "./bitbucket-delivery.ts";
import { readGit } from "./git-delivery.ts";
import { readGitea } from "./gitea-delivery.ts";
import { readGithub } from "./github-delivery.ts";
import { readGitlab } from "./gitlab-delivery.ts";
import type { GitHostName, ReadDelivery } from "./forge.ts";

export const deliveryReaders: Record<GitHostName, ReadDelivery> = {
  github: readGithub,
  gitlab: readGitlab,
  bitbucket: readBitbucket,
  gitea: readGitea,
  git: readGit,
};

export function isGitHostName(text: string): text is GitHostName {
  return Object.hasOwn(deliveryReaders, text);
}
