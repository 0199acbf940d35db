// Creates an account, and verifies an address by the link that was mailed to it.
import {
  EmailVerifiedPage,
  RestoreEmailPage,
  SignUpPage,
  SignUpSentPage,
  VerifyEmailPage,
} from "../../../../templates/sign-in/sign-up.tsx";
import { Failure, notFound } from "../../../errors.ts";
import { openUndo, undoEmailChange } from "../../../registry/accounts/address-undo.ts";
import { confirmEmail, openVerification } from "../../../registry/accounts/addresses.ts";
import { finishSignUp, openSignUp, requestSignUp } from "../../../registry/accounts/sign-up.ts";
import { routesOf } from "../../access.ts";
import { html, seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { endedSessionCookie } from "../../cookies/session.ts";
import { endedChallengeCookie } from "../../cookies/sign-in.ts";
import { signedInAnswer } from "./signed-in.ts";
import { publicFrameOf, sendsMail, signInProviders, type PageSetup } from "../../page.ts";
import { throughLink } from "./void-link.ts";

const toAccount = { href: "/account", text: "Go to your account" };
const reset = { href: "/reset-password", text: "Choose a new password" };

export function signUpPages(setup: PageSetup) {
  const { app } = setup;
  const outside = publicFrameOf(setup);
  const providers = signInProviders(app);
  const sends = sendsMail(app);
  return routesOf(app, "sign-up")
    .get(
      "/sign-up",
      ({ viewer }) => {
        if (viewer) return seeOther("/");
        if (!app.config.signUpEnabled) throw notFound("There is no page at this address.");
        const props = { outside, form: { name: "", email: "" }, problem: null, providers, sendsMail: sends };
        return html(SignUpPage(props).html);
      },
      { visitor: true },
    )
    .post(
      "/sign-up",
      async ({ context, body }) => {
        const form = fields(body, ["name", "email", "password"]);
        const client = context.address;
        const requested = await orFailure(() => requestSignUp(app, { ...form, client }));
        if (requested instanceof Failure)
          return html(
            SignUpPage({ outside, form, problem: problemOf(requested), providers, sendsMail: sends }).html,
            statusOf[requested.kind],
          );
        return html(SignUpSentPage({ outside, email: requested.email, sendsMail: sends }).html);
      },
      { visitor: true },
    )
    .get(
      "/verify-email/:secret",
      async ({ params: { secret } }) => {
        const link = await throughLink(setup, toAccount, async () => {
          const begins = await openSignUp(app, secret);
          return begins
            ? { ...begins, begins: true }
            : { ...(await openVerification(app, secret)), begins: false };
        });
        if (link instanceof Response) return link;
        return html(VerifyEmailPage({ outside, secret, ...link }).html);
      },
      { visitor: true },
    )
    .post(
      "/verify-email/:secret",
      async ({ context, params: { secret }, body }) => {
        fields(body, []);
        const done = await throughLink(setup, toAccount, async () =>
          (await openSignUp(app, secret))
            ? { user: await finishSignUp(app, secret) }
            : await confirmEmail(app, secret),
        );
        if (done instanceof Response) return done;
        if ("user" in done)
          return signedInAnswer(app, context, { user: done.user, isRemembered: false, next: "/" });
        return html(EmailVerifiedPage({ outside, email: done.email }).html);
      },
      { visitor: true },
    )
    .get(
      "/verify-email/undo/:secret",
      async ({ params: { secret } }) => {
        const undo = await throughLink(setup, reset, () => openUndo(app, secret));
        if (undo instanceof Response) return undo;
        return html(RestoreEmailPage({ outside, secret, email: undo.email }).html);
      },
      { visitor: true },
    )
    .post(
      "/verify-email/undo/:secret",
      async ({ params: { secret }, body }) => {
        fields(body, []);
        const done = await throughLink(setup, reset, () => undoEmailChange(app, secret));
        if (done instanceof Response) return done;
        return seeOther(done.resetPath, [endedSessionCookie(app), endedChallengeCookie(app)]);
      },
      { visitor: true },
    );
}
