// Which repository and which ref a version comes from, or would come from.
import type { App } from "../../app.ts";
import { planRefs } from "../../composer/refs.ts";
import { normalizeBranch, normalizeVersion } from "../../composer/version.ts";
import type { Organization } from "../../store/organizations.ts";
import type { Package } from "../../store/packages.ts";
import { findRepositoryNaming, listHeldRefs } from "../../store/refs.ts";
import type { Repository } from "../../store/repositories.ts";
import type { RefRow } from "../../store/schema.ts";
import { refOf } from "../syncs/plan.ts";
import type { Context } from "./step.ts";

export async function repositoryOf(
  app: App,
  {
    organization,
    repositories,
    pkg,
    name,
  }: { organization: Organization; repositories: Repository[]; pkg: Package | null; name: string },
): Promise<Repository | null> {
  const holder = repositories.find((each) => each.id === pkg?.repository_id);
  const named = holder ?? repositories.find((each) => each.package_name === name);
  if (named) return named;
  const naming = await findRepositoryNaming(app.db, organization.id, name);
  const mentioned = repositories.find((each) => each.id === naming);
  if (mentioned) return mentioned;
  // Before a first sync nobody knows the package's name; its last part is often the repository's.
  return repositories.find((each) => each.name === name.split("/")[1]) ?? null;
}

/** The ref of another repository that would give the version, if the name were not taken. */
export async function heldElsewhere({
  app,
  organization,
  repository,
  version,
}: Context): Promise<RefRow | null> {
  if (version === null) return null;
  const held = await listHeldRefs(app.db, organization.id);
  for (const refs of Map.groupBy(held, (ref) => ref.repository_id).values()) {
    if (refs[0]?.repository_id === repository?.id) continue;
    const ref = refFor(refs, { version, defaultBranch: refs[0]?.default_branch ?? null });
    if (ref) return ref;
  }
  return null;
}

export function refFor(
  refs: RefRow[],
  { version, defaultBranch }: { version: string; defaultBranch: string | null },
): RefRow | null {
  const wanted = new Set([attempt(() => normalizeVersion(version)), attempt(() => normalizeBranch(version))]);
  const { groups } = planRefs(refs.map(refOf), defaultBranch);
  const group = groups.find((each) => wanted.has(each.versionNormalized));
  const names = new Set([
    version,
    version.replace(/^dev-/, ""),
    ...(group?.candidates.map((each) => each.name) ?? []),
  ]);
  const found = refs.filter((ref) => names.has(ref.name));
  return found.find((ref) => ref.outcome === "published") ?? found[0] ?? null;
}

function attempt(work: () => string): string | null {
  try {
    return work();
  } catch {
    return null;
  }
}
