// The facts that `why` checks: the package, its repository, and the ref and version of the question.
import type { App } from "../../app.ts";
import { planRefs } from "../../composer/refs.ts";
import { normalizeBranch, normalizeVersion } from "../../composer/version.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { findPackage, type Package } from "../../store/packages/packages.ts";
import { findRepositoryNaming, listHeldRefs, listRefs } from "../../store/syncs/refs.ts";
import { listRepositories, type Repository } from "../../store/repositories/repositories.ts";
import type { RefRow } from "../../store/schema.ts";
import type { Token } from "../../store/tokens.ts";
import {
  findVersion,
  listVersions,
  type Version,
  type VersionWithDist,
} from "../../store/packages/versions.ts";
import { newestOf } from "../packages/version-order.ts";
import { refOf } from "../../composer/refs.ts";
import type { Context } from "./step.ts";

export type Question = { name: string; version: string | null; token?: Token | null };

export async function contextOf(
  app: App,
  organization: Organization,
  { name, version, token = null }: Question,
): Promise<Context> {
  const pkg = await findPackage(app.db, organization.id, name);
  const repositories = await listRepositories(app.db, organization.id);
  const repository = await repositoryOf(app, { organization, repositories, pkg, name });
  const refs = repository ? await listRefs(app.db, repository.id) : [];
  const published = pkg === null ? null : await publishedOf(app, { pkg, refs, version });
  const isRemoved = pkg !== null && published === null && version !== null;
  return {
    ...{ app, organization, name, version, token, pkg, repository, refs, published },
    ref: refOfQuestion({ refs, repository, published, version }),
    removed: isRemoved ? await removedOf(app, pkg, version) : null,
  };
}

/** The ref of another repository that would give the version, if the name were not taken. */
export async function heldElsewhere(context: Context): Promise<RefRow | null> {
  const { app, organization, repository, name, version } = context;
  if (version === null) return null;
  const held = await listHeldRefs(app.db, organization.id, name);
  for (const refs of Map.groupBy(held, (ref) => ref.repository_id).values()) {
    if (refs[0]?.repository_id === repository?.id) continue;
    const ref = refFor(refs, { version, defaultBranch: refs[0]?.default_branch ?? null });
    if (ref) return ref;
  }
  return null;
}

type Sought = { organization: Organization; repositories: Repository[]; pkg: Package | null; name: string };

async function repositoryOf(
  app: App,
  { organization, repositories, pkg, name }: Sought,
): Promise<Repository | null> {
  const holder = repositories.find((each) => each.id === pkg?.repository_id);
  const named = holder ?? repositories.find((each) => each.package_name === name);
  if (named) return named;
  const naming = await findRepositoryNaming(app.db, organization.id, name);
  const mentioned = repositories.find((each) => each.id === naming);
  if (mentioned) return mentioned;
  // Before a first sync nobody knows the package's name; its last part is often the repository's.
  const [, last] = name.split("/");
  return repositories.find((each) => each.package_name === null && each.name === last) ?? null;
}

/**
 * Without a version in the question, the newest one. The name of its tag or branch finds a version, too:
 * `release-1.2.0` gives 1.2.0, and `feat#1` gives dev-feat+1.
 */
async function publishedOf(
  app: App,
  { pkg, refs, version }: { pkg: Package; refs: RefRow[]; version: string | null },
): Promise<VersionWithDist | null> {
  if (pkg.removed_at !== null) return null;
  const live = (await listVersions(app.db, pkg.id)).filter((each) => each.deleted_at === null);
  if (version === null) return newestOf(live) ?? null;
  const wanted = normalizedForms(version);
  const found = live.find((each) => each.version === version || wanted.has(each.version_normalized));
  if (found) return found;
  const named = refs.find(
    ({ name, version_id }) => version_id !== null && [name, `dev-${name}`].includes(version),
  );
  return live.find(({ id }) => id === named?.version_id) ?? null;
}

async function removedOf(app: App, pkg: Package, version: string): Promise<Version | null> {
  for (const normalized of normalizedForms(version)) {
    const found = await findVersion(app.db, pkg.id, normalized);
    if (found) return found;
  }
  return null;
}

type RefOfQuestion = Pick<Context, "refs" | "repository" | "published" | "version">;

function refOfQuestion({ refs, repository, published, version }: RefOfQuestion): RefRow | null {
  const giving = published && refs.filter((each) => each.version_id === published.id);
  const found = giving?.find((each) => each.outcome === "published") ?? giving?.[0];
  if (found) return found;
  if (version === null) return refs[0] ?? null;
  return refFor(refs, { version, defaultBranch: repository?.default_branch ?? null });
}

function refFor(
  refs: RefRow[],
  { version, defaultBranch }: { version: string; defaultBranch: string | null },
): RefRow | null {
  const wanted = normalizedForms(version);
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

/** `1.0` → `1.0.0.0`; `main` → `dev-main`. A text may be both a version and a branch. */
function normalizedForms(version: string): Set<string> {
  const forms = [normalizeVersion, normalizeBranch].flatMap((normalize) => {
    try {
      return [normalize(version)];
    } catch {
      return [];
    }
  });
  return new Set(forms);
}
