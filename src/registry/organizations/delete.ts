// Deleting an organization: its data goes at once, its archives with the next sweep. Its activity stays on
// record, and nobody else can have its address for a year.
import type { App } from "../../app.ts";
import { invalid } from "../../errors.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import { listOrganizationDownloads } from "../../store/packages/downloads.ts";
import { saveFormerSlug } from "../../store/organizations/former-slugs.ts";
import { countMembers } from "../../store/organizations/members.ts";
import { countOfOrganization, type Organization } from "../../store/organizations/organizations.ts";
import { removeOrganization } from "../../store/organizations/remove.ts";
import { countUsableTokens } from "../../store/tokens.ts";
import { countVersions } from "../../store/packages/versions.ts";
import { tombstoneMs } from "./change-address.ts";
import { leaveForges } from "../webhooks/webhooks.ts";

export type Loss = {
  packages: number;
  versions: number;
  repositories: number;
  members: number;
  /** Tokens that are still valid. */
  tokens: number;
  /** In the last 30 days. */
  downloads: number;
};

/** What is deleted with the organization. */
export async function lossOf({ db, now }: App, { id }: Organization): Promise<Loss> {
  const { packages, repositories } = await countOfOrganization(db, id);
  const { members } = await countMembers(db, id, now());
  const from = new Date(now() - 29 * 86_400_000).toISOString().slice(0, 10);
  const days = await listOrganizationDownloads(db, id, from);
  return {
    packages,
    versions: await countVersions(db, id),
    repositories,
    members,
    tokens: await countUsableTokens(db, id, now()),
    downloads: [...days.values()].reduce((total, count) => total + count, 0),
  };
}

/** `typed` must be the address, to confirm. Its tokens are refused from the next request on. */
export async function deleteOrganization(
  app: App,
  organization: Organization,
  { typed, actor }: { typed: string; actor: string },
): Promise<void> {
  const { id, slug, name } = organization;
  if (typed.trim() !== slug)
    throw invalid(`Type ${slug} to delete the organization. Nothing was deleted.`, { field: "confirm" });
  const loss = await lossOf(app, organization);
  const now = app.now();
  await app.db.transaction(async (db) => {
    await leaveForges(app, db, id);
    await removeOrganization(db, id);
    await saveFormerSlug(db, { slug, organization_id: id, until: now + tombstoneMs });
    const entry = { organizationId: id, actor, now };
    await addActivity(db, {
      ...entry,
      action: "organization.deleted",
      subject: slug,
      details: { name, ...loss },
    });
  });
  app.log.warn("organization.deleted", { organization: slug, actor, ...loss });
}
