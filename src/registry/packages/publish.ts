// Documents: everything that a Composer client can see, built when something changes and never when it is
// read. Each is written in the transaction of the change that it shows.
import type { App } from "../../app.ts";
import { splitVersions } from "../../composer/document.ts";
import type { VersionRecord } from "../../composer/minify.ts";
import { versionRecord, type Dist } from "../../composer/record.ts";
import { fieldOf } from "../../composer/manifest.ts";
import { storedManifest, type StoredManifest } from "../../composer/stored-manifest.ts";
import type { Db } from "../../store/engine/database.ts";
import { setDependencies, type Dependency } from "../../store/packages/dependencies.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import {
  listPackageNames,
  listPackagesOfOrganization,
  setProvided,
  updatePackage,
  type Package,
} from "../../store/packages/packages.ts";
import { findRepositoryById } from "../../store/repositories/repositories.ts";
import { findSetting } from "../../store/settings.ts";
import { listVendors } from "../../store/organizations/vendors.ts";
import {
  listVersionHeads,
  listVersionsById,
  type VersionHead,
  type VersionWithDist,
} from "../../store/packages/versions.ts";
import { minifiedDev, minifiedStable } from "./document-limit.ts";
import { putText } from "./documents.ts";
import { newestOf } from "./version-order.ts";
import { printable } from "../../printable.ts";

/** Raise it when the same versions give other documents, or more follows from them; all are then written anew at the
 * next start. */
export const documentFormat = "5";

/** Stores the root document that a token without limits gets. */
export async function publishRoot(app: App, db: Db, organization: Organization): Promise<void> {
  const json = await rootDocument(app, db, { organization, sees: () => true });
  await putText(db, organization, { name: "packages.json", now: app.now(), text: JSON.stringify(json) });
}

/** The root document: the packages that the token `sees`, and the addresses for more. */
export async function rootDocument(
  app: App,
  db: Db,
  { organization, sees }: { organization: Organization; sees: (name: string) => boolean },
): Promise<Record<string, unknown>> {
  const base = `${await appUrl(app, db)}/${organization.slug}`;
  const names = (await listPackageNames(db, organization.id)).filter(sees);
  const patterns = (await listVendors(db, organization.id)).map((vendor) => `${vendor}/*`);
  const { notice } = organization;
  // An empty list means "unknown" to Composer, which then asks for every public package: hence a pattern
  // that nothing matches.
  const closed = names.length === 0 && patterns.length === 0 ? ["-none-/*"] : patterns;
  return {
    packages: [],
    "metadata-url": `${base}/p2/%package%.json`,
    "available-packages": names,
    "available-package-patterns": closed,
    list: `${base}/list.json`,
    search: `${base}/search.json?q=%query%&type=%type%`,
    "providers-api": `${base}/providers/%package%.json`,
    "notify-batch": `${base}/notify-batch`,
    ...(notice === null ? {} : { infos: [{ message: printable(notice), versions: "*" }] }),
  };
}

/**
 * Both documents of a package from its live versions, and what follows from them: its description and newest
 * version, whether it is listed. Returns whether the root document must be written too.
 */
export async function publishPackage(
  app: App,
  db: Db,
  { organization, pkg }: { organization: Organization; pkg: Package },
): Promise<boolean> {
  const now = app.now();
  const versions = await listVersionHeads(db, pkg.id);
  const abandoned = await abandonedOf(db, pkg, versions);
  const context = { base: `${await appUrl(app, db)}/${organization.slug}`, name: pkg.name, abandoned };
  const sourceUrl = await sourceOf(db, organization, pkg);
  const provided = new Set<string>();
  async function* read(heads: VersionHead[]): AsyncGenerator<VersionRecord> {
    for await (const version of readVersions(db, heads)) {
      const manifest = storedManifest(version.manifest);
      for (const name of providedBy(manifest)) provided.add(name);
      yield recordOf(version, manifest, { ...context, sourceUrl });
    }
  }
  const { stable, dev } = splitVersions(versions);
  let changed = false;
  const { texts: development, leftOut } = await minifiedDev(app, pkg.name, { versions: dev, read });
  for (const [name, texts] of [
    [pkg.name, await minifiedStable(pkg.name, stable, read)],
    [`${pkg.name}~dev`, development],
  ] as const) {
    const document = { name, now, text: packageText(pkg.name, texts) };
    if (await putText(db, organization, document)) changed = true;
  }

  const isListed = versions.length > 0;
  const newest = newestOf(versions);
  const [newestVersion] = newest ? await listVersionsById(db, [newest.id]) : [];
  const manifest = newestVersion ? storedManifest(newestVersion.manifest) : null;
  await updatePackage(db, pkg.id, {
    ...(newest && manifest
      ? {
          latest: newest.version,
          type: fieldOf(manifest, "type") ?? "library",
          description: fieldOf(manifest, "description") ?? null,
        }
      : {}),
    abandoned: abandoned === undefined ? null : JSON.stringify(abandoned),
    removed_at: isListed ? null : (pkg.removed_at ?? now),
    version_count: versions.length,
    left_out: leftOut,
    updated_at: changed ? now : pkg.updated_at,
  });
  const owner = { organizationId: organization.id, packageId: pkg.id };
  provided.delete(pkg.name);
  await setProvided(db, owner, [...provided]);
  await setDependencies(db, { ...owner, name: pkg.name }, manifest ? dependenciesOf(manifest) : []);
  return isListed !== (pkg.removed_at === null) || pkg.latest === null;
}

