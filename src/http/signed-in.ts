// The answer to whoever has shown all that was asked: a session, and on to where they wanted to go.
import type { App } from "../app.ts";
import { startSession } from "../registry/sessions.ts";
import type { User } from "../store/users.ts";
import { seeOther } from "./answers.ts";
import { browserOf } from "./browser.ts";
import { sessionCookie } from "./session-cookie.ts";
import { endedPendingCookie, knownBrowserCookie } from "./sign-in-cookies.ts";

export async function signedInAnswer(
  app: App,
  request: Request,
  { user, isRemembered, next }: { user: User; isRemembered: boolean; next: string },
): Promise<Response> {
  const { secret, maxAgeSeconds } = await startSession(app, {
    user,
    browser: browserOf(request),
    isRemembered,
  });
  const cookies = [
    sessionCookie(app, secret, maxAgeSeconds),
    endedPendingCookie(app),
    knownBrowserCookie(app, user),
  ];
  return seeOther(next, cookies);
}
