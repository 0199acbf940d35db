// The answers around a trip to a provider: on the way there, and when it ends without success.
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

export type Redirect = {
  name: OAuthName;
  title: string;
  purpose: Purpose;
  viewer: Viewer | null;
  /** Where the browser goes, for this flow. */
  address(flow: OAuthFlow): Promise<string>;
};

/** `by` a link, or by a form, which the browser lets lead to no other site: then a page of ours leads on. */
export async function startRedirect(
  setup: PageSetup,
  { address }: RequestContext,
  { by, ...redirect }: Redirect & { by: "link" | "form" },
): Promise<Response> {
  const { app } = setup;
  const { name, title, purpose, viewer } = redirect;
  try {
    const userId = viewer?.user.id ?? null;
    const started = { provider: name, errand: purpose, userId, address };
    const { trip: flow, cookie } = await startFlow(app, started);
    const href = await redirect.address(flow);
    const cookies = [oauthFlowCookie(app, cookie)];
    if (by === "link") return seeOther(href, cookies);
    return html(OnwardPage({ outside: publicFrameOf(setup), title, href }).html, 200, cookies);
  } catch (error) {
    return oauthFailed(setup, error, returnLink(purpose, redirect));
  }
}

export type ReturnLink = { href: string; words: string };

/** The page that says what went wrong; anything that is no Failure is thrown on. */
export function oauthFailed(setup: PageSetup, error: unknown, link: ReturnLink): Response {
  if (!(error instanceof Failure)) throw error;
  const { message, advice = null, code, kind } = error;
  const page = OauthFailedPage({ outside: publicFrameOf(setup), message, remedy: advice, way: link });
  const status = code === "oauth_state" || code === "oauth_foreign" ? 400 : statusOf[kind];
  // Addresses of people are in the words of a refusal, which has a line of its own.
  if (code !== "oauth_link_refused" && kind !== "conflict")
    setup.app.log.info("oauth.failed", { code, message });
  return withRetry(html(page.html, status), error);
}

/** To where the trip began. */
export function returnLink(purpose: Purpose, { viewer }: Pick<Redirect, "viewer">): ReturnLink {
  if (purpose.to === "sign-in") return signIn(purpose.next);
  if (viewer === null) return signIn("/");
  if (purpose.to === "link") return { href: "/account/connections", words: "Back to your account" };
  if (purpose.to === "confirm")
    return { href: `/confirm?next=${encodeURIComponent(purpose.next)}`, words: "Back" };
  return { href: paths.credentials(purpose.slug), words: "Back to the credentials" };
}

/** Fails as `notFound` for one that is not set up here. */
export function getIdentityProvider({ app }: PageSetup, name: string): IdentityProvider {
  const provider = app.oauth.identities.find((each) => each.name === name);
  if (!provider) throw notFound("There is no page at this address.");
  return provider;
}

function signIn(next: string): ReturnLink {
  const href = next === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(next)}`;
  return { href, words: "Back to sign-in" };
}
