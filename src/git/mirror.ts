// Types of a repository, independent of where it lives. Times are milliseconds since the epoch, references are full
// commit ids in lower-case hex.
//
// Failures: code "git_…" with kind "invalid" concerns one ref (skip it and continue): git_object_missing (also: it
// moved since it was listed), git_bad_object, git_unsafe_path, git_blob_too_large, git_manifest_too_large,
// git_manifest_encoding, git_manifest_no_file, git_manifest_name, git_too_many_files, git_too_deep,
// git_archive_too_large, git_empty_archive. Every other one concerns the whole sync: invalid url_…, scheme_not_allowed,
// redirect_refused, outbound_redirects, credential_kind, ssh_key_unreadable · forbidden git_unauthorized,
// git_forbidden, git_legal · notFound git_not_found · tooMany git_rate_limited · conflict ssh_hostkey_changed ·
// unavailable outbound_…, git_… (git_unreadable: a local repository in an unknown format). No message ever contains a
// credential.

export type Credential =
  { kind: "basic"; username: string; password: string } | { kind: "ssh-key"; privateKey: string };

export type Remote = {
  /** `https://…`, `http://…`, `ssh://…`, `user@host:path`, or the absolute path of a local repository. */
  url: string;
  credential: Credential | null;
  /** The SSH host key pinned on first use, as `<type> <base64>`; null before. */
  hostKey: string | null;
};

export type Ref = {
  kind: "tag" | "branch";
  /** Without `refs/tags/` or `refs/heads/`. */
  name: string;
  /** The commit; for an annotated tag the peeled one. */
  reference: string;
  /** The tag object of an annotated tag, which has the date of the tag. */
  tagObject?: string;
  isDefaultBranch?: boolean;
};

export type RefList = {
  defaultBranch: string | null;
  refs: Ref[];
  /** Refs with unusable names, each with its reason. A tag that points to a tree is only found when it is read. */
  unusable: { kind: "tag" | "branch"; name: string; reason: string }[];
  /** The server's SSH host key, to be pinned; null for other transports. */
  hostKey: string | null;
  /** The redirect target on the same host; null without a redirect. */
  movedTo: string | null;
};

/** What one commit contains about itself, unparsed. */
export type Snapshot = {
  authoredAt: number;
  /** The text of composer.json at the root; null when there is none. */
  composerJson: string | null;
  readme: { path: string; text: string } | null;
};

export type ArchiveRequest = {
  reference: string;
  /** The name of the single top folder, `vendor-name-1234567`. */
  topFolder: string;
  /** composer.json's `archive.exclude`, applied in addition to `export-ignore` in `.gitattributes`. */
  exclude: string[];
  /** Defaults to the format of new archives. */
  format?: ArchiveFormat;
};

/** Format 1 has file contents as committed, format 2 as .gitattributes converts them. */
export type ArchiveFormat = 1 | 2;

/** The format of new archives; existing archives keep theirs, and so their bytes. */
export const archiveFormat: ArchiveFormat = 2;

/** A finished zip in a temporary file that the caller may move; it is deleted when the mirror is closed. */
export type Archive = {
  path: string;
  sizeBytes: number;
  sha1: string;
  sha256: string;
  /** Notes about left-out files; at most 20, and how many more. */
  notes: ArchiveNote[];
};

/** Left out: submodules and links that lead outside. Included unchanged: LFS pointers, names that some systems fold. */
export type ArchiveNote =
  | { code: "submodule" | "outward_link" | "lfs_pointer"; path: string }
  | { code: "file_left_out"; path: string; why: string }
  | { code: "folded_names"; path: string; other: string }
  | { code: "more_files"; count: number };

export type FetchProgress = { phase: string; receivedBytes: number };

/** Every limit of one mirror; tests may lower them. */
export type GitLimits = {
  refs: number;
  packBytes: number;
  blobBytes: number;
  files: number;
  depth: number;
  expandedBytes: number;
  manifestBytes: number;
  readmeBytes: number;
  connectMs: number;
  firstByteMs: number;
  silenceMs: number;
  totalMs: number;
  /** Limits of the whole worker process. */
  memoryBytes: number;
  cpuMs: number;
  /** Time limit for reading the composer.json and the README of one commit. */
  snapshotMs: number;
};

const MiB = 1024 * 1024;

export const gitLimits: GitLimits = {
  refs: 50_000,
  packBytes: 512 * MiB,
  blobBytes: 100 * MiB,
  files: 100_000,
  depth: 128,
  expandedBytes: 512 * MiB,
  manifestBytes: 1 * MiB,
  readmeBytes: 512 * 1024,
  connectMs: 10_000,
  firstByteMs: 15_000,
  silenceMs: 30_000,
  totalMs: 10 * 60_000,
  memoryBytes: 512 * MiB,
  cpuMs: 15 * 60_000,
  snapshotMs: 60_000,
};
