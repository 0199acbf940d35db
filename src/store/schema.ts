// The tables. Keys are UUIDv7 text, times are milliseconds since the epoch, flags are 0 or
// 1, JSON is text. Names compare byte by byte on every engine. One file, because tables are read side by side.

type Flag = 0 | 1;

export type OrganizationRow = {
  id: string;
  slug: string;
  name: string;
  /** Whether documents tell clients the repository's address. */
  publishes_source: Flag;
  /** What Composer prints after "Info from …"; null for nothing. */
  notice: string | null;
  created_at: number;
};

/** A vendor whose names are answered by this organization alone; outlives packages and repositories. */
type VendorRow = { organization_id: string; vendor: string; created_at: number };

export type UserRow = {
  id: string;
  /** Lower case. */
  email: string;
  name: string;
  password_hash: string | null;
  is_admin: Flag;
  created_at: number;
  /** null until the link in the mail to this address was opened. */
  email_verified_at: number | null;
  /** The row stays for the name in the activity; the address is free again. */
  deleted_at: number | null;
  theme: Theme | null;
  /** Encrypted; counts as a second factor only once it is confirmed. */
  totp_secret: string | null;
  totp_confirmed_at: number | null;
  /** The last time step that was used: each works once. */
  totp_last_step: number | null;
  /** Changes when all sessions end. Sessions in Redis store the value they started with. */
  session_generation: string;
};

/** null in the row is "system". */
type Theme = "light" | "dark";

/** A browser that is signed in. */
export type SessionRow = {
  id: string;
  /** SHA-256 of the cookie's value. */
  hash: string;
  user_id: string;
  created_at: number;
  seen_at: number;
  /** The session ends then, however much it is used. */
  expires_at: number;
  /** When the user was confirmed last by password or passkey: sensitive actions ask again after a while. */
  confirmed_at: number;
  remembered: Flag;
  address: string;
  user_agent: string;
};

/** A secret that is shown or sent once, and can be used once for one purpose. */
export type OneTimeSecretRow = {
  /** SHA-256 of the secret. */
  hash: string;
  /** `setup`, `sign-in`, `password-reset`, `email`, `passkey`, … */
  purpose: string;
  user_id: string | null;
  /** JSON: what the secret is for. */
  data: string;
  created_at: number;
  expires_at: number;
  used_at: number | null;
};

type RecoveryCodeRow = { user_id: string; hash: string; used_at: number | null };

export type PasskeyRow = {
  /** The credential's id, base64url. */
  id: string;
  user_id: string;
  name: string;
  /** base64url. */
  public_key: string;
  counter: number;
  /** JSON list, as the browser named them. */
  transports: string;
  created_at: number;
  last_used_at: number | null;
};

/** A user's identity at a forge or an identity provider, for signing in. */
export type IdentityRow = {
  id: string;
  user_id: string;
  /** `github`, `gitlab`, `oidc`. */
  provider: string;
  /** With `subject` it identifies the user; names and addresses may pass to others there. */
  issuer: string;
  subject: string;
  /** The name there, as of the last sign-in. */
  login: string;
  created_at: number;
  last_used_at: number | null;
};

/** Counts of what is limited, by what it is limited for: `sign-in account ann@acme.example`. */
type ThrottleRow = { key: string; count: number; until: number };

export type InvitationRow = {
  id: string;
  organization_id: string;
  /** Lower case; nobody else may accept. */
  email: string;
  role: Role;
  /** SHA-256 of the secret in the link that the inviting person sees. */
  hash: string;
  /** SHA-256 of the secret in the mail, which proves that the user reads the mail of this address. */
  mail_hash: string;
  invited_by: string | null;
  created_at: number;
  sent_at: number;
  expires_at: number;
  accepted_at: number | null;
  revoked_at: number | null;
};

/** Mail that was sent, waits, or, without a mail server, is read by administrators here. */
export type MailRow = {
  id: string;
  recipient: string;
  subject: string;
  /** Encrypted, because it holds secret links. null once a mail server has it. */
  body: string | null;
  state: "waiting" | "sent" | "kept" | "failed";
  error: string | null;
  created_at: number;
  /** When a waiting mail is tried next. */
  next_try_at: number;
  sent_at: number | null;
};

