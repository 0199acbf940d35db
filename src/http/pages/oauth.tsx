// To a provider and back: signing in, connecting an account, showing again who is there.
import { Elysia } from "elysia";
import { forbidden, notFound, type Failure } from "../../errors.ts";
import type { IdentityProvider, Trip } from "../../providers/oauth.ts";
import { confirmByIdentity, connectIdentity, openByIdentity } from "../../registry/identities.ts";
import type { Renewed, Viewer } from "../../registry/sessions.ts";
import { endTrip, type Errand } from "../../registry/trips.ts";
import { accessFor } from "../access.ts";
import { ownPath, seeOther } from "../answers.ts";
import { addressOf } from "../browser.ts";
import { fields } from "../forms.ts";
import { sessionCookie, toastCookie } from "../session-cookie.ts";
import { endedTripCookie, tripSecretIn } from "../sign-in-cookies.ts";
import { firstStepAnswer } from "../signed-in.ts";
import type { Site } from "../site.ts";
import { depart, getIdentityProvider, tripFailed, wayBack } from "../trips.tsx";

export function oauthPages(site: Site) {
  const { app } = site;
  const visitor = { visitor: true } as const;
  return new Elysia({ name: "oauth" })
    .use(accessFor(app))
    .get(
      "/auth/:provider/redirect",
      ({ params, query, request, viewer }) => {
        const provider = getIdentityProvider(site, params.provider);
        const next = ownPath(query["next"]);
        if (viewer) return seeOther(next);
        // Whom another site sends here is asked first whether they want to sign in.
        if (request.headers.get("sec-fetch-site") === "cross-site")
          return seeOther(`/sign-in?next=${encodeURIComponent(next)}`);
        const errand = { to: "sign-in", next } as const;
        return depart(site, request, { by: "link", ...departureTo(provider, errand, null) });
      },
      visitor,
    )
    .post(
      "/auth/:provider/link",
      ({ params, body, request, viewer }) => {
        fields(body, []);
        const provider = getIdentityProvider(site, params.provider);
        const errand = { to: "link", sessionId: viewer.session.id } as const;
        return depart(site, request, { by: "form", ...departureTo(provider, errand, viewer) });
      },
      { person: "confirmed" },
    )
    .post(
      "/auth/:provider/confirm",
      ({ params, body, request, viewer }) => {
        const next = ownPath(fields(body, ["next"]).next);
        const provider = getIdentityProvider(site, params.provider);
        const errand = { to: "confirm", next, sessionId: viewer.session.id } as const;
        return depart(site, request, { by: "form", ...departureTo(provider, errand, viewer) });
      },
      { person: "signed-in" },
    )
    .get(
      "/auth/:provider/callback",
      async ({ params, request, viewer }) => {
        const provider = getIdentityProvider(site, params.provider);
        const answer = new URL(request.url).searchParams;
        const [state = null, ...others] = answer.getAll("state");
        const arrival = { provider: provider.name, cookie: tripSecretIn(app, request) };
        const address = addressOf(request);
        try {
          const asked = { ...arrival, state: others.length > 0 ? null : state, address };
          const ended = await endTrip(app, asked);
          return await arrive(site, request, { provider, viewer, answer, ...ended });
        } catch (error) {
          return tripFailed(site, error, { href: viewer ? "/" : "/sign-in", words: "Start again" });
        }
      },
      visitor,
    );
}

type Arrival = {
  provider: IdentityProvider;
  viewer: Viewer | null;
  answer: URLSearchParams;
  trip: Trip;
  errand: Errand;
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
  const { provider, errand, trip, answer } = arrival;
  const viewer = errand.to === "sign-in" ? null : travellerOf(arrival.viewer, errand);
  const person = await provider.identify(trip, answer, errand.to === "confirm");
  const proof = { provider, person };
  if (viewer === null) {
    const opened = await openByIdentity(app, proof, errand.to === "sign-in" ? errand.next : "/");
    return firstStepAnswer(app, request, { ...opened, isRemembered: false, via: provider.title });
  }
  const renewed = (path: string, { secret, maxAgeSeconds }: Renewed, toast: string[] = []) =>
    seeOther(path, [sessionCookie(app, secret, maxAgeSeconds), ...toast]);
  if (errand.to === "confirm") return renewed(errand.next, await confirmByIdentity(app, viewer, proof));
  if (errand.to !== "link") throw notFound("There is nothing at this address.");
  const toast = toastCookie(app, `${provider.title} opens your account now.`);
  return renewed("/account/connections", await connectIdentity(app, viewer, proof), [toast]);
}

/** Whoever set out, in the session in which they did. */
function travellerOf(viewer: Viewer | null, errand: { sessionId: string }): Viewer {
  if (viewer?.session.id !== errand.sessionId) throw otherSession();
  return viewer;
}

function otherSession(): Failure {
  return forbidden("You are not signed in any more as when you set out, so nothing was changed.", {
    code: "oauth_state",
    remedy: "Sign in, and start again.",
  });
}

function departureTo<E extends Errand>(provider: IdentityProvider, errand: E, viewer: Viewer | null) {
  const { name, title } = provider;
  const address = (trip: Trip) => provider.identityAddress(trip, errand.to === "confirm");
  return { name, title, errand, viewer, address };
}
