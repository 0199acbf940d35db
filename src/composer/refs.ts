// Maps tags and branches to versions by the rules of Composer's VcsRepository, split so that a sync can read the newest
// versions first. Reasons are for developers: the ref, the file, what to do.
import { parseConstraint, ConstraintError } from "./constraint.ts";
import { LINK_TYPES } from "./manifest-fields.ts";
import type { Manifest } from "./manifest.ts";
import { refNameProblem } from "./ref-name.ts";
import { sortInSteps } from "./sort.ts";
import { compareBytes, excerpt, trimBlanks } from "./text.ts";
import {
  compareVersions,
  isBranch,
  normalizeBranch,
  normalizeVersion,
  type Stability,
  stabilityOf,
  VersionError,
} from "./version.ts";

/** `reference` is the commit, also for annotated tags; `tagObject` is the tag object itself. */
export type Ref = { kind: "tag" | "branch"; name: string; reference: string; tagObject?: string };

/** Only the ref's own fields, without others of a row. */
export function refOf({ kind, name, reference }: Ref): Ref {
  return { kind, name, reference };
}

/** The version by the ref's name; a tag's composer.json may spell it differently (versionOf). */
export type Candidate = Ref & { version: string; versionNormalized: string; isDefaultBranch: boolean };

/** Refs that map to the same version: the first valid one wins, the others get conflictReason(). */
export type RefGroup = { kind: "tag" | "branch"; versionNormalized: string; candidates: Candidate[] };

/** `not_a_version` is not a mistake: tags also mark other things than releases. */
export type RejectedRef = {
  kind: "tag" | "branch";
  name: string;
  reason: string;
  code: "not_a_version" | "rule";
};

export type RefVersion = {
  version: string;
  versionNormalized: string;
  stability: Stability;
  isDefaultBranch: boolean;
};

type RefPlan = { groups: RefGroup[]; rejected: RejectedRef[] };

/**
 * Reads names only. Groups are sorted newest first: the default branch, whose name applies to all, then tags, then the
 * other branches. Candidates are in Composer's order: bytewise, the default branch before the others.
 */