/** An address that an organization had before; nobody else gets it for a year. */
export type FormerSlugRow = { slug: string; organization_id: string; until: number };

/** Recently visited packages, for the palette. */
type VisitRow = { user_id: string; package_id: string; visited_at: number };

export type Role = "owner" | "admin" | "member";
export type MemberRow = {
  organization_id: string;
  user_id: string;
  role: Role;
  created_at: number;
  /** The member's last visit of the organization. */
  seen_at: number | null;
  onboarding_dismissed_at: number | null;
};

/** A token belongs to an organization or to a user, never to both. */
export type TokenRow = {
  id: string;
  organization_id: string | null;
  user_id: string | null;
  name: string;
  /** SHA-256 of the whole token, lower-case hex. */
  hash: string;
  /** JSON list of package patterns; null sees everything. */
  packages: string | null;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
  /** The user who made it; null for the command line. */
  created_by: string | null;
};

export type CredentialRow = {
  id: string;
  organization_id: string;
  kind: "basic" | "ssh-key";
  username: string | null;
  /** Encrypted password, token or private key. */
  secret: string;
  public_key: string | null;
  created_at: number;
  /** Null for one that was given with its repository, and is removed with the last repository that uses it. */
  name: string | null;
  /** The only host that a password is sent to; null for a key, which is never sent. */
  host: string | null;
  /** The user who made it; null for the command line. */
  created_by: string | null;
  /** `github`, …: it works for that forge's API, too; null for one that is for git alone. */
  provider: string | null;
  /** `https://github.com`; with `provider`. */
  origin: string | null;
  /** The login of the account there. */
  account: string | null;
  /** JSON list of the token's scopes, where the forge reports them. */
  scopes: string | null;
  /** The refresh token, encrypted; null without one. */
  refresh_secret: string | null;
  /** When it was granted at the forge by OAuth; null for a pasted token. */
  granted_at: number | null;
  /** Until then only one process may use the refresh token. */
  renewal_until: number | null;
  /** The expiry of `secret`, if it is known. */
  expires_at: number | null;
  /** When the forge refused it, with the message; null while it works. */
  refused_at: number | null;
  error: string | null;
  /** The rate limit that the forge reported last. */
  rate_limit: number | null;
  rate_remaining: number | null;
  rate_resets_at: number | null;
};

/** The pinned SSH host key; a different one stops every sync from that host. */
type HostKeyRow = { organization_id: string; host: string; host_key: string; created_at: number };

export type RepositoryState = "waiting" | "syncing" | "fresh" | "failed";
export type RepositoryRow = {
  id: string;
  organization_id: string;
  name: string;
  /** Never with credentials. */
  url: string;
  provider: string;
  credential_id: string | null;
  state: RepositoryState;
  error: string | null;
  /** The failure's code; the advice beside the error is chosen by it. */
  error_code: string | null;
  default_branch: string | null;
  /** The name that the default branch's composer.json gives to every version. */
  package_name: string | null;
  created_at: number;
  last_synced_at: number | null;
  last_proven_fresh_at: number | null;
  /** Whether a person has confirmed the removals of the next sync. */
  removals_confirmed: Flag;
  /** When it is polled next. */
  next_poll_at: number;
  failures: number;
  /** The new address that the forge reports; null while the repository has not moved. */
  moved_to: string | null;
  /**
   * The running sync extends it, or the sync is requested again when it has passed; null while no sync waits or runs.
   */
  sync_deadline: number | null;
  /** Whether a sync was requested that has not started. */
  sync_requested: Flag;
  /** The actor who cancelled the sync that waits or runs; null once it has ended or another one is requested. */
  cancelled_by: string | null;
  /** The time of its last change that no webhook reported. */
  active_at: number | null;
  /** When all its refs were read for the first time; null until then. */
  first_read_at: number | null;
  /** No poll before then, because its server requested a pause. */
  rests_until: number | null;
  /** The version of the rules that its refs were read by; after a change, the next sync reads all of them anew. */
  reading: number;
};

/**
 * An incident of an organization whose repositories were not checked for too long: one row, for the latest one.
 */
