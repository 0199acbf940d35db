// Changing an organization's address. Nobody else can have the old one for a year.
import type { App } from "../../app.ts";
import { conflict } from "../../errors.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import { forgetFormerSlug, saveFormerSlug } from "../../store/organizations/former-slugs.ts";
import {
  findOrganization,
  updateOrganization,
  type Organization,
} from "../../store/organizations/organizations.ts";
import { checkSlug, refuseFormerSlug } from "./organizations.ts";
import { publishOrganization } from "../packages/publish.ts";

/** For so long, old configurations get the new address, and nobody else gets their tokens. */
export const tombstoneMs = 365 * 86_400_000;

/**
 * Rewrites every document for the new address. Fails as `conflict` for an address that is taken, or was until lately.
 */
export async function moveOrganization(
  app: App,
  organization: Organization,
  { slug, actor }: { slug: string; actor: string },
): Promise<void> {
  if (slug === organization.slug) return;
  checkSlug(app, slug);
  const now = app.now();
  await app.db.transaction(async (db) => {
    const { id } = organization;
    if (await findOrganization(db, slug))
      throw conflict(`The organization "${slug}" already exists.`, { code: "slug_taken", field: "slug" });
    await refuseFormerSlug(db, { slug, organizationId: id, now });
    await forgetFormerSlug(db, slug);
    await saveFormerSlug(db, { slug: organization.slug, organization_id: id, until: now + tombstoneMs });
    await updateOrganization(db, id, { slug });
    await addActivity(db, {
      organizationId: id,
      actor,
      action: "organization.moved",
      subject: slug,
      details: { from: organization.slug },
      now,
    });
    await publishOrganization(app, db, { ...organization, slug });
  });
}
