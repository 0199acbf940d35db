// Failures that may be an attack, each with its own log event, so that alerts can be set on its name.
import { Failure } from "../errors.ts";
import type { Fields, Log } from "../log.ts";

const events: Record<string, string> = {
  url_not_allowed: "ssrf.blocked",
  redirect_refused: "ssrf.blocked",
  outbound_redirects: "outbound.redirects",
  scheme_not_allowed: "url.bad_scheme",
  url_credentials: "url.userinfo",
  url_malformed: "url.malformed",
  outbound_too_large: "outbound.too_large",
  outbound_timeout: "outbound.timeout",
  outbound_tls: "outbound.tls",
  ssh_hostkey_changed: "ssh.hostkey_changed",
  git_unsafe_path: "git.unsafe_path",
  git_bad_object: "git.bad_object",
  git_too_many_refs: "git.limit",
  git_too_many_files: "git.limit",
  git_too_deep: "git.limit",
  git_object_missing: "git.object_missing",
  git_blob_too_large: "git.limit",
  git_archive_too_large: "git.limit",
  git_pack_too_large: "git.limit",
  git_manifest_too_large: "composer.too_large",
  git_manifest_encoding: "composer.invalid",
  git_manifest_no_file: "composer.invalid",
  git_manifest_name: "composer.invalid",
  composer_invalid: "composer.invalid",
  version_mismatch: "composer.version_mismatch",
};

/** Writes a line for a failure in the table, and nothing for any other. No message of ours holds a credential. */
export function logRefusal(log: Log, error: unknown, fields: Fields): void {
  if (error instanceof Failure) logRefusedCode(log, error.code, { ...fields, reason: error.message });
}

/** The same, for what is refused by a value and not by a failure. */
export function logRefusedCode(log: Log, code: string, fields: Fields): void {
  const event = events[code];
  if (event) log.info(event, fields);
}

/** The reason of a ref whose version or package a person has deleted. */
export function deletedReason(what: string, deletedAt: number): string {
  const day = new Date(deletedAt).toISOString().slice(0, 10);
  return `${what} was deleted here on ${day}. You can restore it on the page of the package.`;
}
