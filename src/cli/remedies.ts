// The command line's text for each remedy, with the command or page to use.
import type { Failure } from "../errors.ts";
import type { List, Remedy, RemedyKind } from "../remedy.ts";

/** `target` is a command or the URL of a page; null where none helps. */
type Phrase = { text: string; target: string | null };

type Phrases = {
  [Kind in RemedyKind]: (remedy: Extract<Remedy, { do: Kind }>, appUrl: string | null) => Phrase;
};

const phrases: Phrases = {
  sync: (at) => ({
    text: "To sync it",
    target: `pricore sync ${inOrganization(at)} ${at.repository} --wait`,
  }),
  "confirm-removals": (at) => ({
    text: "To remove them, run",
    target: `pricore sync ${inOrganization(at)} ${at.repository} --confirm-removals`,
  }),
  "forget-host-key": (at) => ({
    text: "If the server's owner confirms the new key, run",
    target: `pricore repo forget-host-key ${inOrganization(at)} ${at.repository}`,
  }),
  "edit-repository": ({ change, ...at }, appUrl) => ({
    text: `Edit ${edits[change]}`,
    target: pageOf(at, { appUrl, page: "edit" }),
  }),
  "check-webhook": (at, appUrl) => ({
    text: "See its webhook",
    target: pageOf(at, { appUrl, page: "webhook" }),
  }),
  "add-repository": (at) => ({
    text: "To add it",
    target: `pricore repo add ${inOrganization(at)} URL --sync --wait`,
  }),
  "name-repository": () => ({ text: "Choose a name with --name NAME.", target: null }),
  "choose-ssh-key": () => ({ text: "Use --ssh-key FILE, or --ssh-key new to create a key.", target: null }),
  "restore-version": () => ({ text: "Restore it on the page of the package.", target: null }),
  "create-token": ({ package: name, ...at }) => ({
    text: "To create another token",
    target: `pricore token create ${inOrganization(at)} --name NAME${name === null ? "" : ` --package ${name}`}`,
  }),
  "create-administrator": () => ({
    text: "Create another administrator first",
    target: "pricore user create --admin --email EMAIL --name NAME",
  }),
  "replace-key": () => ({
    text: "If the key is lost for good",
    target: "pricore key replace --forget-credentials",
  }),
  "make-recovery-key": () => ({ text: "To make one, and print it", target: "pricore backup key" }),
  "replace-recovery-key": () => ({
    text: "If it is lost, make another one for the backups from now on",
    target: "pricore backup key --replace",
  }),
  "give-recovery-key": () => ({
    text: "Set PRICORE_RECOVERY_KEY, or run the command in a terminal.",
    target: null,
  }),
  "allow-missing-archives": () => ({ text: "To restore without them, add --allow-missing", target: null }),
  "choose-data-folder": () => ({
    text:
      "Name the data folder with --data-dir or DATA_DIR. " +
      "Only `pricore serve`, `pricore migrate` and `pricore user create --admin` create a new one.",
    target: null,
  }),
  "choose-port": () => ({
    text: "Stop that program, or choose another port with --port or PORT.",
    target: null,
  }),
  "print-service-steps": () => ({
    text: "To see the unit and every step",
    target: "pricore service install --print",
  }),
  "give-password": ({ variable }) => ({
    text: `Use --password-stdin or ${variable}, or run the command in a terminal.`,
    target: null,
  }),
  "change-setting": ({ variable, to }) => ({
    text: `Set ${variable}${to === null ? "" : `=${to}`} and restart.`,
    target: null,
  }),
  "check-settings": () => ({ text: "See", target: "pricore config check" }),
  mend: ({ check }) => ({ text: "To mend it", target: `pricore doctor --fix ${check}` }),
  migrate: () => ({ text: "Restart the server, or run", target: "pricore migrate" }),
  "run-worker": () => ({
    text: "Start `pricore serve` without --no-worker, or `pricore worker` beside it.",
    target: null,
  }),
  "see-jobs": () => ({ text: "See", target: "pricore jobs list" }),
  "configure-proxy": ({ line }) => ({
    text: `Add to the proxy's configuration (here nginx): ${line}`,
    target: null,
  }),
  "configure-system": ({ place, line }) => ({
    text: place === "kernel" ? "As root" : "Set in the unit of the service, or the like for the container",
    target: place === "kernel" ? `sysctl -w ${line}` : line,
  }),
  "connect-account": ({ organization }, appUrl) => ({
    text: "Connect the account again",
    target: appUrl === null ? null : `${appUrl}/organizations/${organization}/settings/credentials`,
  }),
  "rename-organization": ({ organization }, appUrl) => ({
    text: "Change its address in its settings",
    target: appUrl === null ? null : `${appUrl}/organizations/${organization}/settings`,
  }),
  "back-up": () => ({ text: "To make one now", target: "pricore backup" }),
  rehearse: () => ({ text: "To try it now", target: "pricore backup rehearse" }),
  upgrade: ({ version, href }) => ({ text: `Install version ${version}`, target: href }),
  list: ({ what, organization }) => ({ text: "See", target: listCommand(what, organization) }),
};

const edits: Record<Extract<Remedy, { do: "edit-repository" }>["change"], string> = {
  credentials: "its credentials",
  url: "its URL",
  either: "its URL or credentials",
};

const listCommands: Record<List, string> = {
  organizations: "pricore org list",
  users: "pricore user list",
  repositories: "pricore repo list",
  packages: "pricore package list",
  tokens: "pricore token list",
};

function phraseOf<Kind extends RemedyKind>(
  remedy: Extract<Remedy, { do: Kind }>,
  appUrl: string | null,
): Phrase {
  return phrases[remedy.do as Kind](remedy, appUrl);
}

/** "See: pricore org list". */
export function remedyLine(remedy: Remedy, appUrl: string | null = null): string {
  const phrase = phraseOf(remedy, appUrl);
  return phrase.target === null ? phrase.text : `${phrase.text}: ${phrase.target}`;
}

type Help = { advice: string | null; action: Remedy | null };

/** One line for output that already explains itself: the command alone is enough. Null where nothing helps. */
export function remedyText({ advice, action }: Help, appUrl: string): string | null {
  if (action === null) return advice;
  if (action.do === "sync" && advice !== null) return `${advice} Then: ${phraseOf(action, appUrl).target}`;
  if (advice !== null) return `${advice} ${remedyLine(action, appUrl)}`;
  return phraseOf(action, appUrl).target ?? remedyLine(action, appUrl);
}

/** The lines below a failure's message. */
export function remedyLines({ advice, remedy }: Pick<Failure, "advice" | "remedy">): string[] {
  return [advice ?? [], remedy ? remedyLine(remedy) : []].flat();
}

type At = { organization: string; repository: string };

function inOrganization({ organization }: { organization: string }): string {
  return `--org ${organization}`;
}

function pageOf(
  { organization, repository }: At,
  { appUrl, page }: { appUrl: string | null; page: string },
): string | null {
  if (appUrl === null) return null;
  return `${appUrl}/organizations/${organization}/repositories/${encodeURIComponent(repository)}/${page}`;
}

function listCommand(what: List, organization: string | null): string {
  if (organization !== null) return `${listCommands[what]} --org ${organization}`;
  return what === "repositories" || what === "packages"
    ? `${listCommands[what]} --org SLUG`
    : listCommands[what];
}
