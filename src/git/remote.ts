// The stored forms of a repository URL: https://, http://, ssh://, git@host:path, or a local path.

import { invalid, type Failure, type FailureDetails } from "../errors.ts";
import { isIP } from "../net.ts";
import { checkUrl } from "../outbound/outbound.ts";

export type RemoteUrl =
  | { kind: "http"; url: string }
  | { kind: "ssh"; user: string; host: string; port: number; path: string }
  | { kind: "local"; path: string };

/**
 * Throws invalid (`scheme_not_allowed`, `url_malformed`, `url_credentials`). Local paths are only for the operator's
 * own command line (`allowLocal`). Where a host resolves to is checked later, on connecting.
 */
export function parseRemote(text: string, { allowLocal = false } = {}): RemoteUrl {
  if (allowLocal && text.startsWith("/")) return parseLocal(text);
  if (/^https?:\/\//i.test(text)) return parseHttp(text);
  if (/^ssh:\/\//i.test(text)) return parseSsh(text);
  const scp = /^([^@:/\s]+)@(\[[^\]]*\]|[^:/[\]@]*):(.*)$/s.exec(text);
  if (scp) return ssh({ user: scp[1] ?? "", host: scp[2] ?? "", port: 22, path: scp[3] ?? "" });
  throw schemeNotAllowed();
}

/** `reason` and `details` add what else is known about the URL. */
export function schemeNotAllowed(reason = "", details: FailureDetails = {}): Failure {
  const forms = "The address must begin with https:// or ssh://, or have the form git@host:path.";
  return invalid(reason === "" ? forms : `${reason} ${forms}`, {
    code: "scheme_not_allowed",
    field: "url",
    ...details,
  });
}

function parseLocal(path: string): RemoteUrl {
  if (/\u0000/.test(path)) throw malformed();
  return { kind: "local", path: path.replace(/(?<=.)\/+$/, "") };
}

function parseHttp(text: string): RemoteUrl {
  const url = checkUrl(text);
  if (url.search !== "" || url.hash !== "") throw malformed();
  return { kind: "http", url: url.href.replace(/\/+$/, "") };
}

function parseSsh(text: string): RemoteUrl {
  const match = /^ssh:\/\/(?:([^@/]*)@)?(\[[^\]]*\]|[^:/@[\]]*)(?::(\d{1,5}))?(\/.*)$/is.exec(text);
  if (!match || text.length > 2048) throw malformed();
  const [, user = "git", host = "", port = "22", path = ""] = match;
  if (user.includes(":")) {
    throw invalid("Put credentials in the credential field, not in the address.", {
      code: "url_credentials",
      field: "url",
    });
  }
  return ssh({ user, host, port: Number(port), path: decodePath(path).replace(/^\/(?=~)/, "") });
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw malformed();
  }
}

type Ssh = Omit<Extract<RemoteUrl, { kind: "ssh" }>, "kind">;

// Programs at the other end would parse a leading dash as an option.
function ssh({ user, host: hostText, port, path }: Ssh): RemoteUrl {
  const host = hostText.replace(/^\[(.*)\]$/, "$1").toLowerCase();
  const goodHost = isIP(host) !== 0 || /^(?!-)[a-z0-9.-]{1,253}$/.test(host);
  const goodPath = /^(?!-)[^\\\u0000-\u001f\u007f]{1,2048}$/.test(path) && !/^\/+$/.test(path);
  if (!goodHost || !goodPath || !/^(?!-)[A-Za-z0-9._-]{1,64}$/.test(user) || port < 1 || port > 65_535) {
    throw malformed();
  }
  return { kind: "ssh", user, host, port, path };
}

function malformed(): Failure {
  return invalid("The address is malformed.", { code: "url_malformed", field: "url" });
}
