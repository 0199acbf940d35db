// Resets a forgotten password, for users who are not signed in.
import {
  AskResetPage,
  NewPasswordPage,
  PasswordChangedPage,
  ResetSentPage,
} from "../../../../templates/sign-in/password-reset.tsx";
import { Failure } from "../../../errors.ts";
import {
  openPasswordReset,
  requestPasswordReset,
  resetByLink,
} from "../../../registry/accounts/password-reset.ts";
import { routesOf } from "../../access.ts";
import { html, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { endedSessionCookie } from "../../cookies/session.ts";
import { endedChallengeCookie, knownBrowserCookie } from "../../cookies/sign-in.ts";
import { publicFrameOf, sendsMail, type PageSetup } from "../../page.ts";
import { throughLink } from "./void-link.ts";

const newLink = { href: "/reset-password", text: "Request a new link" };

export function passwordResetPages(setup: PageSetup) {
  const { app } = setup;
  const outside = publicFrameOf(setup);
  const sends = sendsMail(app);
  return routesOf(app, "password-reset")
    .get(
      "/reset-password",
      ({ viewer }) =>
        html(
          AskResetPage({ outside, email: viewer?.user.email ?? "", problem: null, sendsMail: sends }).html,
        ),
      { visitor: true },
    )
    .post(
      "/reset-password",
      async ({ context, body }) => {
        const { email } = fields(body, ["email"]);
        const client = context.address;
        const requested = await orFailure(() => requestPasswordReset(app, { email, client }));
        if (requested instanceof Failure)
          return html(
            AskResetPage({ outside, email, problem: problemOf(requested), sendsMail: sends }).html,
            statusOf[requested.kind],
          );
        return html(ResetSentPage({ outside, email: requested.email, sendsMail: sends }).html);
      },
      { visitor: true },
    )
    .get(
      "/reset-password/:secret",
      async ({ params: { secret } }) => {
        const user = await throughLink(setup, newLink, () => openPasswordReset(app, secret));
        if (user instanceof Response) return user;
        return html(NewPasswordPage({ outside, secret, email: user.email, problem: null }).html);
      },
      { visitor: true },
    )
    .post(
      "/reset-password/:secret",
      async ({ params: { secret }, body }) => {
        const { password } = fields(body, ["password"]);
        const user = await throughLink(setup, newLink, () =>
          orFailure(() => resetByLink(app, { secret, password })),
        );
        if (user instanceof Response) return user;
        if (user instanceof Failure) {
          const { email } = await openPasswordReset(app, secret);
          const page = NewPasswordPage({ outside, secret, email, problem: problemOf(user) });
          return html(page.html, statusOf[user.kind]);
        }
        return html(PasswordChangedPage({ outside }).html, 200, [
          endedSessionCookie(app),
          endedChallengeCookie(app),
          // Whoever reads the account's mail can sign in from this browser, however often strangers guess.
          knownBrowserCookie(app, user),
        ]);
      },
      { visitor: true },
    );
}
