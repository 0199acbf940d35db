// What each kind of Git host calls a token, where one is made, and what it must be allowed to do.
import type { IconName } from "../parts/icons.ts";

type Scope = { name: string; why: string };

export type GitHost = {
  kind: string;
  title: string;
  about: string;
  icon: IconName;
  /** It can stand at an address of one's own. */
  mayBeOwn: boolean;
  /** The form for a new token, with the scopes ticked where that is possible. */
  newToken: (origin: string) => string;
  isTicked: boolean;
  scopes: Scope[];
  note?: string;
};

const text = { read: "Read repositories", list: "List your organizations", hooks: "Manage webhooks" };

export const gitHosts: GitHost[] = [
  {
    kind: "github",
    title: "GitHub",
    about: "github.com or GitHub Enterprise",
    icon: "github",
    mayBeOwn: true,
    newToken: (origin) => `${origin}/settings/tokens/new?scopes=repo,read:org&description=Pricore`,
    isTicked: true,
    scopes: [
      { name: "repo", why: `${text.read} and manage webhooks` },
      { name: "read:org", why: text.list },
    ],
    note: "Fine-grained tokens work too: Contents and Metadata read-only, Webhooks read and write.",
  },
  {
    kind: "gitlab",
    title: "GitLab",
    about: "gitlab.com or your own GitLab",
    icon: "gitlab",
    mayBeOwn: true,
    newToken: (origin) =>
      `${origin}/-/user_settings/personal_access_tokens?name=Pricore&scopes=api,read_api,read_repository`,
    isTicked: true,
    scopes: [
      { name: "read_api", why: "List repositories" },
      { name: "read_repository", why: text.read },
      { name: "api", why: `${text.hooks}; untick it if Pricore should not` },
    ],
    note: "Group tokens work too.",
  },
  {
    kind: "bitbucket",
    title: "Bitbucket Cloud",
    about: "bitbucket.org",
    icon: "git-branch",
    mayBeOwn: false,
    newToken: () => "https://id.atlassian.com/manage-profile/security/api-tokens",
    isTicked: false,
    scopes: [
      { name: "read:user:bitbucket", why: "Find the account" },
      { name: "read:workspace:bitbucket", why: "List your workspaces" },
      { name: "read:repository:bitbucket", why: text.read },
      { name: "read:webhook:bitbucket", why: text.hooks },
      { name: "write:webhook:bitbucket", why: text.hooks },
      { name: "delete:webhook:bitbucket", why: text.hooks },
    ],
    note: 'Choose "Create API token with scopes", then the app Bitbucket.',
  },
  {
    kind: "gitea",
    title: "Gitea or Forgejo",
    about: "your own, or codeberg.org",
    icon: "git-branch",
    mayBeOwn: true,
    newToken: (origin) => `${origin}/user/settings/applications`,
    isTicked: false,
    scopes: [
      { name: "read:user", why: "Find the account" },
      { name: "read:organization", why: text.list },
      {
        name: "write:repository",
        why: `${text.read} and manage webhooks; read:repository without webhooks`,
      },
    ],
  },
];

export function gitHostOf(kind: string): GitHost | undefined {
  return gitHosts.find((each) => each.kind === kind);
}
