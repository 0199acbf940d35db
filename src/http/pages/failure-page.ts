// Failure → page. A viewer keeps the frame, and learns who may do what they may not.
import { ErrorPage, FramedError } from "../../../templates/frame/error.tsx";
import { Failure, messageOf } from "../../errors.ts";
import { listMembers } from "../../store/organizations/members.ts";
import { RoleTooLow, viewerOf } from "../access.ts";
import {
  doorBefore,
  Elsewhere,
  html,
  logFault,
  seeOther,
  statusOf,
  wantsPart,
  withRetry,
} from "../answers.ts";
import { page, pageContextOf, type PageSetup } from "../page.ts";
import type { RequestContext } from "../request/context.ts";
import type { Membership } from "../../store/organizations/members.ts";

type Mistake = { title: string; message: string; status: number };

/** Logs anything that is not a Failure and shows it as "Something went wrong". */
export async function pageFailure(
  setup: PageSetup,
  context: RequestContext,
  error: unknown,
): Promise<Response> {
  const { request } = context;
  const next = error instanceof Elsewhere ? error.path : doorBefore(request, error);
  // The answer for a part of a page cannot redirect the page by itself.
  if (next !== null && wantsPart(request)) return html("", 200, [], { "HX-Redirect": next });
  if (next !== null) return seeOther(next);
  const mistake = await mistakeOf(setup, request, error);
  const membership = error instanceof RoleTooLow ? error.membership : null;
  const answer = await inFrame(setup, { context, membership }, mistake);
  return error instanceof Failure ? withRetry(answer, error) : answer;
}

async function mistakeOf(setup: PageSetup, request: Request, error: unknown): Promise<Mistake> {
  if (error instanceof RoleTooLow) {
    const message = `${lacking(request, error)} ${await whoMay(setup, error)}`;
    return { title: "You don't have permission", message, status: 403 };
  }
  if (error instanceof Failure)
    return { title: titles[error.kind], message: error.message, status: statusOf[error.kind] };
  const id = logFault(setup.app, request, error);
  const message = `Nothing was saved. The log has the details under ${id}.`;
  return { title: "Something went wrong", message, status: 500 };
}

const titles: Record<Failure["kind"], string> = {
  invalid: "That did not work",
  unauthenticated: "Sign in first",
  forbidden: "Not allowed",
  notFound: "Page not found",
  conflict: "That did not work",
  tooMany: "Too many attempts",
  unavailable: "Not available right now",
};

/**
 * Only a member with too low a role sees the organization of the address: what does not exist, and what is not
 * theirs to see, give the same page. The frame needs the database, which may be what failed.
 */
async function inFrame(
  setup: PageSetup,
  { context, membership }: { context: RequestContext; membership: Membership | null },
  mistake: Mistake,
): Promise<Response> {
  const { app, asset } = setup;
  const { status } = mistake;
  try {
    const viewer = wantsPart(context.request) ? null : await viewerOf(app, context);
    if (viewer !== null) {
      const pageContext = pageContextOf(context, viewer);
      const ofPage = membership === null ? pageContext : { ...pageContext, membership };
      return await page(setup, ofPage, { status, render: (shell) => FramedError({ shell, ...mistake }) });
    }
  } catch (error) {
    app.log.warn("http.frame_failed", { reason: messageOf(error) });
  }
  return html(ErrorPage({ appName: app.config.appName, asset, ...mistake }).html, status);
}

/** Says what the role does not allow, by the part of the organization in the address. */
function lacking(request: Request, { membership }: RoleTooLow): string {
  const { name } = membership.organization;
  const [, , , part = "", setting] = pathOf(request);
  if (setting === "danger-zone") return `You cannot delete ${name}.`;
  const parts = ["settings", "repositories", "packages"];
  return parts.includes(part)
    ? `You cannot change the ${part} of ${name}.`
    : `You cannot do this in ${name}.`;
}

const maxNames = 5;

async function whoMay({ app }: PageSetup, { membership, needs }: RoleTooLow): Promise<string> {
  const members = await listMembers(app.db, membership.organization.id, { terms: [], role: null });
  const names = members.filter(({ role }) => role === "owner" || role === needs).map(({ name }) => name);
  const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : "";
  const who = needs === "owner" ? "Owners" : "Owners and admins";
  return names.length === 0 ? "" : `${who}: ${names.slice(0, maxNames).join(", ")}${more}.`;
}

function pathOf(request: Request): string[] {
  return (URL.parse(request.url)?.pathname ?? "").split("/");
}
