// What the page shows that explains where a version stopped.
import type { Query } from "../list-query.ts";
import type { PackageHead } from "../../../../templates/packages/frame.tsx";
import type { WhyAction, WhyProps } from "../../../../templates/packages/why.tsx";
import type { App } from "../../../app.ts";
import type { Remedy } from "../../../remedy.ts";
import { explain } from "../../../registry/why/why.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import { listTokensOf, type Token } from "../../../store/tokens.ts";
import type { Viewer } from "../../../registry/accounts/sessions.ts";
import { pageRemedy } from "../remedies.ts";

type Asking = { viewer: Viewer; membership: Membership; head: PackageHead };

/** How long an expired token can still be chosen. */
const expiredShownMs = 30 * 86_400_000;

export async function whyOf(app: App, { viewer, membership, head }: Asking, query: Query): Promise<WhyProps> {
  const { organization, member } = membership;
  const isAdmin = member.role !== "member";
  const version = (query["version"] ?? "").trim().slice(0, 255);
  const tokens = await tokensFor(app, {
    userId: viewer.user.id,
    organizationId: isAdmin ? organization.id : null,
  });
  const token = tokens.find(({ id }) => id === query["token"]) ?? null;
  const { answer, installable, steps, notes } = await explain(app, organization, {
    name: head.name,
    version: version || null,
    token,
  });
  return {
    head,
    version,
    tokens: tokens.map(({ id, name, organization_id }) => ({
      id,
      name: organization_id === null ? `${name} (yours)` : name,
    })),
    token: token?.id ?? "",
    explanation: {
      answer,
      installable,
      steps: steps.map(({ action, ...step }) => ({ ...step, action: action && pageAction(action, isAdmin) })),
      notes: notes.map(({ text }) => text),
    },
  };
}

/** Members make tokens of their own; the organization's are for its admins. */
function pageAction(action: Remedy, isAdmin: boolean): WhyAction {
  const { link, ...rest } = pageRemedy(action);
  const isOwnToken = action.do === "create-token" && !isAdmin;
  return { ...rest, link: link && isOwnToken ? { ...link, href: "/account/tokens/new" } : link };
}

/** The organization's, for those who may see them, and the person's own. */
async function tokensFor(
  { db, now }: App,
  { userId, organizationId }: { userId: string; organizationId: string | null },
): Promise<Token[]> {
  const expiredAfter = now() - expiredShownMs;
  const theirs = organizationId === null ? [] : await listTokensOf(db, { organizationId }, expiredAfter);
  return [...theirs, ...(await listTokensOf(db, { userId }, expiredAfter))];
}
