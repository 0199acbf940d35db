// A released version never changes. Tags that were moved all the same are recorded, and owners and admins get a
// mail, once for each commit that a tag was moved to.
import { addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import { listMembers } from "../../store/organizations/members.ts";
import { listRefs } from "../../store/syncs/refs.ts";
import { hostOf, inMail, queueMail } from "../mail.ts";
import type { SyncContext } from "./context.ts";
import type { SkippedCandidate } from "./read-group.ts";

const namedInMail = 20;

/** Belongs in the transaction that records the refs, before their rows are written. */
export async function recordMovedTags(
  context: SyncContext,
  db: Db,
  skipped: SkippedCandidate[],
): Promise<void> {
  const moved = skipped.filter(({ code }) => code === "moved");
  if (moved.length === 0) return;
  const { app, organization, repository } = context;
  const known = new Map((await listRefs(db, repository.id)).map((ref) => [`${ref.kind} ${ref.name}`, ref]));
  const fresh = moved.filter(({ candidate }) => {
    const before = known.get(`${candidate.kind} ${candidate.name}`);
    return before?.code !== "moved" || before.reference !== candidate.reference;
  });
  await addActivity(
    db,
    ...fresh.map(({ candidate }) => ({
      organizationId: organization.id,
      actor: "system",
      action: "tag.moved" as const,
      subject: candidate.name,
      details: { repository: repository.name, reference: candidate.reference, refused: true },
      now: app.now(),
    })),
  );
  if (fresh.length > 0) await mail(context, db, fresh);
}

async function mail({ app, organization, repository }: SyncContext, db: Db, moved: SkippedCandidate[]) {
  const tags =
    moved.length === 1 ? `the tag ${inMail(moved[0]?.candidate.name ?? "")}` : `${moved.length} tags`;
  const lines = moved.slice(0, namedInMail).map(({ reason }) => `- ${inMail(reason)}`);
  if (moved.length > lines.length) lines.push(`- and ${moved.length - lines.length} more`);
  const subject = `${inMail(organization.name)}: ${tags} of ${inMail(repository.name)} moved after release`;
  const name = encodeURIComponent(repository.name);
  const text = [
    `At ${hostOf(app)}, someone moved ${tags} of ${inMail(repository.name)} to another commit. Published versions never change, so Composer still gets what was released first:`,
    lines.join("\n"),
    "If the new commit is what people should install, tag it with a new version.",
    `${app.config.appUrl}/organizations/${organization.slug}/repositories/${name}`,
  ].join("\n\n");
  for (const { email, role } of await listMembers(db, organization.id, { terms: [], role: null }))
    if (role !== "member") await queueMail(app, db, { to: email, subject, text });
}
