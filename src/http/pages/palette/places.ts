// The pages and actions that somebody may go to, in the order in which they are wanted most.
import type { IconName } from "../../../../templates/parts/icons.ts";
import type { Membership } from "../../../store/organizations/members.ts";

/** `words` are other words that somebody may look for it by. */
export type Place = { href: string; icon: IconName; name: string; words: string };
/** `jobs`: where they are shown, for those who may look. */
export type Places = { membership: Membership | null; isAdmin: boolean; jobs: string | null };

export function actionsFor({ membership }: Places): Place[] {
  const general: Place[] = [
    { href: "/organizations/new", icon: "plus", name: "New organization", words: "create add" },
    {
      href: "/account/tokens/new",
      icon: "key-round",
      name: "New personal token",
      words: "create composer auth",
    },
    { href: "/account/security", icon: "shield", name: "Set up a second factor", words: "2fa totp passkey" },
  ];
  if (!membership || membership.member.role === "member") return general;
  const base = `/organizations/${membership.organization.slug}`;
  return [
    {
      href: `${base}/repositories/new`,
      icon: "plus",
      name: "Add repository",
      words: "new mirror git import",
    },
    {
      href: `${base}/repositories/new/from-forge`,
      icon: "list-checks",
      name: "Add repositories from a Git host",
      words: "github gitlab bitbucket gitea import bulk choose",
    },
    {
      href: `${base}/settings/credentials/connect`,
      icon: "link",
      name: "Connect a Git host",
      words: "github gitlab bitbucket gitea forgejo account",
    },
    {
      href: `${base}/settings/tokens/new`,
      icon: "key-round",
      name: "New token",
      words: "create composer auth ci",
    },
    {
      href: `${base}/settings/members/invite`,
      icon: "user-plus",
      name: "Invite people",
      words: "member add team",
    },
    ...general,
  ];
}

export function pagesFor({ membership, isAdmin, jobs }: Places): Place[] {
  return [
    ...(membership ? pagesOf(membership) : []),
    ...ownPages,
    docsPage,
    ...(jobs === null ? [] : [jobsPage(jobs)]),
    ...(isAdmin ? administratorPages : []),
  ];
}

const docsPage: Place = {
  href: "/docs",
  icon: "book-open",
  name: "Docs",
  words: "help manual documentation commands configuration",
};

function pagesOf({ organization, member }: Membership): Place[] {
  const base = `/organizations/${organization.slug}`;
  const open: Place[] = [
    { href: base, icon: "overview", name: "Overview", words: "home start downloads" },
    { href: `${base}/packages`, icon: "package", name: "Packages", words: "list" },
    { href: `${base}/repositories`, icon: "git-branch", name: "Repositories", words: "git sync freshness" },
    { href: `${base}/use`, icon: "copy", name: "Use in a project", words: "setup install ci composer token" },
    { href: `${base}/activity`, icon: "clock", name: "Activity", words: "audit log history export" },
  ];
  if (member.role === "member") return open;
  return [
    ...open,
    { href: `${base}/settings`, icon: "settings", name: "Settings", words: "general name notice vendors" },
    { href: `${base}/settings/members`, icon: "users", name: "Members", words: "invitations roles people" },
    { href: `${base}/settings/tokens`, icon: "key-round", name: "Tokens", words: "composer auth" },
    { href: `${base}/settings/credentials`, icon: "lock", name: "Credentials", words: "password git" },
    { href: `${base}/settings/ssh-keys`, icon: "key-round", name: "SSH keys", words: "deploy key" },
  ];
}

const jobsPage = (href: string): Place => ({
  href,
  icon: "list-checks",
  name: "Jobs",
  words: "horizon queue workers failed retry timetable",
});

const ownPages: Place[] = [
  { href: "/organizations", icon: "building-2", name: "Organizations", words: "switch" },
  { href: "/account", icon: "user", name: "Account", words: "profile name e-mail" },
  { href: "/account/sessions", icon: "monitor", name: "Sessions", words: "devices browsers sign out" },
  { href: "/account/appearance", icon: "sun", name: "Appearance", words: "theme dark light" },
  {
    href: "/account/connections",
    icon: "link",
    name: "Connected accounts",
    words: "github gitlab oidc sso sign in",
  },
];

const administratorPages: Place[] = [{ href: "/outbox", icon: "mail", name: "Outbox", words: "mail sent" }];
