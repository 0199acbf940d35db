// An organization gets another address. The old one leads nobody else's way for a year.
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

/** So long old configurations are told where it went, and nobody else gets their tokens. */
export const tombstoneMs = 365 * 86_400_000;

/** Every document names the new address at once. Fails as `conflict` when it is somebody else's, or was lately. */
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
      throw conflict(`The organization "${slug}" exists already.`, { code: "slug_taken", field: "slug" });
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