export type FreshnessIncidentRow = {
  organization_id: string;
  began_at: number;
  mailed_at: number | null;
  /** null while it lasts. */
  recovered_at: number | null;
};

export type RefKind = "tag" | "branch";
/**
 * Why a ref gives no version. `moved`: a released version never changes. `held`: another repository has the name.
 * `deleted`: by a person. `same_version`: another ref gives it. `rule`: anything else, see its reason.
 */
export type RefCode =
  | "moved"
  | "held"
  | "deleted"
  | "no_manifest"
  | "composer_invalid"
  | "version_mismatch"
  | "not_a_version"
  | "same_version"
  | "rule";
/** The last known commit of a ref, and its outcome. The database, not git, is the source of truth about refs. */
export type RefRow = {
  repository_id: string;
  kind: RefKind;
  name: string;
  reference: string;
  outcome: "published" | "skipped";
  /** Why it was skipped, for a developer. */
  reason: string | null;
  code: RefCode | null;
  /** The package that it gives, or would give, as far as its composer.json could be read. */
  package_name: string | null;
  version_id: string | null;
  updated_at: number;
};

export type SyncRow = {
  id: string;
  organization_id: string;
  repository_id: string;
  reason: string;
  state: "running" | "done" | "failed";
  /**
   * `unchanged`, `changed`, `stopped` (asks for a decision), `crashed` (its process died), `cancelled` (by a person),
   * `failed`; null while running.
   */
  outcome: string | null;
  error: string | null;
  /** What helps is chosen by it. */
  error_code: string | null;
  refs_total: number;
  refs_done: number;
  current_ref: string | null;
  added: number;
  updated: number;
  removed: number;
  skipped: number;
  /** Versions that the documents of its packages have no room for. */
  left_out: number;
  started_at: number;
  finished_at: number | null;
};

export type SyncRefRow = {
  sync_id: string;
  kind: RefKind;
  name: string;
  outcome: "added" | "updated" | "unchanged" | "removed" | "skipped";
  reason: string | null;
  code: RefCode | null;
};

/**
 * `waiting`: to be registered at the forge. `active`: the forge has it. `missing`: the forge has it no longer.
 * `failed`: the forge refuses it, `error` says why. `manual`: somebody enters it there, and it is not checked.
 */
export type WebhookState = "waiting" | "active" | "missing" | "failed" | "manual";
export type WebhookRow = {
  repository_id: string;
  organization_id: string;
  state: WebhookState;
  /** Encrypted: the secret that the forge signs with. */
  secret: string;
  /** Encrypted: the secret that it may still sign with, or may have received before a response got lost. */
  previous_secret: string | null;
  previous_until: number | null;
  /** The forge's id of it; null while it has none, and for one that is entered by hand. */
  hook_id: string | null;
  error: string | null;
  created_at: number;
  /** When it was checked at the forge last. */
  checked_at: number | null;
  next_check_at: number;
  /** When it was put back automatically, which is done once. */
  repaired_at: number | null;
};

export type DeliveryVerdict = "accepted" | "ping" | "ignored" | "refused";
/** What came to the address of a webhook. Kept for 30 days. */
export type DeliveryRow = {
  id: string;
  organization_id: string;
  repository_id: string;
  /** The forge's id of it: each counts once. Null without one, and for a delivery that was not verified. */
  forge_id: string | null;
  event: string | null;
  verdict: DeliveryVerdict;
  /** Why it was refused. */
  reason: string | null;
  /** JSON list. */
  refs: string;
  size_bytes: number;
  received_at: number;
  /** How often it was repeated. */
  repeats: number;
  /** The sync that it started; null for an accepted one whose sync is still to come. */
  sync_id: string | null;
};

/** A hook at a forge that must be removed, with the forge's token, encrypted. */
export type WebhookRemovalRow = {
  id: string;
  provider: string;
  origin: string;
  path: string;
  hook_id: string;
  username: string | null;
  token: string;
  attempts: number;
  next_try_at: number;
};

