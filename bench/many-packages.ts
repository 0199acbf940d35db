// A registry of any size without git: packages and versions are written directly into the database, with their
// documents.
import { createApp, type App } from "../src/app.ts";
import { parseConfig } from "../src/config/config.ts";
import { createLog } from "../src/log.ts";
import { publishOrganization } from "../src/registry/packages/publish.ts";
import type { Organization } from "../src/store/organizations/organizations.ts";
import { addPackage } from "../src/store/packages/packages.ts";
import type { VersionRow } from "../src/store/schema.ts";

/** The application on a data directory that a running server may share. */
export async function withApp<Result>(
  environment: Record<string, string>,
  work: (app: App) => Promise<Result>,
): Promise<Result> {
  const parsed = parseConfig(environment);
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  const app = await createApp(parsed.config, { log: createLog({ level: "error", format: "json" }) });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

/** `acme/package-0`, `acme/package-1`, … without archives, in one transaction. */
export async function addPackages(
  app: App,
  organization: Organization,
  { packages, versionsEach }: { packages: number; versionsEach: number },
): Promise<void> {
  await app.db.transaction(async (db) => {
    for (let number = 0; number < packages; number++) {
      const owner = { organization_id: organization.id, name: `acme/package-${number}`, repository_id: null };
      const { id } = await addPackage(db, { ...owner, type: "library", created_at: app.now() });
      const rows = Array.from({ length: versionsEach }, (_, minor) => versionRow(id, minor));
      for (let at = 0; at < rows.length; at += 25)
        await db.write
          .insertInto("versions")
          .values(rows.slice(at, at + 25))
          .execute();
    }
    await publishOrganization(app, db, organization);
  });
}

export function versionRow(packageId: string, minor: number): VersionRow {
  const fields = {
    type: "library",
    description: "One of many",
    require: { php: ">=8.1", "acme/package-1": `^1.${minor}` },
  };
  return {
    id: Bun.randomUUIDv7(),
    package_id: packageId,
    version: `1.${minor}.0`,
    version_normalized: `1.${minor}.0.0`,
    stability: "stable",
    is_default_branch: 0,
    ref_kind: "tag",
    reference: Bun.hash(`${packageId} ${minor}`).toString(16).padStart(40, "0"),
    dist_id: null,
    manifest: JSON.stringify({ timeMs: null, fields }),
    notes: null,
    readme_hash: null,
    released_at: 1_700_000_000_000 + minor * 86_400_000,
    created_at: Date.now(),
    updated_at: Date.now(),
    published_at: Date.now(),
    removed_at: null,
    deleted_at: null,
    deleted_by: null,
  };
}
