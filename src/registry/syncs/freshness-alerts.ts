// Watches the promise that every repository is checked again and again: a page shows where it is broken, and the owner
// and admins of the organization get one mail.
import type { App } from "../../app.ts";
import { addActivity, type OrganizationAction } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import {
  findIncident,
  listOverdue,
  listOpenIncidents,
  putIncident,
  type FreshnessIncident,
  type OverdueRepository,
} from "../../store/syncs/freshness-incidents.ts";
import { getOrganizationById, type Organization } from "../../store/organizations/organizations.ts";
import { findSetting, setSetting } from "../../store/settings.ts";
import { sendSoon } from "../mail.ts";
import { mailOverdue } from "./freshness-mail.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
/** After a longer absence of this watch nothing was polled either: what is overdue then gets some grace to catch up. */
const absentAfterMs = 5 * minute;
const graceMs = 15 * minute;

/** Starts and ends the incidents of all organizations, and queues their mails. */
export async function watchFreshness(app: App): Promise<void> {
  const limitMs = app.config.freshnessLimitMs;
  if (limitMs === null || (await isBackForLessThan(app, Math.min(graceMs, limitMs)))) return;
  const now = app.now();
  const overdue = Map.groupBy(
    await listOverdue(app.db, { provenBefore: now - limitMs }),
    ({ organization_id }) => organization_id,
  );
  for (const incident of await listOpenIncidents(app.db))
    if (!overdue.has(incident.organization_id)) await endIncident(app, incident);
  for (const [organizationId, repositories] of overdue)
    await reportOverdue(app, { organizationId, repositories, limitMs });
}

/** Whether this watch has started again after an absence less than `ms` ago. */
async function isBackForLessThan(app: App, ms: number): Promise<boolean> {
  const now = app.now();
  const text = await findSetting(app.db, "freshness_watch");
  const last = text === null ? null : (JSON.parse(text) as { since: number; at: number });
  const wasThere = last !== null && Math.abs(now - last.at) < absentAfterMs;
  const since = wasThere ? Math.min(last.since, now) : now;
  await setSetting(app.db, "freshness_watch", JSON.stringify({ since, at: now }));
  return now - since < ms;
}

type OverdueGroup = { organizationId: string; repositories: OverdueRepository[]; limitMs: number };

async function reportOverdue(
  app: App,
  { organizationId, repositories, limitMs }: OverdueGroup,
): Promise<void> {
  const now = app.now();
  const isMailed = await app.db.transaction(async (db) => {
    const known = await findIncident(db, organizationId);
    const open = known !== null && known.recovered_at === null ? known : null;
    if (open?.mailed_at != null && now - open.mailed_at < day) return false;
    const organization = await getOrganizationById(db, organizationId);
    const incident = { organization_id: organizationId, began_at: open?.began_at ?? now, recovered_at: null };
    await putIncident(db, { ...incident, mailed_at: now });
    if (!open)
      await recordIncident(db, organization, { action: "freshness.lost", count: repositories.length, now });
    await mailOverdue(app, db, { organization, repositories, limitMs });
    return true;
  });
  if (!isMailed) return;
  app.log.warn("freshness.lost", { organization: organizationId, repositories: repositories.length });
  await sendSoon(app);
}

async function endIncident(app: App, incident: FreshnessIncident): Promise<void> {
  const now = app.now();
  await app.db.transaction(async (db) => {
    const organization = await getOrganizationById(db, incident.organization_id);
    await putIncident(db, { ...incident, recovered_at: now });
    await recordIncident(db, organization, { action: "freshness.recovered", count: 0, now });
  });
  app.log.info("freshness.recovered", { organization: incident.organization_id });
}

async function recordIncident(
  db: Db,
  { id: organizationId, slug }: Organization,
  { action, count, now }: { action: OrganizationAction; count: number; now: number },
): Promise<void> {
  const details = { repositories: count };
  await addActivity(db, { organizationId, actor: "system", action, subject: slug, details, now });
}
