import type { App } from "../../app.ts";
import { conflict, invalid, notFound } from "../../errors.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { findFormerSlug } from "../../store/organizations/former-slugs.ts";
import { setMember } from "../../store/organizations/members.ts";
import {
  addOrganization,
  updateOrganization as update,
  type Organization,
} from "../../store/organizations/organizations.ts";
import { getUser } from "../../store/accounts/users.ts";
import { addVendor, removeVendor } from "../../store/organizations/vendors.ts";
import { publishOrganization, publishRoot } from "../packages/publish.ts";
import { checkLine } from "../names.ts";

/** First path segments that are ours; a test compares this list with the router. */
export const reservedSlugs: ReadonlySet<string> = new Set([
  "account",
  "api",
  "assets",
  "auth",
  "confirm",
  "docs",
  "health",
  "horizon",
  "invitations",
  "live",
  "login",
  "logout",
  "metrics",
  "operations",
  "organizations",
  "outbox",
  "palette",
  "reset-password",
  "setup",
  "sign-in",
  "sign-out",
  "sign-up",
  "verify-email",
  "webhooks",
]);

type OrganizationRequest = { slug: string; name: string; owner: string | null; actor: string };

/** Adds the organization with its (empty) root document. */
export async function createOrganization(app: App, request: OrganizationRequest): Promise<Organization> {
  checkSlug(app, request.slug);
  const name = checkedName(request.name);
  const now = app.now();
  return app.db.transaction(async (db) => {
    await refuseFormerSlug(db, { slug: request.slug, organizationId: null, now });
    const owner = request.owner === null ? null : await getUser(db, request.owner);
    const organization = await addOrganization(db, { slug: request.slug, name, now });
    if (owner) await setMember(db, organization.id, { userId: owner.id, role: "owner", now });
    const entry = { organizationId: organization.id, actor: request.actor, now };
    await addActivity(db, { ...entry, action: "organization.created", subject: request.slug });
    await publishRoot(app, db, organization);
    return organization;
  });
}

/** The notice that Composer prints at every install. */
const noticeRule = {
  field: "notice",
  wrongLength: "Notices can have up to 500 characters.",
  least: 0,
  most: 500,
};

type OrganizationChange = {
  name?: string;
  /** An empty notice removes it. */
  notice?: string;
  publishesSource?: boolean;
};

/** What Composer sees of it changes at once: the documents are written in the same transaction. */
export async function updateOrganization(
  app: App,
  organization: Organization,
  { change, actor }: { change: OrganizationChange; actor: string },
): Promise<void> {
  if (change.notice !== undefined) checkLine(change.notice, noticeRule);
  const columns = {
    ...(change.name === undefined ? {} : { name: checkedName(change.name) }),
    ...(change.notice === undefined ? {} : { notice: change.notice.trim() || null }),
    ...(change.publishesSource === undefined
      ? {}
      : ({ publishes_source: change.publishesSource ? 1 : 0 } as const)),
  };
  await app.db.transaction(async (db) => {
    await update(db, organization.id, columns);
    const entry = { organizationId: organization.id, actor, now: app.now() };
    const details = changesOf(organization, columns);
    await addActivity(db, { ...entry, action: "organization.changed", subject: organization.slug, details });
    const changed = { ...organization, ...columns };
    if (change.publishesSource === undefined) await publishRoot(app, db, changed);
    else await publishOrganization(app, db, changed);
  });
}

/** Unknown packages of the vendor get the shield from now on. */
export async function claimVendor(
  app: App,
  organization: Organization,
  { vendor, actor }: { vendor: string; actor: string },
): Promise<void> {
  if (!/^[a-z0-9](?:[_.-]?[a-z0-9]+)*$/.test(vendor) || vendor.length > 100)
    throw invalid(`"${vendor}" is not a vendor name like acme.`, { field: "vendor" });
  await app.db.transaction(async (db) => {
    const now = app.now();
    if (!(await addVendor(db, organization.id, { vendor, now }))) return;
    const entry = { organizationId: organization.id, actor, now };
    await addActivity(db, { ...entry, action: "vendor.added", subject: vendor });
    await publishRoot(app, db, organization);
  });
}

/** Unknown packages of the vendor may come from other registries again. */
export async function giveUpVendor(
  app: App,
  organization: Organization,
  { vendor, actor }: { vendor: string; actor: string },
): Promise<void> {
  await app.db.transaction(async (db) => {
    if (!(await removeVendor(db, organization.id, vendor)))
      throw notFound(`${organization.slug} does not own the vendor "${vendor}".`, {
        remedy: { do: "list", what: "organizations", organization: null },
      });
    const entry = { organizationId: organization.id, actor, now: app.now() };
    await addActivity(db, { ...entry, action: "vendor.removed", subject: vendor });
    await publishRoot(app, db, organization);
  });
}

function checkedName(text: string): string {
  const wrongLength = "Enter a name of up to 100 characters.";
  return checkLine(text, { field: "name", wrongLength });
}

/** The settings that differ from before, with their new values. */
function changesOf(before: Organization, now: Partial<Organization>): Record<string, string | number | null> {
  const changed = Object.entries(now).filter(
    ([column, value]) => before[column as keyof Organization] !== value,
  );
  return Object.fromEntries(changed);
}

/** Only the organization that had the address may take it back. */
export async function refuseFormerSlug(
  db: Db,
  { slug, organizationId, now }: { slug: string; organizationId: string | null; now: number },
): Promise<void> {
  const former = await findFormerSlug(db, slug, now);
  if (!former || former.organization_id === organizationId) return;
  const day = new Date(former.until).toISOString().slice(0, 10);
  throw conflict(
    `"${slug}" was the address of another organization, and machines may still send their tokens there. It is available from ${day}.`,
    { code: "slug_tombstoned", field: "slug", advice: "Choose another address." },
  );
}

export function checkSlug({ config }: Pick<App, "config">, slug: string): void {
  if (slug.length < 2 || slug.length > 39 || !/^[a-z0-9](?:-?[a-z0-9])*$/.test(slug))
    throw invalid(
      `"${slug}" cannot be used as an address. Use 2 to 39 lower-case letters, digits and single hyphens, like acme or acme-labs.`,
      { code: "slug_invalid", field: "slug" },
    );
  if (reservedSlugs.has(slug) || config.horizon.path.split("/")[0] === slug)
    throw invalid(`"${slug}" is reserved. Choose another address.`, {
      code: "slug_reserved",
      field: "slug",
    });
}
