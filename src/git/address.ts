// Parses a repository URL in the forms that users paste: from a clone button, a browser, a command or a configuration
// file. Answers one of the forms of remote.ts, or fails with a reason.

import { invalid, type Failure } from "../errors.ts";
import { publicHosts, repositoryOfPage, withoutGitFolder } from "./page-address.ts";
import { parseRemote, schemeNotAllowed, type RemoteUrl } from "./remote.ts";

export type Address = {
  /** The URL to store, without a user name. */
  url: string;
  remote: RemoteUrl;
  /** The user name in an HTTP URL, for the credential; null when the URL has none. */
  username: string | null;
};

/** Throws invalid (`scheme_not_allowed`, `url_malformed`, `url_credentials`). Local paths only with `allowLocal`. */
export function readAddress(text: string, { allowLocal = false } = {}): Address {
  const pasted = unwrapped(text);
  if (pasted.length > 2048) throw malformed("It is longer than 2,048 characters.");
  refuseSecrets(pasted);
  if (isWeb(pasted)) return readWeb(pasted);
  const url = allowLocal ? localPath(pasted) : pasted;
  refuseOtherKinds(url, allowLocal);
  const plain = asSsh(url);
  const remote = parseRemote(plain, { allowLocal });
  return { url: remote.kind === "local" ? remote.path : plain, remote, username: null };
}

const shorthands: Record<string, string> = {
  github: "github.com",
  gitlab: "gitlab.com",
  bitbucket: "bitbucket.org",
};

// Spaces, quotes and invisible characters that are copied along with a URL.
const around = /^[\s\p{Cf}"'`<]+|[\s\p{Cf}"'`>,;]+$/gu;

/** The URL in a pasted command or configuration line, when it has exactly one. */
function unwrapped(text: string): string {
  const plain = text.slice(0, 4096).replace(around, "");
  const json = /"url"\s*:\s*"([^"\s]+)/.exec(plain)?.[1];
  if (json !== undefined) return json.replaceAll("\\/", "/");
  if (/^(?:\$ )?(?:gh|glab) repo clone /.test(plain)) return shortClone(plain);
  if (!/^(?:\$ |sudo )*(?:git|composer|svn|hg) /.test(plain)) return expanded(plain);
  const parts = plain.split(/\s+/).map((word) => word.replace(around, ""));
  const addresses = parts.filter((word) => /^(?:[a-z+]+:\/\/|[\w.-]+@[\w.-]+:)[^\s]/i.test(word));
  if (addresses.length !== 1) throw malformed("Paste the address alone, without the command around it.");
  return addresses[0] ?? "";
}

function shortClone(command: string): string {
  const host = /^(?:\$ )?gh /.test(command) ? "github.com" : "gitlab.com";
  const repository = command.split(" clone ")[1]?.trim().split(/\s+/)[0] ?? "";
  return /^[\w.-]+(?:\/[\w.-]+)+$/.test(repository) ? `https://${host}/${repository}` : expanded(repository);
}

/** Completes `github:acme/blog`, `git+ssh://…`, `https:/host/…`, and a host without a scheme. */
function expanded(text: string): string {
  const [, service = "", rest = ""] = /^(github|gitlab|bitbucket):(?!\/)(.+)$/i.exec(text) ?? [];
  if (service !== "") return `https://${shorthands[service.toLowerCase()]}/${rest}`;
  const url = text
    .replace(/^(?:scm:git:|git\+|ssh\+)(?=[a-z]+:\/\/)/i, "")
    .replace(/^git:\/\/(?=(?:ssh|https?):)/i, "")
    .replace(/^(https?):?\/+(?=[^/])/i, "$1://");
  const host = /^((?:[a-z0-9-]+\.)+[a-z0-9-]+)(?::\d{1,5})?\/[^\s]/i.exec(url)?.[1];
  const isHost = host !== undefined && /\.[a-z][a-z0-9-]*$/i.test(host) && !/^[.-]/.test(host);
  return isHost ? `https://${url}` : url;
}

