// From a version's candidate refs to what is published of it: manifest, name, README, archive. Reads git and
// writes archives; the database is written later, by record-batch.ts.
import type { App } from "../../app.ts";
import { fieldOf, type Manifest } from "../../composer/manifest.ts";
import { conflictReason, packageNameOf, refTitle, versionOf, type Candidate } from "../../composer/refs.ts";
import { Failure, textOf } from "../../errors.ts";
import { archiveFormat } from "../../git/mirror.ts";
import type { CommitReading, Mirror, Readme } from "../../reading/mirror.ts";
import { findKeptDist, type Dist } from "../../store/packages/dists.ts";
import { findPackage } from "../../store/packages/packages.ts";
import { findRepositoryById, type Repository } from "../../store/repositories/repositories.ts";
import { findVersion, findVersionById } from "../../store/packages/versions.ts";
import type { RefCode } from "../../store/schema.ts";
import type { PlannedGroup } from "./plan.ts";
import { formatOf, makeDist } from "../packages/archives.ts";
import { noteText, readNotes, type Note } from "../packages/notes.ts";
import { deletedReason, logRefusal } from "../security-log.ts";

export type AcceptedVersion = {
  candidate: Candidate;
  manifest: Manifest;
  name: string;
  version: string;
  versionNormalized: string;
  stability: string;
  releasedAt: number;
  /** What git says of its age, where this is the first read of the repository: the tag was there before us. */
  datedAt: number | null;
  /** The version that this ref gave last time, under another name of the package perhaps. */
  formerVersionId: string | null;
  readme: Readme | null;
  /** null for a metapackage, or when archives are turned off. */
  dist: Dist | null;
  notes: Note[];
  /** What it takes in memory until it is recorded, about. */
  sizeBytes: number;
};

export type SkippedCandidate = {
  candidate: Candidate;
  reason: string;
  code: RefCode;
  /** As far as it was read. */
  packageName: string | null;
  /** The version that goes on being served in spite of this. */
  versionId: string | null;
};

export type GroupOutcome = { accepted: AcceptedVersion | null; skipped: SkippedCandidate[] };

export type ReadContext = {
  app: App;
  repository: Repository;
  mirror: Mirror;
  /** The name that the default branch gives to all versions; null when it gives none. */
  packageName: string | null;
  /** Whether the repository has never been read to its end. */
  isFirstRead: boolean;
  /** Archives being made in this sync, so that a tag and a branch on one commit share theirs. */
  archives: Map<string, Promise<Dist>>;
};

/** The first candidate that proves valid is the version; each other one comes back with its reason. */
export async function readGroup(context: ReadContext, group: PlannedGroup): Promise<GroupOutcome> {
  const skipped: SkippedCandidate[] = [];
  let accepted: AcceptedVersion | null = null;
  for (const candidate of group.candidates) {
    const named: Named = { packageName: null };
    try {
      if (accepted) refuse("same_version", conflictReason(candidate, accepted.candidate));
      await refuseMoved(context, { group, candidate });
      const read = await readCandidate(context, candidate, named);
      accepted = { ...read, formerVersionId: group.published?.version_id ?? null };
    } catch (error) {
      if (!(error instanceof Failure) || error.kind !== "invalid") throw error;
      logRefusal(context.app.log, error, { repository: context.repository.name, ref: refTitle(candidate) });
      skipped.push({ ...skippedFrom(error, { group, candidate }), ...named });
    }
  }
  return { accepted, skipped };
}

/** Filled in as soon as it is known, so that a candidate that is refused later has it too. */
type Named = { packageName: string | null };

async function readCandidate(
  context: ReadContext,
  candidate: Candidate,
  named: Named,
): Promise<Omit<AcceptedVersion, "formerVersionId">> {
  const snapshot = await context.mirror.snapshot(candidate.reference);
  const manifest = manifestIn(snapshot, candidate);
  const decided = versionOf(candidate, manifest);
  if ("reason" in decided) return refuse("version_mismatch", decided.reason);
  const { name, notes: nameNotes } = nameFor(context, { manifest, candidate });
  named.packageName = name;
  await refuseTaken(context, { name, candidate, versionNormalized: decided.versionNormalized });
  const dist = await distFor(context, { name, manifest, candidate });
  const notes = [...nameNotes, ...manifest.notes, ...readNotes(dist?.notes ?? null)];
  logNotes(context, candidate, notes);
  return {
    ...decided,
    candidate,
    manifest,
    name,
    dist,
    notes,
    releasedAt: snapshot.authoredAt,
    datedAt: context.isFirstRead ? await context.mirror.datedAt(candidate) : null,
    readme: snapshot.readme,
    sizeBytes: snapshot.sizeBytes,
  };
}

