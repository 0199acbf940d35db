// The promise that every repository is proven fresh again and again, watched: who looks at the organization sees where
// it is broken, and its owner and admins are told by mail, once.
import type { App } from "../../app.ts";
import { durationText } from "../../duration.ts";
import { addActivity, type OrganizationAction } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import {
  countOverdue,
  findIncident,
  listOverdue,
  listOpenIncidents,
  putIncident,
  type FreshnessIncident,
  type OverdueRepository,
} from "../../store/syncs/freshness-incidents.ts";
import { listMembers } from "../../store/organizations/members.ts";
import { getOrganizationById, type Organization } from "../../store/organizations/organizations.ts";
import { findSetting, setSetting } from "../../store/settings.ts";
import { hostOf, inMail, queueMail, sendSoon } from "../mail.ts";

const minute = 60_000;
const day = 24 * 60 * minute;
/** Longer without a look, and nobody polled either: what is late then is our own doing and may mend itself. */
const absentAfterMs = 5 * minute;
const graceMs = 15 * minute;
const namedInMail = 20;

/** Begins and ends the incidents of all organizations, and queues what is to be mailed about them. */
export async function watchFreshness(app: App): Promise<void> {
  const limitMs = app.config.freshnessLimitMs;
  if (limitMs === null || (await isBackForLessThan(app, Math.min(graceMs, limitMs)))) return;
  const now = app.now();
  const late = Map.groupBy(
    await listOverdue(app.db, { provenBefore: now - limitMs }),
    ({ organization_id }) => organization_id,
  );
  for (const incident of await listOpenIncidents(app.db))
    if (!late.has(incident.organization_id)) await endIncident(app, incident);
  for (const [organizationId, repositories] of late)
    await tell(app, { organizationId, repositories, limitMs });
}

/** Since the server, or whatever looks, is there again after an absence. */
async function isBackForLessThan(app: App, ms: number): Promise<boolean> {
  const now = app.now();
  const text = await findSetting(app.db, "freshness_watch");
  const last = text === null ? null : (JSON.parse(text) as { since: number; at: number });
  const wasThere = last !== null && Math.abs(now - last.at) < absentAfterMs;
  const since = wasThere ? Math.min(last.since, now) : now;
  await setSetting(app.db, "freshness_watch", JSON.stringify({ since, at: now }));
  return now - since < ms;
}

type Late = { organizationId: string; repositories: OverdueRepository[]; limitMs: number };

async function tell(app: App, late: Late): Promise<void> {
  const { organizationId, repositories } = late;
  const now = app.now();
  const isMailed = await app.db.transaction(async (db) => {
    const known = await findIncident(db, organizationId);
    const open = known !== null && known.recovered_at === null ? known : null;
    if (open?.mailed_at != null && now - Number(open.mailed_at) < day) return false;
    const organization = await getOrganizationById(db, organizationId);
    const began = { organization_id: organizationId, began_at: open?.began_at ?? now, recovered_at: null };
    await putIncident(db, { ...began, mailed_at: now });
    if (!open) await note(db, organization, { action: "freshness.lost", count: repositories.length, now });
    await mail(app, db, { ...late, organization });
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
    await note(db, organization, { action: "freshness.recovered", count: 0, now });
  });
  app.log.info("freshness.recovered", { organization: incident.organization_id });
}

async function note(
  db: Db,
  { id: organizationId, slug }: Organization,
  { action, count, now }: { action: OrganizationAction; count: number; now: number },
): Promise<void> {
  const details = { repositories: count };
  await addActivity(db, { organizationId, actor: "system", action, subject: slug, details, now });
}

/** One to each, with all of them in it. */
async function mail(
  app: App,
  db: Db,
  { organization, repositories, limitMs }: Late & { organization: Organization },
): Promise<void> {
  const { appUrl } = app.config;
  const name = inMail(organization.name);
  const many = repositories.length === 1 ? "1 repository" : `${repositories.length} repositories`;
  const lines = repositories.slice(0, namedInMail).map((each) => `- ${lineOf(each)}`);
  const others = repositories.length - lines.length;
  if (others > 0) lines.push(`- and ${others} more`);
  const text = [
    `At ${hostOf(app)}, ${many} of ${name} ${repositories.length === 1 ? "was" : "were"} not proven fresh for more than ${durationText(limitMs)}:`,
    lines.join("\n"),
    "What Composer reads of them stays as it was; new pushes arrive with the next sync that ends well.",
    `${appUrl}/organizations/${organization.slug}/repositories?sort=fresh`,
    "This is mailed once, and again after a day if it lasts so long.",
  ].join("\n\n");
  const subject = `${name}: ${many} not proven fresh for ${durationText(limitMs)}`;
  for (const { email, role } of await listMembers(db, organization.id, { words: [], role: null }))
    if (role !== "member") await queueMail(app, db, { to: email, subject, text });
}

function lineOf({ name, error, state, since }: OverdueRepository): string {
  const proven = `${new Date(since).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const why = state === "failed" && error !== null ? `: ${inMail(error)}` : "";
  return `${inMail(name)}, since ${proven}${why}`;
}

export type OverdueRepositories =
  | {
      is: "late";
      count: number;
      limitMs: number;
      since: number;
      names: string[];
      failure: { name: string; error: string } | null;
    }
  | { is: "recovered"; beganAt: number; recoveredAt: number };

const recoveryShownMs = day;
const namedOnPage = 3;

/** What the pages of an organization say about it; null when all has been well for a day. */
export async function overdueRepositories(
  app: App,
  organizationId: string,
): Promise<OverdueRepositories | null> {
  const limitMs = app.config.freshnessLimitMs;
  if (limitMs === null) return null;
  const now = app.now();
  const provenBefore = now - limitMs;
  const first = await listOverdue(app.db, { provenBefore, organizationId, limit: namedOnPage });
  const [longest] = first;
  if (longest) {
    const count = await countOverdue(app.db, organizationId, provenBefore);
    const names = first.map(({ name }) => name);
    const [failure = null] = first.flatMap(({ name, state, error }) =>
      state === "failed" && error !== null ? [{ name, error }] : [],
    );
    return { is: "late", count, limitMs, since: longest.since, names, failure };
  }
  const incident = await findIncident(app.db, organizationId);
  const recoveredAt = Number(incident?.recovered_at ?? 0);
  if (!incident || recoveredAt === 0 || now - recoveredAt > recoveryShownMs) return null;
  return { is: "recovered", beganAt: Number(incident.began_at), recoveredAt };
}
