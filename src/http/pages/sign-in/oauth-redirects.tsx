// The answers of the OAuth flow: the redirect to the provider, and the page when the flow fails.
import { paths } from "../../../../templates/paths.ts";
import { OnwardPage, OauthFailedPage } from "../../../../templates/sign-in/oauth.tsx";
import { Failure, notFound } from "../../../errors.ts";
import type { IdentityProvider, OAuthName, OAuthFlow } from "../../../forges/oauth.ts";
import { startFlow, type Purpose } from "../../../registry/accounts/oauth-flow.ts";
import type { Viewer } from "../../../registry/accounts/sessions.ts";
import { html, seeOther, statusOf, withRetry } from "../../answers.ts";
import type { RequestContext } from "../../request/context.ts";
import { oauthFlowCookie } from "../../cookies/sign-in.ts";
import { publicFrameOf, type PageSetup } from "../../page.ts";

type Redirect = {
  name: OAuthName;
  title: string;
  purpose: Purpose;
  viewer: Viewer | null;
  /** The provider's address that starts this flow. */
  address(flow: OAuthFlow): Promise<string>;
};

/** A browser does not let a form redirect to another site, so after a form a page of ours redirects. */
export async function startRedirect(
  setup: PageSetup,
  { address }: RequestContext,
  { by, ...redirect }: Redirect & { by: "link" | "form" },
): Promise<Response> {
  const { app } = setup;
  const { name, title, purpose, viewer } = redirect;
  try {
    const userId = viewer?.user.id ?? null;
    const started = { provider: name, purpose, userId, address };
    const { flow, cookie } = await startFlow(app, started);
    const href = await redirect.address(flow);
    const cookies = [oauthFlowCookie(app, cookie)];
    if (by === "link") return seeOther(href, cookies);
    return html(OnwardPage({ outside: publicFrameOf(setup), title, href }).html, 200, cookies);
  } catch (error) {
    return oauthFailed(setup, error, returnLink(purpose, redirect));
  }
}

type ReturnLink = { href: string; text: string };

/** The page that says what went wrong. Throws anything that is not a Failure. */
export function oauthFailed(setup: PageSetup, error: unknown, link: ReturnLink): Response {
  if (!(error instanceof Failure)) throw error;
  const { message, advice = null, code, kind } = error;
  const page = OauthFailedPage({ outside: publicFrameOf(setup), message, remedy: advice, way: link });
  const status = code === "oauth_state" || code === "oauth_foreign" ? 400 : statusOf[kind];
  // The message of a refusal contains email addresses, and it has a log line of its own.
  if (code !== "oauth_link_refused" && kind !== "conflict")
    setup.app.log.info("oauth.failed", { code, message });
  return withRetry(html(page.html, status), error);
}

/** The link back to where the flow was started. */
export function returnLink(purpose: Purpose, { viewer }: Pick<Redirect, "viewer">): ReturnLink {
  if (purpose.to === "sign-in") return signIn(purpose.next);
  if (viewer === null) return signIn("/");
  if (purpose.to === "link") return { href: "/account/connections", text: "Back to your account" };
  if (purpose.to === "confirm")
    return { href: `/confirm?next=${encodeURIComponent(purpose.next)}`, text: "Back" };
  return { href: paths.credentials(purpose.slug), text: "Back to the credentials" };
}

/** Fails as `notFound` for one that is not set up here. */
export function getIdentityProvider({ app }: PageSetup, name: string): IdentityProvider {
  const provider = app.oauth.identities.find((each) => each.name === name);
  if (!provider) throw notFound("There is no page at this address.");
  return provider;
}

function signIn(next: string): ReturnLink {
  const href = next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`;
  return { href, text: "Back to sign-in" };
}
