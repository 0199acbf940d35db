// What a page says about a remedy: words, a link, or a button that does it.
import { paths } from "../../../templates/paths.ts";
import type { List, Remedy, RemedyKind } from "../../remedy.ts";

type PageLink = { href: string; text: string };

type PageRemedy = {
  /** A sentence; null where the link says enough. */
  text: string | null;
  link: PageLink | null;
  /** The address and the words of a button that does it at once. */
  post: PageLink | null;
  /** Only owners and admins can do it. */
  forAdmins: boolean;
};

type Words = { [Kind in RemedyKind]: (remedy: Extract<Remedy, { do: Kind }>) => Partial<PageRemedy> };

const remedies: Words = {
  sync: (at) => ({
    link: { href: repositoryPath(at), text: `Open ${at.repository}` },
    post: { href: `${repositoryPath(at)}/syncs`, text: "Sync now" },
    forAdmins: true,
  }),
  "confirm-removals": (at) => ({
    link: { href: `${repositoryPath(at)}/removals`, text: "See what would be removed" },
    forAdmins: true,
  }),
  "forget-host-key": (at) => ({
    link: { href: `${repositoryPath(at)}/host-key`, text: "Compare the host keys" },
    forAdmins: true,
  }),
  "edit-repository": ({ change, ...at }) => ({
    link: { href: `${repositoryPath(at)}/edit`, text: edits[change] },
    forAdmins: true,
  }),
  "check-webhook": (at) => ({
    link: { href: `${repositoryPath(at)}/webhook`, text: "See its webhook" },
    forAdmins: true,
  }),
  "add-repository": (at) => ({
    link: { href: paths.newRepository(at.organization), text: "Add the repository" },
    forAdmins: true,
  }),
  "name-repository": (at) => ({
    text: "Choose another name.",
    link: { href: paths.newRepository(at.organization), text: "Add it with a name" },
    forAdmins: true,
  }),
  "choose-ssh-key": (at) => ({
    text: "Use a saved SSH key or create one.",
    link: { href: paths.newRepository(at.organization), text: "Add it with an SSH key" },
    forAdmins: true,
  }),
  "restore-version": ({ package: name, ...at }) => ({
    link: {
      href: `${paths.package(at.organization, name)}/versions?stability=deleted`,
      text: "See what was deleted",
    },
  }),
  "create-token": (at) => ({
    link: { href: paths.newToken(at.organization), text: "Create a token" },
  }),
  "create-administrator": () => ({ text: "Ask someone who runs this server to add another administrator." }),
  "replace-key": () => ({ text: "Ask someone who runs this server." }),
  "make-recovery-key": () => ({ text: "Ask someone who runs this server." }),
  "replace-recovery-key": () => ({ text: "Ask someone who runs this server." }),
  "give-recovery-key": () => ({ text: "Ask someone who runs this server." }),
  "allow-missing-archives": () => ({ text: "Ask someone who runs this server." }),
  "choose-data-folder": () => ({ text: "Ask someone who runs this server." }),
  "choose-port": () => ({ text: "Ask someone who runs this server." }),
  "print-service-steps": () => ({ text: "Ask someone who runs this server." }),
  "give-password": () => ({ text: "Enter a password." }),
  "change-setting": ({ variable, to }) => ({
    text: `Set ${variable}${to === null ? "" : `=${to}`} and restart the server.`,
  }),
  "check-settings": () => ({ text: "Correct it where the server's settings are, and restart." }),
  mend: ({ check }) => ({ text: `Ask someone who runs this server to let the doctor repair "${check}".` }),
  migrate: () => ({ text: "Restart the server." }),
  "run-worker": () => ({ text: "Ask someone who runs this server to start a worker." }),
  "see-jobs": () => ({ text: "Look at the jobs." }),
  "configure-proxy": ({ line }) => ({ text: `Add to the proxy's configuration (here nginx): ${line}` }),
  "configure-system": ({ place, line }) => ({
    text: `${place === "kernel" ? "Set in the kernel" : "Set in the unit of the service"}: ${line}`,
  }),
  "connect-account": ({ organization }) => ({
    link: { href: paths.credentials(organization), text: "Connect the account again" },
    forAdmins: true,
  }),
  "rename-organization": ({ organization }) => ({
    link: { href: `${paths.organization(organization)}/settings`, text: "Change its address" },
    forAdmins: true,
  }),
  "back-up": () => ({ text: "Ask someone who runs this server to make a backup." }),
  rehearse: () => ({ text: "Ask someone who runs this server to restore a backup on trial." }),
  upgrade: ({ version, href }) => ({
    text: `Install version ${version}.`,
    link: href === null ? null : { href, text: `What is new in ${version}` },
  }),
  list: ({ what, organization }) => ({ link: listLink(what, organization) }),
};

const edits: Record<Extract<Remedy, { do: "edit-repository" }>["change"], string> = {
  credentials: "Edit credentials",
  url: "Edit the URL",
  either: "Edit the URL or credentials",
};

export function pageRemedy<Kind extends RemedyKind>(remedy: Extract<Remedy, { do: Kind }>): PageRemedy {
  const say = remedies[remedy.do as Kind];
  return { text: null, link: null, post: null, forAdmins: false, ...say(remedy) };
}

function listLink(what: List, organization: string | null): PageLink | null {
  if (what === "users") return null;
  if (what === "organizations") return { href: "/account/organizations", text: "See your organizations" };
  if (organization === null) return null;
  const href = what === "tokens" ? paths.tokens(organization) : `${paths.organization(organization)}/${what}`;
  return { href, text: `See its ${what}` };
}

function repositoryPath({ organization, repository }: { organization: string; repository: string }): string {
  return paths.repository(organization, repository);
}