/** What was taken in but not as it came. */
function logNotes({ app, repository }: ReadContext, candidate: Candidate, notes: Note[]): void {
  if (notes.length === 0) return;
  const fields = { repository: repository.name, ref: refTitle(candidate) };
  app.log.info("version.noted", { ...fields, notes: notes.map(noteText).join(" ") });
}

function manifestIn({ composerJson }: CommitReading, candidate: Candidate): Manifest {
  if (composerJson === null)
    return refuse(
      "no_manifest",
      `${refTitle(candidate)}: there is no composer.json at the root of the repository.`,
    );
  if ("reason" in composerJson)
    return refuse("composer_invalid", `${refTitle(candidate)}: ${composerJson.reason}`);
  return composerJson.manifest;
}

function nameFor(
  { packageName }: ReadContext,
  { manifest, candidate }: { manifest: Manifest; candidate: Candidate },
): { name: string; notes: Note[] } {
  const named = packageNameOf(candidate, manifest, packageName);
  return "reason" in named ? refuse("composer_invalid", named.reason) : named;
}

/** A released version keeps its reference for ever, however its tag moves. */
async function refuseMoved(
  { app }: ReadContext,
  { group, candidate }: { group: PlannedGroup; candidate: Candidate },
): Promise<void> {
  const versionId = group.published?.version_id;
  if (candidate.kind !== "tag" || !versionId) return;
  const version = await findVersionById(app.db, versionId);
  if (version && version.reference !== candidate.reference)
    refuse("moved", movedReason(candidate, version.version, version.reference));
}

async function refuseTaken(
  { app, repository }: ReadContext,
  { name, candidate, versionNormalized }: { name: string; candidate: Candidate; versionNormalized: string },
): Promise<void> {
  const pkg = await findPackage(app.db, repository.organization_id, name);
  if (!pkg) return;
  if (pkg.repository_id !== null && pkg.repository_id !== repository.id) {
    const holder = await findRepositoryById(app.db, pkg.repository_id);
    refuse(
      "held",
      `${refTitle(candidate)}: ${name} is published by the repository "${holder?.name}". Rename this package, or remove that repository first.`,
    );
  }
  if (pkg.deleted_at !== null) refuse("deleted", deletedReason(name, pkg.deleted_at));
  const version = await findVersion(app.db, pkg.id, versionNormalized);
  if (version && version.deleted_at !== null)
    refuse("deleted", deletedReason(`${name} ${version.version}`, version.deleted_at));
  if (version?.ref_kind === "tag" && version.reference !== candidate.reference)
    refuse("moved", movedReason(candidate, version.version, version.reference));
}

function movedReason(candidate: Candidate, version: string, released: string): string {
  const [from, to] = [released.slice(0, 7), candidate.reference.slice(0, 7)];
  return `${refTitle(candidate)}: version ${version} was already published from ${from} and stays as it is. The tag was moved to ${to}; publish a new version instead.`;
}

type ArchiveOf = { name: string; manifest: Manifest; candidate: Candidate };

async function distFor(context: ReadContext, { name, manifest, candidate }: ArchiveOf): Promise<Dist | null> {
  const { app, repository, archives } = context;
  if (fieldOf(manifest, "type") === "metapackage") return null;
  const { reference } = candidate;
  if (!app.config.distEnabled) {
    if (repository.url.startsWith("/"))
      refuse(
        "rule",
        `${refTitle(candidate)}: archives are off (DIST_ENABLED) and a local path is no source.`,
      );
    return null;
  }
  const kept = await findKeptDist(app.db, repository.organization_id, { packageName: name, reference });
  if (kept?.deleted_at === null) return kept;
  const key = `${name} ${reference}`;
  const format = kept ? formatOf(kept) : archiveFormat;
  const making = archives.get(key) ?? makeDist(context, { name, manifest, reference, format });
  archives.set(key, making);
  const dist = await making;
  if (kept && kept.sha256 !== dist.sha256)
    refuse(
      "rule",
      `${refTitle(candidate)}: git gives another archive than was served before it was deleted.`,
    );
  return dist;
}

/** `rule` for what is nobody's fault; the other codes are told to the log. */
function refuse(code: RefCode, reason: string): never {
  throw new Failure("invalid", reason, { code });
}

const refCodes: readonly RefCode[] = [
  "moved",
  "held",
  "deleted",
  "no_manifest",
  "composer_invalid",
  "version_mismatch",
  "same_version",
];

function skippedFrom(
  error: Failure,
  { group, candidate }: { group: PlannedGroup; candidate: Candidate },
): Omit<SkippedCandidate, "packageName"> {
  const code = refCodes.find((each) => each === error.code) ?? "rule";
  // What was released goes on being served; so does a branch's last good state.
  const versionId = group.published?.version_id ?? null;
  const reason = error.code.startsWith("git_") ? `${refTitle(candidate)}: ${textOf(error)}` : error.message;
  return { candidate, reason, code, versionId };
}
