// The answers after the first step of signing in and after the last one: a challenge, or a session and a redirect to
// the page that the user wanted.
import type { App } from "../../../app.ts";
import { startChallenge } from "../../../registry/accounts/challenge.ts";
import { hasSecondFactor } from "../../../registry/accounts/second-factor.ts";
import { startSession } from "../../../registry/accounts/sessions.ts";
import { readBrowserName } from "../../../registry/accounts/sign-in-limits.ts";
import type { User } from "../../../store/accounts/users.ts";
import { seeOther } from "../../answers.ts";
import { browserOf, type RequestContext } from "../../request/context.ts";
import { sessionCookie } from "../../cookies/session.ts";
import {
  endedChallengeCookie,
  knownBrowserCookie,
  knownBrowserIn,
  challengeCookie,
} from "../../cookies/sign-in.ts";

/** `via`: the provider that opened the account; `isNew`: the account begins just now. */
type SignedIn = {
  user: User;
  isRemembered: boolean;
  next: string;
  via?: string | null;
  isNew?: boolean;
};

/** Starts a challenge for a user with a second factor, and a session for others. */
export async function firstStepAnswer(
  app: App,
  context: RequestContext,
  signedIn: SignedIn,
): Promise<Response> {
  const { user, next, isRemembered, via = null } = signedIn;
  if (!(await hasSecondFactor(app.db, user))) return signedInAnswer(app, context, signedIn);
  const secret = await startChallenge(app, { user, isRemembered, via });
  const path = next === "/" ? "/sign-in/code" : `/sign-in/code?next=${encodeURIComponent(next)}`;
  return seeOther(path, [challengeCookie(app, secret)]);
}

export async function signedInAnswer(
  app: App,
  context: RequestContext,
  { user, isRemembered, next, via = null, isNew = false }: SignedIn,
): Promise<Response> {
  const isKnownBrowser = readBrowserName(app, user, knownBrowserIn(app, context.request)) !== null;
  const { secret, maxAgeSeconds } = await startSession(app, {
    user,
    browser: browserOf(context),
    isRemembered,
    via,
    isNewBrowser: !isNew && !isKnownBrowser,
  });
  const cookies = [
    sessionCookie(app, secret, maxAgeSeconds),
    endedChallengeCookie(app),
    knownBrowserCookie(app, user),
  ];
  return seeOther(next, cookies);
}
