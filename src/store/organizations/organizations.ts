import { conflict, invalid, notFound } from "../../errors.ts";
import type { Db } from "../engine/database.ts";
import type { OrganizationRow } from "../schema.ts";

export type Organization = OrganizationRow;

/** Fails as `conflict` when the slug is taken. */
export async function addOrganization(
  db: Db,
  { slug, name, now }: { slug: string; name: string; now: number },
): Promise<Organization> {
  if (await findOrganization(db, slug))
    throw conflict(`The organization "${slug}" already exists.`, { code: "slug_taken", field: "slug" });
  const row = {
    id: Bun.randomUUIDv7(),
    slug,
    name,
    // A client that is refused an archive would clone the source instead, past the rules for tokens.
    publishes_source: 0,
    notice: null,
    created_at: now,
  } as const;
  await db.write.insertInto("organizations").values(row).execute();
  return row;
}

export async function findOrganization(db: Db, slug: string): Promise<Organization | null> {
  const row = await db.read
    .selectFrom("organizations")
    .selectAll()
    .where("slug", "=", slug)
    .executeTakeFirst();
  return row ?? null;
}

export async function getOrganization(db: Db, slug: string): Promise<Organization> {
  const row = await findOrganization(db, slug);
  if (!row)
    throw notFound(`There is no organization "${slug}".`, {
      remedy: { do: "list", what: "organizations", organization: null },
    });
  return row;
}

export async function getOrganizationById(db: Db, id: string): Promise<Organization> {
  const row = await db.read.selectFrom("organizations").selectAll().where("id", "=", id).executeTakeFirst();
  if (!row) throw notFound("That organization is gone.");
  return row;
}

export function listOrganizations(db: Db): Promise<Organization[]> {
  return db.read.selectFrom("organizations").selectAll().orderBy("slug").execute();
}

export async function hasOrganizations(db: Db): Promise<boolean> {
  const query = db.read.selectFrom("organizations").select("id").limit(1);
  return (await query.executeTakeFirst()) !== undefined;
}

export async function updateOrganization(
  db: Db,
  id: string,
  change: Partial<Pick<OrganizationRow, "slug" | "name" | "notice" | "publishes_source">>,
): Promise<void> {
  if (Object.keys(change).length === 0) throw invalid("Nothing to change was given.");
  await db.write.updateTable("organizations").set(change).where("id", "=", id).execute();
}

/** The numbers in the frame of every page. */
export async function countOfOrganization(
  db: Db,
  organizationId: string,
): Promise<{ packages: number; repositories: number; failing: number }> {
  const packages = await db.read
    .selectFrom("packages")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("organization_id", "=", organizationId)
    .where("removed_at", "is", null)
    .executeTakeFirstOrThrow();
  const states = await db.read
    .selectFrom("repositories")
    .select((e) => ["state", e.fn.countAll<number>().as("count")])
    .where("organization_id", "=", organizationId)
    .groupBy("state")
    .execute();
  const sum = (rows: typeof states) => rows.reduce((total, { count }) => total + count, 0);
  return {
    packages: packages.count,
    repositories: sum(states),
    failing: sum(states.filter(({ state }) => state === "failed")),
  };
}
