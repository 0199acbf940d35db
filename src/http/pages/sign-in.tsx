// Signing in and out, and giving the password again before something sensitive.
import { Elysia } from "elysia";
import { ConfirmPage, SignInPage } from "../../../templates/sign-in.tsx";
import { Failure } from "../../errors.ts";
import { checkPassword } from "../../registry/sign-in.ts";
import { confirmSession, endSession, startSession } from "../../registry/sessions.ts";
import { accessFor } from "../access.ts";
import { html, ownPath, seeOther, statusOf } from "../answers.ts";
import { browserOf } from "../browser.ts";
import { fields, orFailure, problemOf } from "../forms.ts";
import { endedSessionCookie, sessionCookie } from "../session-cookie.ts";
import type { Site } from "../site.ts";

export function signInPages({ app, asset }: Site) {
  const { appName, appUrl } = app.config;
  const outside = { appName, appUrl, asset };
  return new Elysia({ name: "sign-in" })
    .use(accessFor(app))
    .get(
      "/sign-in",
      ({ viewer, query }) => {
        const next = ownPath(query["next"]);
        if (viewer) return seeOther(next);
        return html(SignInPage({ ...outside, next, email: "", problem: null }).html);
      },
      { visitor: true },
    )
    .post(
      "/sign-in",
      async ({ body, request }) => {
        const form = fields(body, ["email", "password", "remember", "next"]);
        const next = ownPath(form.next);
        const user = await orFailure(() => checkPassword(app, form));
        if (user instanceof Failure) {
          const shown = { ...outside, next, email: form.email, problem: problemOf(user) };
          return html(SignInPage(shown).html, statusOf[user.kind]);
        }
        const isRemembered = form.remember === "1";
        const started = await startSession(app, { user, browser: browserOf(request), isRemembered });
        return seeOther(next, [sessionCookie(app, started.secret, started.maxAgeSeconds)]);
      },
      { visitor: true },
    )
    .post(
      "/sign-out",
      async ({ viewer }) => {
        if (viewer) await endSession(app, viewer);
        const answer = seeOther("/sign-in", [endedSessionCookie(app)]);
        answer.headers.set("Clear-Site-Data", '"cookies", "storage", "cache"');
        return answer;
      },
      { visitor: true },
    )
    .get(
      "/confirm",
      ({ viewer, query }) =>
        html(
          ConfirmPage({ ...outside, next: ownPath(query["next"]), email: viewer.user.email, problem: null })
            .html,
        ),
      { person: "signed-in" },
    )
    .post(
      "/confirm",
      async ({ viewer, body }) => {
        const form = fields(body, ["password", "next"]);
        const { email } = viewer.user;
        const next = ownPath(form.next);
        const user = await orFailure(() => checkPassword(app, { email, password: form.password }));
        if (user instanceof Failure)
          return html(
            ConfirmPage({ ...outside, next, email, problem: problemOf(user) }).html,
            statusOf[user.kind],
          );
        const secret = await confirmSession(app, viewer);
        return seeOther(next, [sessionCookie(app, secret, null)]);
      },
      { person: "signed-in" },
    );
}
