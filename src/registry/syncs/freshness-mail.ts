// The mail about repositories that were not checked for too long.
import type { App } from "../../app.ts";
import { durationText } from "../../duration.ts";
import type { Db } from "../../store/engine/database.ts";
import { listMembers } from "../../store/organizations/members.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import type { OverdueRepository } from "../../store/syncs/freshness-incidents.ts";
import { hostOf, inMail, queueMail } from "../mail.ts";

const namedInMail = 20;

type Overdue = { organization: Organization; repositories: OverdueRepository[]; limitMs: number };

/** Queues one mail for the owner and each admin, with all repositories in it. */
export async function mailOverdue(
  app: App,
  db: Db,
  { organization, repositories, limitMs }: Overdue,
): Promise<void> {
  const { appUrl } = app.config;
  const name = inMail(organization.name);
  const many = repositories.length === 1 ? "1 repository" : `${repositories.length} repositories`;
  const lines = repositories.slice(0, namedInMail).map((each) => `- ${lineOf(each)}`);
  const others = repositories.length - lines.length;
  if (others > 0) lines.push(`- and ${others} more`);
  const text = [
    `At ${hostOf(app)}, ${many} of ${name} had no successful check for more than ${durationText(limitMs)}:`,
    lines.join("\n"),
    "Published versions are not affected. New pushes will show up after the next successful sync.",
    `${appUrl}/organizations/${organization.slug}/repositories?sort=fresh`,
    "You get one email about this, and another after a day if the problem persists.",
  ].join("\n\n");
  const subject = `${name}: ${many} without a successful check for ${durationText(limitMs)}`;
  for (const { email, role } of await listMembers(db, organization.id, { terms: [], role: null }))
    if (role !== "member") await queueMail(app, db, { to: email, subject, text });
}

function lineOf({ name, error, state, since }: OverdueRepository): string {
  const sinceText = `${new Date(since).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const why = state === "failed" && error !== null ? `: ${inMail(error)}` : "";
  return `${inMail(name)}, since ${sinceText}${why}`;
}
