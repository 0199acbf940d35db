// The pages and actions that somebody may go to, in the order in which they are wanted most.
import { paths } from "../../../../templates/paths.ts";
import type { IconName } from "../../../../templates/parts/icons.ts";
import type { Membership } from "../../../store/organizations/members.ts";

/** `words` are other words that somebody may look for it by. */
export type PaletteEntry = { href: string; icon: IconName; name: string; words: string };
/** `jobs`: where they are shown, for those who may look. */
export type Places = { membership: Membership | null; isAdmin: boolean; jobs: string | null };

export function actionsFor({ membership }: Places): PaletteEntry[] {
  const general: PaletteEntry[] = [
    { href: "/organizations/new", icon: "plus", name: "New organization", words: "create add" },
    {
      href: paths.newToken(null),
      icon: "key-round",
      name: "New personal token",
      words: "create composer auth",
    },
    { href: "/account/security", icon: "shield", name: "Set up a second factor", words: "2fa totp passkey" },
  ];
  if (!membership || membership.member.role === "member") return general;
  const { slug } = membership.organization;
  return [
    {
      href: paths.newRepository(slug),
      icon: "plus",
      name: "Add repository",
      words: "new mirror git import",
    },
    {
      href: paths.fromForge(slug),
      icon: "list-checks",
      name: "Add repositories from a Git host",
      words: "github gitlab bitbucket gitea import bulk choose",
    },
    {
      href: paths.connectForge(slug),
      icon: "link",
      name: "Connect a Git host",
      words: "github gitlab bitbucket gitea forgejo account",
    },
    {
      href: paths.newToken(slug),
      icon: "key-round",
      name: "New token",
      words: "create composer auth ci",
    },
    {
      href: `${paths.members(slug)}/invite`,
      icon: "user-plus",
      name: "Invite people",
      words: "member add team",
    },
    ...general,
  ];
}

export function pagesFor({ membership, isAdmin, jobs }: Places): PaletteEntry[] {
  return [
    ...(membership ? pagesOf(membership) : []),
    ...ownPages,
    docsPage,
    ...(jobs === null ? [] : [jobsPage(jobs)]),
    ...(isAdmin ? administratorPages : []),
  ];
}

const docsPage: PaletteEntry = {
  href: "/docs",
  icon: "book-open",
  name: "Docs",
  words: "help manual documentation commands configuration",
};

function pagesOf({ organization, member }: Membership): PaletteEntry[] {
  const { slug } = organization;
  const open: PaletteEntry[] = [
    { href: paths.organization(slug), icon: "overview", name: "Overview", words: "home start downloads" },
    { href: paths.packages(slug), icon: "package", name: "Packages", words: "list" },
    { href: paths.repositories(slug), icon: "git-branch", name: "Repositories", words: "git sync freshness" },
    {
      href: paths.use(slug),
      icon: "copy",
      name: "Use in a project",
      words: "setup install ci composer token",
    },
    { href: paths.activity(slug), icon: "clock", name: "Activity", words: "audit log history export" },
  ];
  if (member.role === "member") return open;
  return [
    ...open,
    { href: paths.settings(slug), icon: "settings", name: "Settings", words: "general name notice vendors" },
    { href: paths.members(slug), icon: "users", name: "Members", words: "invitations roles people" },
    { href: paths.tokens(slug), icon: "key-round", name: "Tokens", words: "composer auth" },
    { href: paths.credentials(slug), icon: "lock", name: "Credentials", words: "password git" },
    { href: paths.sshKeys(slug), icon: "key-round", name: "SSH keys", words: "deploy key" },
  ];
}

const jobsPage = (href: string): PaletteEntry => ({
  href,
  icon: "list-checks",
  name: "Jobs",
  words: "horizon queue workers failed retry schedule",
});

const ownPages: PaletteEntry[] = [
  { href: "/organizations", icon: "building-2", name: "Organizations", words: "switch" },
  { href: "/account", icon: "user", name: "Account", words: "profile name email" },
  { href: "/account/sessions", icon: "monitor", name: "Sessions", words: "devices browsers sign out" },
  { href: "/account/appearance", icon: "sun", name: "Appearance", words: "theme dark light" },
  {
    href: "/account/connections",
    icon: "link",
    name: "Connected accounts",
    words: "github gitlab oidc sso sign in",
  },
];

const administratorPages: PaletteEntry[] = [
  { href: "/outbox", icon: "mail", name: "Outbox", words: "mail sent" },
];