function isWeb(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

function readWeb(text: string): Address {
  // A colon in the place of a slash, as in scp-like SSH addresses.
  const typed = text.replace(/^(https?:\/\/(?:[^/@]*@)?[a-z0-9.-]+):(?=[a-z_~][^/]*\/)/i, "$1/");
  const { host } = URL.parse(typed) ?? { host: "" };
  const isAzure = host === "dev.azure.com" || host.endsWith(".visualstudio.com");
  // Project names on these hosts contain spaces.
  const spaced = isAzure ? typed.replaceAll(" ", "%20") : typed;
  const url = URL.canParse(spaced) ? new URL(spaced) : null;
  const username = url === null || url.username === "" ? null : decoded(url.username);
  if (url === null || /\s|\\/.test(spaced)) throw malformed(reasonOf(spaced));
  url.username = "";
  url.password = "";
  const hidden = /%[01][0-9a-f]|%7f|[\p{Cc}\p{Cf}]/iu.test(spaced);
  if (hidden) throw malformed("It holds control or invisible characters.");
  const remote = parseRemote(repositoryOfPage(url).href);
  if (remote.kind !== "http") throw malformed();
  return { url: remote.url, remote, username };
}

function reasonOf(text: string): string {
  return / /.test(text)
    ? "It contains a space; write it as %20, or take away what does not belong to it."
    : "";
}

/** `file:///srv/blog.git` means the folder /srv/blog.git. */
function localPath(text: string): string {
  const file = /^file:\/\/(?:localhost)?(\/.*)$/i.exec(text)?.[1];
  const path = file === undefined ? text : decoded(file);
  return path.startsWith("/") ? withoutGitFolder(path.replace(/(?<=.)\/+$/, "")) : path;
}

function refuseOtherKinds(text: string, allowLocal: boolean): void {
  if (!allowLocal && /^(?:file:|\/|\.{1,2}\/|~\/)/i.test(text))
    throw schemeNotAllowed("A folder of the server can only be added on the server's own command line.");
  if (/^[a-z]:[\\/]/i.test(text))
    throw schemeNotAllowed("A folder of your computer can't be read from here.");
  const git = /^git:\/\/([^/]+)\/(.*)$/i.exec(text);
  if (git) {
    const [, host = "", path = ""] = git;
    const advice = publicHosts.has(host.toLowerCase()) ? { advice: `Try https://${host}/${path}` } : {};
    throw schemeNotAllowed("git:// is neither encrypted nor signed in to, so it is not used.", advice);
  }
  if (/^[\w.-]+\/[\w.-]+$/.test(text))
    throw schemeNotAllowed(`Give the whole address, such as https://github.com/${text}.`);
}

/** SSH addresses that git would refuse, or parse differently from what the user means. */
function asSsh(text: string): string {
  // `ssh://git@host:acme/blog.git` and `git@host/acme/blog.git` both mean git@host:acme/blog.git.
  const mixed =
    /^ssh:\/\/([^@/:]+@[^/:]+):(?!\d{1,5}\/)([^/].*)$/i.exec(text) ??
    /^([\w.-]+@[\w-]+(?:\.[\w-]+)+)\/(.+)$/.exec(text);
  // A host without a user: git would use the local user name.
  const bare = /^((?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*):(?!\/\/|:)([^:\\].*)$/i.exec(text);
  const plain = mixed ? `${mixed[1]}:${mixed[2]}` : bare ? `git@${text}` : text;
  const withoutPage = /^(?:[^@/\s]+@[^:/\s]+:|ssh:\/\/)/i.test(plain) ? plain.replace(/[?#].*$/s, "") : plain;
  return withoutGitFolder(withoutPage.replace(/(?<=[^:/])\/+$/, ""));
}

// Prefixes of GitHub's, GitLab's and Atlassian's tokens; Gitea's and Azure's are long and random.
const tokenStart = /^(?:gh[a-z]_|github_pat_|gl[a-z]{1,6}-|ATAT|ATBB|ATCT|prc_)/;

function isToken(user: string): boolean {
  return tokenStart.test(user) || (user.length >= 36 && /^[\w-]+$/.test(user) && /\d/.test(user));
}

const secretParameter = /[?&#;](?:[\w-]*(?:token|secret|passw|key|auth)[\w-]*|pat)=[^&]/i;

/** A user name is no secret. A password is, and so is a token in the place of either. */
function refuseSecrets(text: string): void {
  const userInfo =
    /^[a-z+]+:\/\/([^/?#]*)@/i.exec(text)?.[1] ?? /^([^\s/@]+)@[^@\s/]+:/.exec(text)?.[1] ?? "";
  const [user = "", ...password] = userInfo.split(":");
  const isSecret = password.join(":") !== "" || isToken(decoded(user));
  if (isSecret || secretParameter.test(text))
    throw invalid("Put credentials in the credential field, not in the address.", {
      code: "url_credentials",
      field: "url",
    });
}

/** Decodes percent signs; malformed text stays unchanged. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function malformed(reason = ""): Failure {
  return invalid(`The address is malformed.${reason && ` ${reason}`}`, {
    code: "url_malformed",
    field: "url",
  });
}
