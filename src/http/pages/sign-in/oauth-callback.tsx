// Back from a provider: what the trip was for is done now, for the browser and the session that set out.
import { Elysia } from "elysia";
import { forbidden, notFound, type Failure } from "../../../errors.ts";
import type { IdentityProvider, OAuthForge, OAuthName, Trip } from "../../../forges/oauth.ts";
import { connectByGrant, organizationOfErrand } from "../../../registry/forges/connect-by-grant.ts";
import { confirmByIdentity, connectIdentity, openByIdentity } from "../../../registry/accounts/identities.ts";
import type { Renewed, Viewer } from "../../../registry/accounts/sessions.ts";
import { endTrip, type Errand } from "../../../registry/accounts/oauth-flow.ts";
import { accessFor } from "../../access.ts";
import { seeOther } from "../../answers.ts";
import { addressOf, mayTakeLong } from "../../request/client.ts";
import { sessionCookie, toastCookie } from "../../cookies/session.ts";
import { endedTripCookie, tripSecretIn } from "../../cookies/sign-in.ts";
import { firstStepAnswer } from "./signed-in.ts";
import type { Site } from "../../site.ts";
import { getIdentityProvider, tripFailed, wayBack } from "./oauth-redirects.tsx";
import { connectedWords } from "../credentials/forge.tsx";

export function oauthCallback(site: Site) {
  const { app } = site;
  return new Elysia({ name: "oauth-callback" }).use(accessFor(app)).get(
    "/auth/:provider/callback",
    async ({ params, request, viewer }) => {
      const provider = knownName(site, params.provider);
      const answer = new URL(request.url).searchParams;
      const [state = null, ...others] = answer.getAll("state");
      const arrival = { provider, cookie: tripSecretIn(app, request), address: addressOf(request) };
      // The provider is asked several things, and each may take its time.
      mayTakeLong(request);
      try {
        const ended = await endTrip(app, { ...arrival, state: others.length > 0 ? null : state });
        return await arrive(site, request, { provider, viewer, answer, ...ended });
      } catch (error) {
        return tripFailed(site, error, { href: viewer ? "/" : "/sign-in", words: "Start again" });
      }
    },
    { visitor: true },
  );
}

type Arrival<E = Errand> = {
  provider: OAuthName;
  viewer: Viewer | null;
  answer: URLSearchParams;
  trip: Trip;
  errand: E;
};

async function arrive(site: Site, request: Request, arrival: Arrival): Promise<Response> {
  const answer = await finish(site, request, arrival).catch((error: unknown) =>
    tripFailed(site, error, wayBack(arrival.errand, arrival)),
  );
  answer.headers.append("Set-Cookie", endedTripCookie(site.app));
  return answer;
}

async function finish(site: Site, request: Request, arrival: Arrival): Promise<Response> {
  const { app } = site;
  const { errand } = arrival;
  if (errand.to === "connect") return connect(site, arrival, errand);
  const provider = getIdentityProvider(site, arrival.provider);
  const viewer = errand.to === "sign-in" ? null : travellerOf(arrival.viewer, errand);
  const person = await provider.identify(arrival.trip, arrival.answer, errand.to === "confirm");
  const proof = { provider, person };
  if (errand.to === "sign-in" || viewer === null) {
    const opened = await openByIdentity(app, proof, errand.to === "link" ? "/" : errand.next);
    return firstStepAnswer(app, request, { ...opened, isRemembered: false, via: provider.title });
  }
  if (errand.to === "confirm")
    return renewedAnswer(site, errand.next, await confirmByIdentity(app, viewer, proof));
  const renewed = await connectIdentity(app, viewer, proof);
  return renewedAnswer(site, "/account/connections", renewed, toastFor(site, provider));
}

/** Whoever set out, still an admin of that organization. */
async function connect(
  { app }: Site,
  { provider, viewer, trip, answer }: Arrival,
  errand: Errand & { to: "connect" },
): Promise<Response> {
  const traveller = travellerOf(viewer, errand);
  const organization = await organizationOfErrand(app, traveller, errand.organizationId);
  const forge = app.oauth.forges.find(({ name }) => name === provider) as OAuthForge;
  const grant = await forge.connect(trip, answer);
  const actor = `user:${traveller.user.id}`;
  const holder = await connectByGrant(app, organization, { forge, grant, actor });
  const path = `/organizations/${organization.slug}/settings/credentials`;
  return seeOther(path, [toastCookie(app, connectedWords(holder))]);
}

function renewedAnswer(
  { app }: Site,
  path: string,
  { secret, maxAgeSeconds }: Renewed,
  cookies: string[] = [],
): Response {
  return seeOther(path, [sessionCookie(app, secret, maxAgeSeconds), ...cookies]);
}

function toastFor({ app }: Site, { title }: IdentityProvider): string[] {
  return [toastCookie(app, `${title} opens your account now.`)];
}

function knownName({ app }: Site, name: string): OAuthName {
  const known = [...app.oauth.identities, ...app.oauth.forges].find((each) => each.name === name);
  if (!known) throw notFound("There is nothing at this address.");
  return known.name;
}

/** Whoever set out, in the session in which they did. */
function travellerOf(viewer: Viewer | null, errand: { sessionId: string }): Viewer {
  if (viewer?.session.id !== errand.sessionId) throw otherSession();
  return viewer;
}

function otherSession(): Failure {
  return forbidden("Your session changed, so nothing was saved.", {
    code: "oauth_state",
    remedy: "Sign in, and start again.",
  });
}