/** Of versions with a megabyte of composer.json each only so many are in memory. */
const readAtOnce = 16;

async function* readVersions(db: Db, heads: VersionHead[]): AsyncGenerator<VersionWithDist> {
  for (let at = 0; at < heads.length; at += readAtOnce) {
    const ids = heads.slice(at, at + readAtOnce).map(({ id }) => id);
    yield* await listVersionsById(db, ids);
  }
}

/** The document of a name: its minified versions; without any it is the shield against dependency confusion. */
export function packageDocument(name: string, minified: unknown[]): Record<string, unknown> {
  return { minified: "composer/2.0", packages: { [name]: minified } };
}

/** All documents of an organization. */
export async function publishOrganization(app: App, db: Db, organization: Organization): Promise<void> {
  for (const pkg of await listPackagesOfOrganization(db, organization.id))
    await publishPackage(app, db, { organization, pkg });
  await publishRoot(app, db, organization);
}

/** The address that documents are built for: APP_URL at the last start. */
async function appUrl(app: App, db: Db): Promise<string> {
  return (await findSetting(db, "app_url")) ?? app.config.appUrl;
}

type RecordContext = {
  base: string;
  name: string;
  abandoned: true | string | undefined;
  sourceUrl: string | null;
};

function recordOf(version: VersionWithDist, manifest: StoredManifest, context: RecordContext): VersionRecord {
  const { base, name, abandoned, sourceUrl } = context;
  const { reference } = version;
  return versionRecord({
    manifest,
    name,
    version: version.version,
    versionNormalized: version.version_normalized,
    time: version.released_at,
    publishedAt: version.published_at,
    isDefaultBranch: version.is_default_branch === 1,
    ...(abandoned === undefined ? {} : { abandoned }),
    source: sourceUrl === null ? null : { url: sourceUrl, reference },
    dist: distOf(version, `${base}/dists/${name}`),
  });
}

/**
 * Of a development version the client names the commit: it puts the one that it holds, from `dev-main#COMMIT` or from a
 * lock file, where the address says `%reference%`. A checksum would be that of the newest commit alone.
 */
function distOf({ version, stability, reference, sha1 }: VersionWithDist, base: string): Dist | null {
  if (sha1 === null) return null;
  const isDev = stability === "dev";
  const file = `${isDev ? "%reference%" : reference}.zip`;
  return { url: `${base}/${urlText(version)}/${file}`, reference, shasum: isDev ? null : sha1 };
}

/** The version in a dist's address is decoration: the reference finds it. Nothing to encode, nothing to fill in. */
function urlText(version: string): string {
  return version.replace(/[^A-Za-z0-9.+_-]+/g, "-");
}

/** The default branch's `abandoned` applies to every version, as on Packagist; so does a rename. */
async function abandonedOf(
  db: Db,
  pkg: Package,
  versions: VersionHead[],
): Promise<true | string | undefined> {
  if (pkg.renamed_to !== null) return pkg.renamed_to;
  const main = versions.find((version) => version.is_default_branch === 1);
  const [version] = main ? await listVersionsById(db, [main.id]) : [];
  return version && fieldOf(storedManifest(version.manifest), "abandoned");
}

async function sourceOf(db: Db, organization: Organization, pkg: Package): Promise<string | null> {
  if (organization.publishes_source === 0 || pkg.repository_id === null) return null;
  const repository = await findRepositoryById(db, pkg.repository_id);
  return repository === null || repository.url.startsWith("/") ? null : repository.url;
}

function dependenciesOf(manifest: StoredManifest): Dependency[] {
  const links = (is_dev: 0 | 1, row: Record<string, string> = {}) =>
    Object.entries(row).map(([name, version_constraint]) => ({
      requires: name.toLowerCase(),
      is_dev,
      version_constraint,
    }));
  const all = [...links(0, fieldOf(manifest, "require")), ...links(1, fieldOf(manifest, "require-dev"))];
  // Two spellings of a name are one; no package has a longer name than that.
  const byName = new Map(all.map((each) => [`${each.is_dev} ${each.requires}`, each]));
  return [...byName.values()].filter(({ requires }) => requires.length <= 191);
}

function providedBy(manifest: StoredManifest): string[] {
  const links = [fieldOf(manifest, "provide"), fieldOf(manifest, "replace")];
  const names = links.flatMap((each) => Object.keys(each ?? {}));
  return names.map((each) => each.toLowerCase()).filter((each) => each.length <= 191);
}

/** The same text as that of `packageDocument`, of versions that are text already. */
function packageText(name: string, versions: string[]): string {
  const [start = "", end = ""] = JSON.stringify(packageDocument(name, [])).split("[]");
  return `${start}[${versions.join(",")}]${end}`;
}