export type PackageRow = {
  id: string;
  organization_id: string;
  name: string;
  /** Who may publish under this name; null when that repository was removed. */
  repository_id: string | null;
  type: string;
  description: string | null;
  /** The newest version that pages show. */
  latest: string | null;
  /** JSON: true or the name of the package to use instead; as the default branch says it. */
  abandoned: string | null;
  /** The repository publishes under this name now; what is here stays as it is. */
  renamed_to: string | null;
  created_at: number;
  updated_at: number;
  /** Set when the package left the documents. The row stays, so that a name and version is never reused. */
  removed_at: number | null;
  /** Set while it is deleted by a person, with who that was, if known. */
  deleted_at: number | null;
  deleted_by: string | null;
  /** For the order of lists: counted up with every download, counted anew over 30 days four times a day. */
  recent_downloads: number;
  /** How many live versions it has, as of its documents. */
  version_count: number;
  /** How many of them its documents have no room for. */
  left_out: number;
};

export type VersionRow = {
  id: string;
  package_id: string;
  version: string;
  version_normalized: string;
  stability: string;
  is_default_branch: Flag;
  ref_kind: RefKind;
  reference: string;
  dist_id: string | null;
  /** JSON: the allowed part of composer.json. */
  manifest: string;
  /** JSON list: what was left out of it or of its archive; null for nothing. */
  notes: string | null;
  readme_hash: string | null;
  /** When the commit was authored. */
  released_at: number;
  created_at: number;
  /** The published time that clients get; set once, and never changed. */
  published_at: number;
  updated_at: number;
  /** Set when the ref was removed; the row still reserves the reference. */
  removed_at: number | null;
  /** Set while it is deleted by a person, with who that was. */
  deleted_at: number | null;
  deleted_by: string | null;
};

/** What the newest version of a package requires, to find who requires a package. */
export type DependencyRow = {
  organization_id: string;
  package_id: string;
  package_name: string;
  requires: string;
  is_dev: Flag;
  version_constraint: string;
};

/** A name that a live version of the package provides or replaces. */
type ProvidedRow = { organization_id: string; provided: string; package_id: string };

/** An archive, found by package and reference for ever. */
export type DistRow = {
  id: string;
  organization_id: string;
  package_name: string;
  reference: string;
  sha1: string;
  sha256: string;
  size_bytes: number;
  /** 1 holds files as they are committed, 2 as .gitattributes has them. */
  archive_format: number;
  created_at: number;
  /** JSON list: what was left out of it; null for nothing. */
  notes: string | null;
  /** Set when a person deleted what it belonged to: it is served no longer, and its bytes go with the next sweep. */
  deleted_at: number | null;
};

/** Rendered and sanitized HTML, stored once for the versions that share it. */
type ReadmeRow = { hash: string; html: string };

/** A finished response for Composer. */
export type DocumentRow = {
  organization_id: string;
  /** `packages.json`, `acme/blog` or `acme/blog~dev`. */
  name: string;
  /** Seconds since the epoch; only ever rises. */
  last_modified: number;
  /** SHA-256 of the JSON, to tell a change from a rewrite. */
  hash: string;
  /** The JSON, gzipped. */
  body: Uint8Array;
};

/** The installs that clients of one token reported of a version within a minute; kept for a few minutes. */
export type InstallRow = {
  organization_id: string;
  package_name: string;
  version_normalized: string;
  token_id: string;
  minute: number;
  /** How many of them are not yet in the sums. */
  uncounted: number;
};

type DownloadRow = {
  organization_id: string;
  package_name: string;
  version_normalized: string;
  /** `2026-11-23`, UTC. */
  day: string;
  count: number;
};

/** Sums of `downloads`, updated with them: a page adds up days and not versions. */
type OrganizationDownloadRow = Pick<DownloadRow, "organization_id" | "day" | "count">;
type PackageDownloadRow = Omit<DownloadRow, "version_normalized">;

export type ActivityRow = {
  id: string;
  organization_id: string | null;
  /** `cli`, `system`, or `user:<id>`, `token:<id>`. */
  actor: string;
  action: string;
  subject: string;
  /** JSON; never a secret. */
  details: string;
  created_at: number;
};

