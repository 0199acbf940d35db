// How a delivery of each forge is proven and read.
import { readBitbucket } from "./bitbucket-delivery.ts";
import { readGit } from "./git-delivery.ts";
import { readGitea } from "./gitea-delivery.ts";
import { readGithub } from "./github-delivery.ts";
import { readGitlab } from "./gitlab-delivery.ts";
import type { ProviderName, ReadDelivery } from "./provider.ts";

export const readersOfDeliveries: Record<ProviderName, ReadDelivery> = {
  github: readGithub,
  gitlab: readGitlab,
  bitbucket: readBitbucket,
  gitea: readGitea,
  git: readGit,
};

export function isProviderName(text: string): text is ProviderName {
  return Object.hasOwn(readersOfDeliveries, text);
}
