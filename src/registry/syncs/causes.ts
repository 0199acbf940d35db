// What kind of failure ended the last sync of a repository, by its code.
import type { Remedy } from "../../remedy.ts";

/**
 * What helps depends on it: for `access` a credential, for `forgotten` the same one entered again, for `address` another
 * URL, for `missing` either, for `content` a change in the repository itself, for `costly` another try once that is
 * smaller or its server faster. `server` is the git server's trouble, or ours.
 */
type FailureCause =
  "removals" | "host-key" | "access" | "forgotten" | "missing" | "address" | "content" | "costly" | "server";

export const causes: Readonly<Record<string, FailureCause>> = {
  removals_unconfirmed: "removals",
  ssh_hostkey_changed: "host-key",
  git_unauthorized: "access",
  git_forbidden: "access",
  git_not_found: "missing",
  ssh_key_unreadable: "access",
  credential_host: "access",
  key_mismatch: "forgotten",
  secret_forgotten: "forgotten",
  forge_credential_refused: "access",
  git_not_a_repository: "address",
  url_not_allowed: "address",
  url_malformed: "address",
  url_credentials: "address",
  scheme_not_allowed: "address",
  redirect_refused: "address",
  outbound_redirects: "address",
  outbound_unknown_host: "address",
  path_invalid: "address",
  source_empty: "content",
  nothing_published: "content",
  metadata_limit: "content",
  git_worker_died: "costly",
  git_timeout: "costly",
  git_memory: "costly",
  git_cpu: "costly",
};

export function causeOf(code: string | null): FailureCause {
  return causes[code ?? ""] ?? "server";
}

type At = { organization: { slug: string }; repository: { name: string } };

/** null for a failure that no one here can fix. */
export function remedyFor(cause: FailureCause, { organization, repository }: At): Remedy | null {
  const at = { organization: organization.slug, repository: repository.name };
  switch (cause) {
    case "removals":
      return { do: "confirm-removals", ...at };
    case "host-key":
      return { do: "forget-host-key", ...at };
    case "access":
    case "forgotten":
      return { do: "edit-repository", change: "credentials", ...at };
    case "missing":
      return { do: "edit-repository", change: "either", ...at };
    case "address":
      return { do: "edit-repository", change: "url", ...at };
    case "costly":
      return { do: "sync", ...at };
    case "content":
    case "server":
      return null;
  }
}
