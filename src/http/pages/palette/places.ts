// The pages and actions that the viewer may use, the most common first.
import { paths } from "../../../../templates/paths.ts";
import type { IconName } from "../../../../templates/parts/icons.ts";
import type { Membership } from "../../../store/organizations/members.ts";

/** `terms` are other words that find the entry. */
export type PaletteEntry = { href: string; icon: IconName; name: string; terms: string };
/** `jobs`: where they are shown, for those who may look. */
type Places = { membership: Membership | null; isAdmin: boolean; jobs: string | null };

export function actionsFor({ membership }: Places): PaletteEntry[] {
  const general: PaletteEntry[] = [
    { href: "/organizations/new", icon: "plus", name: "New organization", terms: "create add" },
    {
      href: paths.newToken(null),
      icon: "key-round",
      name: "New personal token",
      terms: "create composer auth",
    },
    { href: "/account/security", icon: "shield", name: "Set up a second factor", terms: "2fa totp passkey" },
  ];
  if (!membership || membership.member.role === "member") return general;
  const { slug } = membership.organization;
  return [
    {
      href: paths.newRepository(slug),
      icon: "plus",
      name: "Add repository",
      terms: "new mirror git import",
    },
    {
      href: paths.fromForge(slug),
      icon: "list-checks",
      name: "Add repositories from a Git host",
      terms: "github gitlab bitbucket gitea import bulk choose",
    },
    {
      href: paths.connectForge(slug),
      icon: "link",
      name: "Connect a Git host",
      terms: "github gitlab bitbucket gitea forgejo account",
    },
    {
      href: paths.newToken(slug),
      icon: "key-round",
      name: "New token",
      terms: "create composer auth ci",
    },
    {
      href: `${paths.members(slug)}/invite`,
      icon: "user-plus",
      name: "Invite people",
      terms: "member add team",
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
  terms: "help manual documentation commands configuration",
};

function pagesOf({ organization, member }: Membership): PaletteEntry[] {
  const { slug } = organization;
  const open: PaletteEntry[] = [
    { href: paths.organization(slug), icon: "overview", name: "Overview", terms: "home start downloads" },
    { href: paths.packages(slug), icon: "package", name: "Packages", terms: "list" },
    { href: paths.repositories(slug), icon: "git-branch", name: "Repositories", terms: "git sync freshness" },
    {
      href: paths.use(slug),
      icon: "copy",
      name: "Use in a project",
      terms: "setup install ci composer token",
    },
    { href: paths.activity(slug), icon: "clock", name: "Activity", terms: "audit log history export" },
  ];
  if (member.role === "member") return open;
  return [
    ...open,
    { href: paths.settings(slug), icon: "settings", name: "Settings", terms: "general name notice vendors" },
    { href: paths.members(slug), icon: "users", name: "Members", terms: "invitations roles people" },
    { href: paths.tokens(slug), icon: "key-round", name: "Tokens", terms: "composer auth" },
    { href: paths.credentials(slug), icon: "lock", name: "Credentials", terms: "password git" },
    { href: paths.sshKeys(slug), icon: "key-round", name: "SSH keys", terms: "deploy key" },
  ];
}

const jobsPage = (href: string): PaletteEntry => ({
  href,
  icon: "list-checks",
  name: "Jobs",
  terms: "horizon queue workers failed retry schedule",
});

const ownPages: PaletteEntry[] = [
  { href: "/organizations", icon: "building-2", name: "Organizations", terms: "switch" },
  { href: "/account", icon: "user", name: "Account", terms: "profile name email" },
  { href: "/account/sessions", icon: "monitor", name: "Sessions", terms: "devices browsers sign out" },
  { href: "/account/appearance", icon: "sun", name: "Appearance", terms: "theme dark light" },
  {
    href: "/account/connections",
    icon: "link",
    name: "Connected accounts",
    terms: "github gitlab oidc sso sign in",
  },
];

const administratorPages: PaletteEntry[] = [
  {
    href: "/operations",
    icon: "server",
    name: "Operations",
    terms: "doctor health checks storage disk settings backup certificate version",
  },
  { href: "/outbox", icon: "mail", name: "Outbox", terms: "mail sent" },
];