export function planRefs(refs: Ref[], defaultBranch: string | null): RefPlan {
  const work = planRefsInSteps(refs, defaultBranch);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

/** The same in slices, because ordering fifty thousand versions takes a third of a second. */
export function* planRefsInSteps(refs: Ref[], defaultBranch: string | null): Generator<void, RefPlan> {
  const rejected: RejectedRef[] = [];
  const groups = new Map<string, RefGroup>();
  const ordered = yield* sortInSteps(refs, (a, b) => order(a, b, defaultBranch));
  for (const [at, ref] of ordered.entries()) {
    if (at % refsAtOnce === 0) yield;
    const candidate = candidateOf(ref, defaultBranch);
    if ("reason" in candidate) {
      rejected.push({ kind: ref.kind, name: ref.name, reason: candidate.reason, code: candidate.code });
      continue;
    }
    const key = `${ref.kind} ${withoutLeadingZeros(candidate.versionNormalized)}`;
    const group = groups.get(key);
    if (group) group.candidates.push(candidate);
    else
      groups.set(key, {
        kind: ref.kind,
        versionNormalized: candidate.versionNormalized,
        candidates: [candidate],
      });
  }
  return { groups: yield* sortInSteps([...groups.values()], newestFirst), rejected };
}

const refsAtOnce = 256;

/** The version of a ref with its composer.json, where a tag may only spell its own version differently. */
export function versionOf(candidate: Candidate, manifest: Manifest): RefVersion | { reason: string } {
  const decided = spelledVersionOf(candidate, manifest);
  if ("reason" in decided || isReadableConstraint(decided.version) || !namesItself(manifest)) return decided;
  const problem = `old versions of Composer cannot read self.version for ${excerpt(decided.version)}`;
  return { reason: `${problem}; write a constraint or use a shorter version` };
}

function spelledVersionOf(candidate: Candidate, manifest: Manifest): RefVersion | { reason: string } {
  const { version, versionNormalized, isDefaultBranch } = candidate;
  const result = { version, versionNormalized, stability: stabilityOf(versionNormalized), isDefaultBranch };
  if (candidate.kind === "branch" || manifest.version === null) return result;
  const declared = withoutDev(trimBlanks(manifest.version));
  const declaredNormalized = normalizedOrNull(manifest.version);
  if (declaredNormalized === null || normalizedOrNull(declared) === null) {
    const problem = `composer.json says version "${excerpt(manifest.version)}", which is not a version`;
    return { reason: `${problem}; remove the version field` };
  }
  if (
    normalizedOrNull(declared) === versionNormalized &&
    withoutDev(declaredNormalized) === versionNormalized
  ) {
    return { ...result, version: declared };
  }
  const problem = `composer.json says version ${excerpt(manifest.version)}`;
  return { reason: `${problem}; remove the version field or change the tag` };
}

/** The reason why a candidate after its group's winner is skipped. */
export function conflictReason(winner: Candidate): string {
  const same = `${winner.kind} ${excerpt(winner.name)} already gives version ${winner.versionNormalized}`;
  return `${same}; delete or rename one of the two`;
}

/** A reason for lists: `Tag 1.0.0: composer.json has no name`. Next to the ref itself the reason alone is enough. */
export function refReason(ref: { kind: "tag" | "branch"; name: string }, reason: string): string {
  return `${refTitle(ref)}: ${reason}`;
}

/** `Tag 1.0.0`. */
export function refTitle(ref: { kind: "tag" | "branch"; name: string }): string {
  return `${ref.kind === "tag" ? "Tag" : "Branch"} ${excerpt(ref.name)}`;
}

function order(a: Ref, b: Ref, defaultBranch: string | null): number {
  const isDefault = (ref: Ref): boolean => ref.kind === "branch" && ref.name === defaultBranch;
  return Number(isDefault(b)) - Number(isDefault(a)) || compareBytes(a.name, b.name);
}

function newestFirst(a: RefGroup, b: RefGroup): number {
  return rank(a) - rank(b) || compareVersions(b.versionNormalized, a.versionNormalized);
}

function rank({ kind, candidates }: RefGroup): number {
  return candidates[0]?.isDefaultBranch ? 0 : kind === "tag" ? 1 : 2;
}

type Rejected = Pick<RejectedRef, "reason" | "code">;

function candidateOf(ref: Ref, defaultBranch: string | null): Candidate | Rejected {
  const problem = refNameProblem(ref.name);
  if (problem) return { code: "rule", reason: problem };
  if (ref.kind === "tag") return tagCandidate(ref);
  return branchCandidate(ref, ref.name === defaultBranch);
}

function tagCandidate(ref: Ref): Candidate | Rejected {
  const text = ref.name.replaceAll("release-", "");
  const versionNormalized = normalizedOrNull(text);
  if (versionNormalized === null) {
    return {
      code: "not_a_version",
      reason: "the tag name is not a version (use e.g. 1.2.3)",
    };
  }
  if (stabilityOf(versionNormalized) === "dev") {
    return { code: "rule", reason: "a tag cannot be a dev version; use a branch for that" };
  }
  const version = withoutDev(text);
  // Composer would cut 1.0.0@dev to 1.0.0@, which breaks every client that reads it from a lock file.
  if (normalizedOrNull(version) !== versionNormalized) {
    return {
      code: "rule",
      reason: 'the tag name is not a version without its "dev" (use e.g. 1.2.3)',
    };
  }
  return { ...ref, version, versionNormalized, isDefaultBranch: false };
}

function branchCandidate(ref: Ref, isDefaultBranch: boolean): Candidate | Rejected {
  const normalized = branchOrNull(ref.name);
  if (normalized === null) {
    return {
      code: "rule",
      reason: "Composer cannot ask for a branch of this name; rename it without , and |",
    };
  }
  if (isBranch(normalized)) {
    const version = normalized.replaceAll("#", "+");
    return { ...ref, version, versionNormalized: version, isDefaultBranch };
  }
  const version = `${ref.name.startsWith("v") ? "v" : ""}${normalized.replace(/(?:\.9{7})+/g, ".x")}`;
  return { ...ref, version, versionNormalized: normalized, isDefaultBranch };
}

/** Null for a branch that no constraint could name. */
function branchOrNull(name: string): string | null {
  try {
    const normalized = normalizeBranch(name);
    return isReadableConstraint(normalized) ? normalized : null;
  } catch (error) {
    if (error instanceof VersionError) return null;
    throw error;
  }
}

function isReadableConstraint(text: string): boolean {
  try {
    parseConstraint(text);
    return true;
  } catch (error) {
    if (error instanceof ConstraintError) return false;
    throw error;
  }
}

/** A client reads self.version as a constraint with the version's own text. */
function namesItself(manifest: Manifest): boolean {
  return LINK_TYPES.some((type) => manifest.fields[type]?.includes('"self.version"'));
}

function normalizedOrNull(text: string): string | null {
  try {
    return normalizeVersion(text);
  } catch (error) {
    if (error instanceof VersionError) return null;
    throw error;
  }
}

function withoutDev(version: string): string {
  return version.replace(/[.-]?dev$/i, "");
}

/** Composer treats 1.02 and 1.2 as the same version; branch names are compared unchanged. */
function withoutLeadingZeros(normalized: string): string {
  return isBranch(normalized) ? normalized : normalized.replace(/(^|\D)0+(?=\d)/g, "$1");
}
