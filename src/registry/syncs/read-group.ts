// From a version's candidate refs to what is published of it: manifest, name, README, archive. Reads git and
// writes archives; the database is written later, by record-batch.ts.
import type { App } from "../../app.ts";
import { fieldOf, type Manifest } from "../../composer/manifest.ts";
import { conflictReason, refTitle, versionOf, type Candidate, type RefVersion } from "../../composer/refs.ts";
import { packageNameOf } from "../../composer/package-name.ts";
import { Failure, textOf } from "../../errors.ts";
import { archiveFormat } from "../../git/mirror.ts";
import type { CommitReading, Mirror, Readme } from "../../reading/mirror.ts";
import { findKeptDist, type Dist } from "../../store/packages/dists.ts";
import type { Repository } from "../../store/repositories/repositories.ts";
import type { RefCode } from "../../store/schema.ts";
import { isSkip, movedSince, nameTaken, type Skip } from "./conflicts.ts";
import type { PlannedGroup } from "./plan.ts";
import { formatOf, makeDist } from "../packages/archives.ts";
import { noteText, readNotes, type Note } from "../packages/notes.ts";
import { logRefusal, logRefusedCode } from "../security-log.ts";

export type AcceptedVersion = {
  candidate: Candidate;
  manifest: Manifest;
  name: string;
  version: string;
  versionNormalized: string;
  stability: string;
  releasedAt: number;
  /** The date that git has, on the first read of the repository: its tags are older than the repository's row. */
  datedAt: number | null;
  /** The version that this ref gave last time, maybe under another package name. */
  formerVersionId: string | null;
  readme: Readme | null;
  /** null for a metapackage, or when archives are turned off. */
  dist: Dist | null;
  notes: Note[];
  /** Its approximate size in memory until it is recorded. */
  sizeBytes: number;
};

export type SkippedCandidate = {
  candidate: Candidate;
  reason: string;
  code: RefCode;
  /** As far as it was read. */
  packageName: string | null;
  /** The version that is still served. */
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

/** The first valid candidate is the version; each other one comes back with its reason. */
export async function readGroup(context: ReadContext, group: PlannedGroup): Promise<GroupOutcome> {
  const skipped: SkippedCandidate[] = [];
  let accepted: AcceptedVersion | null = null;
  for (const candidate of group.candidates) {
    const outcome: CandidateOutcome = accepted
      ? { code: "same_version", reason: conflictReason(accepted.candidate), packageName: null }
      : await readCandidate(context, { group, candidate });
    if ("accepted" in outcome) {
      ({ accepted } = outcome);
      continue;
    }
    const fields = { repository: context.repository.name, ref: refTitle(candidate) };
    logRefusedCode(context.app.log, outcome.code, { ...fields, reason: outcome.reason });
    // What was released goes on being served; so does a branch's last good state.
    skipped.push({ ...outcome, candidate, versionId: group.published?.version_id ?? null });
  }
  return { accepted, skipped };
}

type CandidateOutcome = { accepted: AcceptedVersion } | (Skip & { packageName: string | null });

async function readCandidate(
  context: ReadContext,
  { group, candidate }: { group: PlannedGroup; candidate: Candidate },
): Promise<CandidateOutcome> {
  const moved = await movedSince(context, { group, candidate });
  if (moved) return { ...moved, packageName: null };
  const identity = await readIdentity(context, candidate);
  if (isSkip(identity)) return { ...identity, packageName: null };
  const { name, manifest, snapshot, version } = identity;
  const skipNamed = (skip: Skip) => ({ ...skip, packageName: name });
  const { versionNormalized } = version;
  const taken = await nameTaken(context, { name, candidate, versionNormalized });
  if (taken) return skipNamed(taken);
  const dist = await distFor(context, { name, manifest, candidate });
  if (isSkip(dist)) return skipNamed(dist);
  const datedAt = context.isFirstRead ? await orSkip(context, candidate, dateOf(context, candidate)) : null;
  if (isSkip(datedAt)) return skipNamed(datedAt);
  const notes = [...identity.notes, ...manifest.notes, ...readNotes(dist?.notes ?? null)];
  logNotes(context, candidate, notes);
  const accepted: AcceptedVersion = {
    ...version,
    candidate,
    manifest,
    name,
    dist,
    notes,
    releasedAt: snapshot.authoredAt,
    datedAt: datedAt?.at ?? null,
    formerVersionId: group.published?.version_id ?? null,
    readme: snapshot.readme,
    sizeBytes: snapshot.sizeBytes,
  };
  return { accepted };
}

type Identity = {
  snapshot: CommitReading;
  manifest: Manifest;
  version: RefVersion;
  name: string;
  notes: Note[];
};

/** Which version of which package the candidate is, by its composer.json. */
async function readIdentity(context: ReadContext, candidate: Candidate): Promise<Identity | Skip> {
  const snapshot = await orSkip(context, candidate, context.mirror.snapshot(candidate.reference));
  if (isSkip(snapshot)) return snapshot;
  const manifest = manifestIn(snapshot);
  if (isSkip(manifest)) return manifest;
  const version = versionOf(candidate, manifest);
  if ("reason" in version) return { code: "version_mismatch", reason: version.reason };
  const named = packageNameOf(manifest, context.packageName);
  if ("reason" in named) return { code: "composer_invalid", reason: named.reason };
  return { snapshot, manifest, version, ...named };
}

async function dateOf({ mirror }: ReadContext, candidate: Candidate): Promise<{ at: number | null }> {
  return { at: await mirror.datedAt(candidate) };
}

/** A commit that breaks a limit or cannot be read skips its ref; any other failure ends the sync. */
async function orSkip<Value>(
  { app, repository }: ReadContext,
  candidate: Candidate,
  reading: Promise<Value>,
): Promise<Value | Skip> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof Failure) || error.kind !== "invalid") throw error;
    logRefusal(app.log, error, { repository: repository.name, ref: refTitle(candidate) });
    return { code: "rule", reason: textOf(error) };
  }
}