type JobState = "waiting" | "running" | "done" | "failed" | "dead" | "settled";
export type JobRow = {
  id: string;
  name: string;
  payload: string;
  /** Equal keys: one waiting, one running. */
  key: string | null;
  /** The key while waiting, else null; unique. */
  waiting_key: string | null;
  /** The key while running, else null; unique. */
  running_key: string | null;
  state: JobState;
  /** Lower runs first. */
  priority: number;
  run_at: number;
  attempts: number;
  worker_id: string | null;
  lease_until: number | null;
  error: string | null;
  created_at: number;
  started_at: number | null;
  finished_at: number | null;
};

export type ScheduleRow = { name: string; next_run_at: number; last_run_at: number | null };

/** A process that runs jobs; dead when `seen_at` is old. */
export type WorkerRow = {
  id: string;
  host: string;
  pid: number;
  started_at: number;
  seen_at: number;
  memory_bytes: number;
  /** How many jobs it runs at once now, and between which numbers that moves. */
  places: number;
  min_places: number;
  max_places: number;
  /** JSON: what each slot runs. */
  slots: string | null;
};

/** Jobs of this name, or all jobs for `*`, are paused until a person resumes them. */
type JobPauseRow = { name: string; paused_at: number; paused_by: string | null };

/** An attempt that failed; `started_at` is null where the process that ran it is gone. */
export type JobAttemptRow = {
  id: string;
  job_id: string;
  attempt: number;
  started_at: number | null;
  ended_at: number;
  error: string;
};

/** Runs that ended in the `step` milliseconds from `at` and took as long as `bucket` says; added up, never replaced. */
export type JobHistoryRow = {
  step: number;
  at: number;
  name: string;
  bucket: number;
  done: number;
  failed: number;
};

/** All runs there ever were of a name, and the last one. */
export type JobTotalRow = {
  name: string;
  done: number;
  failed: number;
  run_ms: number;
  last_ended_at: number;
  last_ms: number;
};

/** Facts about this installation: the address documents were built for, the fingerprint of the key. */
type SettingRow = { name: string; value: string };

/** PEM with the leaf first; `names` is the JSON of what was ordered, `private_key` is encrypted. */
export type CertificateRow = {
  id: string;
  names: string;
  certificate: string;
  private_key: string;
  created_at: number;
};

/** `private_key`: the JWK, encrypted. */
type AcmeAccountRow = { directory: string; private_key: string; created_at: number };

/** `authorization`: what the authority wants to read, encrypted. */
export type AcmeChallengeRow = { token: string; authorization: string; created_at: number };

type LeaseRow = { name: string; holder: string; expires_at: number };

export type Schema = {
  organizations: OrganizationRow;
  vendors: VendorRow;
  users: UserRow;
  members: MemberRow;
  sessions: SessionRow;
  one_time_secrets: OneTimeSecretRow;
  recovery_codes: RecoveryCodeRow;
  passkeys: PasskeyRow;
  identities: IdentityRow;
  throttles: ThrottleRow;
  invitations: InvitationRow;
  mails: MailRow;
  former_slugs: FormerSlugRow;
  visits: VisitRow;
  tokens: TokenRow;
  credentials: CredentialRow;
  host_keys: HostKeyRow;
  repositories: RepositoryRow;
  freshness_incidents: FreshnessIncidentRow;
  refs: RefRow;
  syncs: SyncRow;
  sync_refs: SyncRefRow;
  webhooks: WebhookRow;
  deliveries: DeliveryRow;
  webhook_removals: WebhookRemovalRow;
  packages: PackageRow;
  versions: VersionRow;
  provided: ProvidedRow;
  dependencies: DependencyRow;
  dists: DistRow;
  readmes: ReadmeRow;
  documents: DocumentRow;
  installs: InstallRow;
  downloads: DownloadRow;
  organization_downloads: OrganizationDownloadRow;
  package_downloads: PackageDownloadRow;
  activity: ActivityRow;
  jobs: JobRow;
  schedules: ScheduleRow;
  workers: WorkerRow;
  job_pauses: JobPauseRow;
  job_attempts: JobAttemptRow;
  job_history: JobHistoryRow;
  job_totals: JobTotalRow;
  settings: SettingRow;
  certificates: CertificateRow;
  acme_accounts: AcmeAccountRow;
  acme_challenges: AcmeChallengeRow;
  leases: LeaseRow;
};
