// Why is my version not here? The chain from the forge to the client, and where it broke.
import type { App } from "../app.ts";
import { planRefs } from "../composer/refs.ts";
import { normalizeBranch, normalizeVersion } from "../composer/version.ts";
import { refOf } from "./plan-sync.ts";
import { messageOf } from "../errors.ts";
import { findDocumentState } from "../store/documents.ts";
import type { Organization } from "../store/organizations.ts";
import { findPackage, type Package } from "../store/packages.ts";
import { findRepositoryNaming, listHeldRefs, listRefs } from "../store/refs.ts";
import { listRepositories, type Repository } from "../store/repositories.ts";
import type { RefRow } from "../store/schema.ts";
import { findVersionById, listVersions, type VersionWithDist } from "../store/versions.ts";

export type Step = {
  step: "repository" | "ref" | "manifest" | "archive" | "published" | "visible";
  state: "ok" | "failed" | "waiting" | "unknown";
  detail: string;
  /** With the command that does it. */
  remedy: string | null;
  /** What a page can offer instead of a command. */
  act: Act | null;
};
export type Act = "add" | "sync" | "bring-back";

export type Explanation = { package: string; version: string | null; steps: Step[] };

/** Steps after the first that failed are `unknown`. Without a version it explains the package. */
export async function explain(
  app: App,
  organization: Organization,
  { name, version }: { name: string; version: string | null },
): Promise<Explanation> {
  const pkg = await findPackage(app.db, organization.id, name);
  const repositories = await listRepositories(app.db, organization.id);
  const repository = await repositoryOf(app, { organization, repositories, pkg, name });
  const context: Context = { app, organization, name, version, pkg, repository, ref: null, published: null };
  const steps: Step[] = [];
  for (const [step, look] of chain) {
    const broken = steps.some((each) => each.state !== "ok");
    const found = broken ? notReached : await look(context);
    steps.push({ step, ...found });
  }
  return { package: name, version, steps };
}

type Found = Omit<Step, "step">;
type Context = {
  app: App;
  organization: Organization;
  name: string;
  version: string | null;
  pkg: Package | null;
  repository: Repository | null;
  ref: RefRow | null;
  published: VersionWithDist | null;
};

const notReached: Found = { state: "unknown", detail: "Not reached.", remedy: null, act: null };

const chain: [Step["step"], (context: Context) => Promise<Found>][] = [
  ["repository", lookAtRepository],
  ["ref", lookAtRef],
  ["manifest", lookAtManifest],
  ["archive", lookAtArchive],
  ["published", lookAtDocument],
  ["visible", lookAtRoot],
];

async function lookAtRepository({ organization, name, repository }: Context): Promise<Found> {
  if (!repository)
    return failed(
      `No repository of ${organization.slug} publishes ${name}.`,
      `pricore repo add --org ${organization.slug} URL --sync --wait`,
      "add",
    );
  const { state, error, last_proven_fresh_at } = repository;
  if (state === "failed")
    return failed(
      `The last sync of "${repository.name}" failed: ${error}`,
      syncCommand(organization, repository),
      "sync",
    );
  if (last_proven_fresh_at === null)
    return {
      state: "waiting",
      detail: `"${repository.name}" is waiting for its first sync.`,
      remedy: syncCommand(organization, repository),
      act: "sync",
    };
  return ok(
    `"${repository.name}" was proven fresh at ${new Date(Number(last_proven_fresh_at)).toISOString()}.`,
  );
}

async function lookAtRef(context: Context): Promise<Found> {
  const { app, organization, repository, version, name } = context;
  if (!repository) return notReached;
  const refs = await listRefs(app.db, repository.id);
  if (version === null) {
    context.ref = refs.find((ref) => ref.outcome === "published") ?? refs[0] ?? null;
    return context.ref
      ? ok(`${refs.length} tags and branches were seen.`)
      : failed("No tag or branch was seen.", null);
  }
  context.ref = refFor(refs, { version, defaultBranch: repository.default_branch });
  const held = context.ref ? null : await heldElsewhere(context);
  if (held)
    return failed(held.reason ?? "Another repository holds the name.", "Rename one of the two packages.");
  if (!context.ref)
    return failed(
      `No tag or branch of "${repository.name}" gives version ${version} of ${name}.`,
      `Push the tag, then: ${syncCommand(organization, repository)}`,
      "sync",
    );
  return ok(`${context.ref.kind} ${context.ref.name} is at ${context.ref.reference.slice(0, 12)}.`);
}

async function lookAtManifest({ ref }: Context): Promise<Found> {
  if (ref?.code === "deleted")
    return failed(ref.reason ?? "Deleted.", "Bring it back on the page of the package.", "bring-back");
  if (ref?.outcome === "skipped")
    return failed(ref.reason ?? "Skipped.", "Mend it, tag a new version, and sync.");
  return ok("composer.json is valid.");
}

async function lookAtArchive(context: Context): Promise<Found> {
  const { app, pkg, ref } = context;
  const row = ref?.version_id ? await findVersionById(app.db, ref.version_id) : null;
  const versions = pkg ? await listVersions(app.db, pkg.id) : [];
  context.published = versions.find((each) => each.id === row?.id) ?? null;
  const sha256 = context.published?.sha256 ?? null;
  if (sha256 === null) return ok("This version has no archive (a metapackage, or archives are off).");
  const remedy = "Put it back from a backup of the archives: a sync does not make again what it has stored.";
  try {
    const content = await app.storage.get(sha256);
    if (!content) return failed("The archive is missing.", remedy);
    return ok(`The archive is stored (${content.size} bytes, SHA-256 ${sha256.slice(0, 12)}…).`);
  } catch (error) {
    return failed(messageOf(error), remedy);
  }
}

async function lookAtDocument({ app, organization, name, published }: Context): Promise<Found> {
  if (!published)
    return failed(`${name} has no such version in its documents.`, "Sync the repository.", "sync");
  const file = published.stability === "dev" ? `${name}~dev` : name;
  const document = await findDocumentState(app.db, organization.id, file);
  if (!document) return failed("The document is missing.", "Sync the repository.", "sync");
  return ok(
    `p2/${file}.json was last changed ${new Date(Number(document.last_modified) * 1000).toUTCString()}.`,
  );
}

async function lookAtRoot({ pkg }: Context): Promise<Found> {
  if (!pkg || pkg.removed_at !== null)
    return failed("The package is not listed.", "Sync the repository.", "sync");
  if (pkg.renamed_to !== null) return ok(`Every token sees it; it was renamed to ${pkg.renamed_to}.`);
  return ok("Every token of the organization sees it, but for those limited to other packages.");
}

async function repositoryOf(
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
async function heldElsewhere({ app, organization, repository, version }: Context): Promise<RefRow | null> {
  if (version === null) return null;
  const held = await listHeldRefs(app.db, organization.id);
  for (const refs of Map.groupBy(held, (ref) => ref.repository_id).values()) {
    if (refs[0]?.repository_id === repository?.id) continue;
    const ref = refFor(refs, { version, defaultBranch: refs[0]?.default_branch ?? null });
    if (ref) return ref;
  }
  return null;
}

function refFor(
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

function syncCommand(organization: Organization, repository: Repository): string {
  return `pricore sync --org ${organization.slug} ${repository.name} --wait`;
}

function ok(detail: string): Found {
  return { state: "ok", detail, remedy: null, act: null };
}

function failed(detail: string, remedy: string | null, act: Act | null = null): Found {
  return { state: "failed", detail, remedy, act };
}