/** Writes down what was accepted, but not as its author wrote it. */
function logNotes({ app, repository }: ReadContext, candidate: Candidate, notes: Note[]): void {
  if (notes.length === 0) return;
  const fields = { repository: repository.name, ref: refTitle(candidate) };
  app.log.info("version.noted", { ...fields, notes: notes.map(noteText).join(" ") });
}

function manifestIn({ composerJson }: CommitReading): Manifest | Skip {
  if (composerJson === null)
    return {
      code: "no_manifest",
      reason: "there is no composer.json at the root of the repository",
    };
  if ("reason" in composerJson) return { code: "composer_invalid", reason: composerJson.reason };
  return composerJson.manifest;
}

type DistRequest = { name: string; manifest: Manifest; candidate: Candidate };

async function distFor(
  context: ReadContext,
  { name, manifest, candidate }: DistRequest,
): Promise<Dist | Skip | null> {
  const { app, repository, archives } = context;
  if (fieldOf(manifest, "type") === "metapackage") return null;
  const { reference } = candidate;
  if (!app.config.distEnabled) return repository.url.startsWith("/") ? noSource : null;
  const stored = await findKeptDist(app.db, repository.organization_id, { packageName: name, reference });
  if (stored?.deleted_at === null) return stored;
  const key = `${name} ${reference}`;
  const format = stored ? formatOf(stored) : archiveFormat;
  const making = archives.get(key) ?? makeDist(context, { name, manifest, reference, format });
  archives.set(key, making);
  const dist = await orSkip(context, candidate, making);
  if (isSkip(dist) || !stored || stored.sha256 === dist.sha256) return dist;
  return {
    code: "rule",
    reason: "git gives another archive than the one served before it was deleted",
  };
}

const noSource: Skip = {
  code: "rule",
  reason: "archives are off (DIST_ENABLED) and Composer cannot install from a local path",
};
