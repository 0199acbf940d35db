// Why a candidate gives no version, although its composer.json is valid: what was published before stands against it.
import type { App } from "../../app.ts";
import type { Candidate } from "../../composer/refs.ts";
import { findPackage } from "../../store/packages/packages.ts";
import { findVersion, findVersionById, type Version } from "../../store/packages/versions.ts";
import { findRepositoryById, type Repository } from "../../store/repositories/repositories.ts";
import type { RefCode } from "../../store/schema.ts";
import { deletedReason } from "../security-log.ts";
import type { PlannedGroup } from "./plan.ts";

/** A candidate that gives no version, and why. The code is `rule` where nobody made a mistake. */
export type Skip = { code: RefCode; reason: string };

export function isSkip<Value extends object>(value: Value | Skip | null): value is Skip {
  return value !== null && "code" in value;
}

type Reader = { app: App; repository: Repository };

/** A released version keeps its reference for ever, however its tag moves. */
export async function movedSince(
  { app }: Reader,
  { group, candidate }: { group: PlannedGroup; candidate: Candidate },
): Promise<Skip | null> {
  const versionId = group.published?.version_id;
  if (candidate.kind !== "tag" || !versionId) return null;
  const version = await findVersionById(app.db, versionId);
  return version && version.reference !== candidate.reference ? moved(candidate, version) : null;
}

/** The name belongs to another repository, or what it would give was deleted or released already. */
export async function nameTaken(
  { app, repository }: Reader,
  { name, candidate, versionNormalized }: { name: string; candidate: Candidate; versionNormalized: string },
): Promise<Skip | null> {
  const pkg = await findPackage(app.db, repository.organization_id, name);
  if (!pkg) return null;
  if (pkg.repository_id !== null && pkg.repository_id !== repository.id) {
    const holder = await findRepositoryById(app.db, pkg.repository_id);
    return {
      code: "held",
      reason: `${name} is published by the repository "${holder?.name}". Rename this package, or remove that repository first.`,
    };
  }
  if (pkg.deleted_at !== null) return { code: "deleted", reason: deletedReason(name, pkg.deleted_at) };
  const version = await findVersion(app.db, pkg.id, versionNormalized);
  if (version && version.deleted_at !== null)
    return { code: "deleted", reason: deletedReason(`${name} ${version.version}`, version.deleted_at) };
  if (version?.ref_kind === "tag" && version.reference !== candidate.reference)
    return moved(candidate, version);
  return null;
}

function moved(candidate: Candidate, { version, reference }: Pick<Version, "version" | "reference">): Skip {
  const [from, to] = [reference.slice(0, 7), candidate.reference.slice(0, 7)];
  return {
    code: "moved",
    reason: `version ${version} was already published from ${from} and stays as it is. The tag was moved to ${to}; publish a new version instead.`,
  };
}
