// The command line's text for each remedy, with the command or page to use.
import type { Failure } from "../errors.ts";
import type { List, Remedy, RemedyKind } from "../remedy.ts";

/** `target` is a command or the URL of a page; null where none helps. */
type Said = { words: string; target: string | null };

type Words = {
  [Kind in RemedyKind]: (remedy: Extract<Remedy, { do: Kind }>, appUrl: string | null) => Said;
};

const words: Words = {
  sync: (at) => ({
    words: "To sync it",
    target: `pricore sync ${inOrganization(at)} ${at.repository} --wait`,
  }),
  "confirm-removals": (at) => ({
    words: "To remove them, run",
    target: `pricore sync ${inOrganization(at)} ${at.repository} --confirm-removals`,
  }),
  "forget-host-key": (at) => ({
    words: "If the server's owner confirms the new key, run",
    target: `pricore repo forget-host-key ${inOrganization(at)} ${at.repository}`,
  }),
  "edit-repository": ({ change, ...at }, appUrl) => ({
    words: `Edit ${edits[change]}`,
    target: pageOf(at, { appUrl, page: "edit" }),
  }),
  "check-webhook": (at, appUrl) => ({
    words: "See its webhook",
    target: pageOf(at, { appUrl, page: "webhook" }),
  }),
  "add-repository": (at) => ({
    words: "To add it",
    target: `pricore repo add ${inOrganization(at)} URL --sync --wait`,
  }),
  "name-repository": () => ({ words: "Choose a name with --name NAME.", target: null }),
  "choose-ssh-key": () => ({ words: "Use --ssh-key FILE, or --ssh-key new to create a key.", target: null }),
  "restore-version": () => ({ words: "Restore it on the page of the package.", target: null }),
  "create-token": ({ package: name, ...at }) => ({
    words: "To create another token",
    target: `pricore token create ${inOrganization(at)} --name NAME${name === null ? "" : ` --package ${name}`}`,
  }),
  "create-administrator": () => ({
    words: "Create another administrator first",
    target: "pricore user create --admin --email EMAIL --name NAME",
  }),
  "replace-key": () => ({
    words: "If the key is lost for good",
    target: "pricore key replace --forget-credentials",
  }),
  "choose-data-folder": () => ({
    words:
      "Name the data folder with --data-dir or DATA_DIR. " +
      "Only `pricore serve`, `pricore migrate` and `pricore user create --admin` create a new one.",
    target: null,
  }),
  "choose-port": () => ({
    words: "Stop that program, or choose another port with --port or PORT.",
    target: null,
  }),
  "give-password": ({ variable }) => ({
    words: `Use --password-stdin or ${variable}, or run the command in a terminal.`,
    target: null,
  }),
  list: ({ what, organization }) => ({ words: "See", target: listCommand(what, organization) }),
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

function say<Kind extends RemedyKind>(remedy: Extract<Remedy, { do: Kind }>, appUrl: string | null): Said {
  return words[remedy.do as Kind](remedy, appUrl);
}

/** "See: pricore org list". */
export function remedyLine(remedy: Remedy, appUrl: string | null = null): string {
  const said = say(remedy, appUrl);
  return said.target === null ? said.words : `${said.words}: ${said.target}`;
}

type Help = { advice: string | null; action: Remedy | null };

/** One line for output that already explains itself: the command alone is enough. Null where nothing helps. */
export function remedyText({ advice, action }: Help, appUrl: string): string | null {
  if (action === null) return advice;
  if (action.do === "sync" && advice !== null) return `${advice} Then: ${say(action, appUrl).target}`;
  if (advice !== null) return `${advice} ${remedyLine(action, appUrl)}`;
  return say(action, appUrl).target ?? remedyLine(action, appUrl);
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
