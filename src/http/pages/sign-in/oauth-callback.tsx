// The callback of the OAuth flow: does what the flow was started for, in the browser and session that started it.
import { paths } from "../../../../templates/paths.ts";
import { forbidden, notFound, type Failure } from "../../../errors.ts";
import type { IdentityProvider, OAuthForge, OAuthName, OAuthFlow } from "../../../forges/oauth.ts";
import { connectByGrant, organizationOfPurpose } from "../../../registry/credentials/connect-by-grant.ts";
import { confirmByIdentity, connectIdentity, openByIdentity } from "../../../registry/accounts/identities.ts";
import type { Renewed, Viewer } from "../../../registry/accounts/sessions.ts";
import { endFlow, type Purpose } from "../../../registry/accounts/oauth-flow.ts";
import { routesOf } from "../../access.ts";
import { seeOther } from "../../answers.ts";
import type { RequestContext } from "../../request/context.ts";
import { sessionCookie, toastCookie } from "../../cookies/session.ts";
import { endedOauthFlowCookie, oauthFlowSecretIn } from "../../cookies/sign-in.ts";
import { firstStepAnswer } from "./signed-in.ts";
import type { PageSetup } from "../../page.ts";
import { getIdentityProvider, oauthFailed, returnLink } from "./oauth-redirects.tsx";
import { connectedText } from "../credentials/forge.tsx";
import { actorOf } from "../../../store/organizations/activity.ts";

export function oauthCallback(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "oauth-callback").get(
    "/auth/:provider/callback",
    async ({ context, params, request, viewer }) => {
      const provider = knownName(setup, params.provider);
      const answer = new URL(request.url).searchParams;
      const [state = null, ...others] = answer.getAll("state");
      const arrival = { provider, cookie: oauthFlowSecretIn(app, request), address: context.address };
      // The provider gets several requests, and each may take long.
      context.keepAlive();
      try {
        const onlyState = others.length > 0 ? null : state;
        const { flow, purpose } = await endFlow(app, { ...arrival, state: onlyState });
        return await answerAndEndFlow(setup, context, { provider, viewer, answer, flow, purpose });
      } catch (error) {
        return oauthFailed(setup, error, { href: viewer ? "/" : "/sign-in", text: "Start again" });
      }
    },
    { visitor: true },
  );
}

type Arrival<E = Purpose> = {
  provider: OAuthName;
  viewer: Viewer | null;
  answer: URLSearchParams;
  flow: OAuthFlow;
  purpose: E;
};

async function answerAndEndFlow(
  setup: PageSetup,
  context: RequestContext,
  arrival: Arrival,
): Promise<Response> {
  const answer = await finish(setup, context, arrival).catch((error: unknown) =>
    oauthFailed(setup, error, returnLink(arrival.purpose, arrival)),
  );
  answer.headers.append("Set-Cookie", endedOauthFlowCookie(setup.app));
  return answer;
}

async function finish(setup: PageSetup, context: RequestContext, arrival: Arrival): Promise<Response> {
  const { app } = setup;
  const { purpose } = arrival;
  if (purpose.to === "connect") return connect(setup, arrival, purpose);
  const provider = getIdentityProvider(setup, arrival.provider);
  const viewer = purpose.to === "sign-in" ? null : viewerOfFlow(arrival.viewer, purpose);
  const identity = await provider.identify(arrival.flow, arrival.answer, purpose.to === "confirm");
  const proof = { provider, person: identity };
  if (purpose.to === "sign-in" || viewer === null) {
    const opened = await openByIdentity(app, proof, purpose.to === "link" ? "/" : purpose.next);
    return firstStepAnswer(app, context, { ...opened, isRemembered: false, via: provider.title });
  }
  if (purpose.to === "confirm")
    return renewedAnswer(setup, purpose.next, await confirmByIdentity(app, viewer, proof));
  const renewed = await connectIdentity(app, viewer, proof);
  return renewedAnswer(setup, "/account/connections", renewed, toastFor(setup, provider));
}

/** The user who started the flow must still be an admin of that organization. */
async function connect(
  { app }: PageSetup,
  { provider, viewer, flow, answer }: Arrival,
  purpose: Purpose & { to: "connect" },
): Promise<Response> {
  const starter = viewerOfFlow(viewer, purpose);
  const organization = await organizationOfPurpose(app, starter, purpose.organizationId);
  const forge = app.oauth.forges.find(({ name }) => name === provider) as OAuthForge;
  const grant = await forge.connect(flow, answer);
  const actor = actorOf(starter.user.id);
  const holder = await connectByGrant(app, organization, { forge, grant, actor });
  const path = paths.credentials(organization.slug);
  return seeOther(path, [toastCookie(app, connectedText(holder))]);
}

function renewedAnswer(
  { app }: PageSetup,
  path: string,
  { secret, maxAgeSeconds }: Renewed,
  cookies: string[] = [],
): Response {
  return seeOther(path, [sessionCookie(app, secret, maxAgeSeconds), ...cookies]);
}

function toastFor({ app }: PageSetup, { title }: IdentityProvider): string[] {
  return [toastCookie(app, `${title} is connected. You can sign in with it now.`)];
}

function knownName({ app }: PageSetup, name: string): OAuthName {
  const provider = [...app.oauth.identities, ...app.oauth.forges].find((each) => each.name === name);
  if (!provider) throw notFound("There is no page at this address.");
  return provider.name;
}

/** The viewer, who must be in the session that started the flow. */
function viewerOfFlow(viewer: Viewer | null, purpose: { sessionId: string }): Viewer {
  if (viewer?.session.id !== purpose.sessionId) throw otherSession();
  return viewer;
}

function otherSession(): Failure {
  return forbidden("Your session changed, so nothing was saved.", {
    code: "oauth_state",
    advice: "Sign in and start again.",
  });
}
