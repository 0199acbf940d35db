// The answer to whoever has made the first step, or has shown all that was asked: a session, and on to where they
// wanted to go.
import type { App } from "../../../app.ts";
import { beginSignIn } from "../../../registry/accounts/pending-sign-in.ts";
import { hasSecondFactor } from "../../../registry/accounts/second-factor.ts";
import { startSession } from "../../../registry/accounts/sessions.ts";
import { nameOfBrowser } from "../../../registry/accounts/sign-in-limits.ts";
import type { User } from "../../../store/accounts/users.ts";
import { seeOther } from "../../answers.ts";
import { browserOf } from "../../request/client.ts";
import { sessionCookie } from "../../cookies/session.ts";
import {
  endedPendingCookie,
  knownBrowserCookie,
  knownBrowserIn,
  pendingCookie,
} from "../../cookies/sign-in.ts";

/** `via`: the provider that opened the account; `isNew`: the account begins just now. */
export type SignedIn = {
  user: User;
  isRemembered: boolean;
  next: string;
  via?: string | null;
  isNew?: boolean;
};

/** Whoever has a second factor is asked for it. */
export async function firstStepAnswer(app: App, request: Request, opened: SignedIn): Promise<Response> {
  const { user, next, isRemembered, via = null } = opened;
  if (!(await hasSecondFactor(app.db, user))) return signedInAnswer(app, request, opened);
  const secret = await beginSignIn(app, { user, isRemembered, via });
  const path = next === "/" ? "/sign-in/code" : `/sign-in/code?next=${encodeURIComponent(next)}`;
  return seeOther(path, [pendingCookie(app, secret)]);
}

export async function signedInAnswer(
  app: App,
  request: Request,
  { user, isRemembered, next, via = null, isNew = false }: SignedIn,
): Promise<Response> {
  const isKnownBrowser = nameOfBrowser(app, user, knownBrowserIn(app, request)) !== null;
  const { secret, maxAgeSeconds } = await startSession(app, {
    user,
    browser: browserOf(request),
    isRemembered,
    via,
    isNewBrowser: !isNew && !isKnownBrowser,
  });
  const cookies = [
    sessionCookie(app, secret, maxAgeSeconds),
    endedPendingCookie(app),
    knownBrowserCookie(app, user),
  ];
  return seeOther(next, cookies);
}
