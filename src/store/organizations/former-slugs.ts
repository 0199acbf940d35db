// Former addresses of organizations. Nobody else may have them for a while: old configurations still send tokens there.
import { upsert, type Db } from "../engine/database.ts";
import type { FormerSlugRow } from "../schema.ts";

type FormerSlug = FormerSlugRow;

export async function saveFormerSlug(db: Db, row: FormerSlugRow): Promise<void> {
  await upsert(db, "former_slugs", row, { key: ["slug"], update: ["organization_id", "until"] });
}

/** null when the address is free again. */
export async function findFormerSlug(db: Db, slug: string, now: number): Promise<FormerSlug | null> {
  const query = db.read.selectFrom("former_slugs").selectAll().where("slug", "=", slug);
  return (await query.where("until", ">", now).executeTakeFirst()) ?? null;
}

export async function forgetFormerSlug(db: Db, slug: string): Promise<void> {
  await db.write.deleteFrom("former_slugs").where("slug", "=", slug).execute();
}

export async function pruneFormerSlugs(db: Db, now: number): Promise<void> {
  await db.write.deleteFrom("former_slugs").where("until", "<=", now).execute();
}

/** The organization's current address, for a member with the old one. */
export async function findMovedSlug(
  db: Db,
  { slug, userId, now }: { slug: string; userId: string; now: number },
): Promise<string | null> {
  const row = await moved(db, slug, now)
    .innerJoin("members", "members.organization_id", "organizations.id")
    .where("members.user_id", "=", userId)
    .executeTakeFirst();
  return row?.slug ?? null;
}

/** The same for a token that is valid for that organization. */
export async function findMovedSlugForToken(
  db: Db,
  { slug, hash, now }: { slug: string; hash: string; now: number },
): Promise<string | null> {
  const row = await moved(db, slug, now)
    .innerJoin("tokens", (join) => join.on("tokens.hash", "=", hash))
    .where("tokens.revoked_at", "is", null)
    .where((e) => e.or([e("tokens.expires_at", "is", null), e("tokens.expires_at", ">", now)]))
    .where((e) =>
      e.or([
        e("tokens.organization_id", "=", e.ref("organizations.id")),
        e.exists(
          e
            .selectFrom("members")
            .select("members.user_id")
            .whereRef("members.organization_id", "=", "organizations.id")
            .whereRef("members.user_id", "=", "tokens.user_id"),
        ),
      ]),
    )
    .executeTakeFirst();
  return row?.slug ?? null;
}

function moved(db: Db, slug: string, now: number) {
  return db.read
    .selectFrom("former_slugs")
    .innerJoin("organizations", "organizations.id", "former_slugs.organization_id")
    .select("organizations.slug")
    .where("former_slugs.slug", "=", slug)
    .where("former_slugs.until", ">", now);
}
