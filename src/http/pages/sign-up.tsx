// Making an account, and confirming an address by the link that was mailed there.
import { Elysia } from "elysia";
import {
  EmailVerifiedPage,
  SignUpPage,
  SignUpSentPage,
  VerifyEmailPage,
} from "../../../templates/sign-up.tsx";
import { Failure, notFound } from "../../errors.ts";
import { confirmEmail, openVerification } from "../../registry/addresses.ts";
import { startSession } from "../../registry/sessions.ts";
import { finishSignUp, openSignUp, requestSignUp } from "../../registry/sign-up.ts";
import type { User } from "../../store/users.ts";
import { accessFor } from "../access.ts";
import { html, seeOther, statusOf } from "../answers.ts";
import { browserOf } from "../browser.ts";
import { fields, orFailure, problemOf } from "../forms.ts";
import { sessionCookie } from "../session-cookie.ts";
import { outsideOf, type Site } from "../site.ts";
import { throughLink } from "../void-link.ts";

const another = { href: "/account", words: "Go to your account" };

export function signUpPages(site: Site) {
  const { app } = site;
  const outside = outsideOf(site);
  return new Elysia({ name: "sign-up" })
    .use(accessFor(app))
    .get(
      "/sign-up",
      ({ viewer }) => {
        if (viewer) return seeOther("/");
        if (!app.config.signUpEnabled) throw notFound("There is nothing at this address.");
        return html(SignUpPage({ outside, form: { name: "", email: "" }, problem: null }).html);
      },
      { visitor: true },
    )
    .post(
      "/sign-up",
      async ({ body, request }) => {
        const form = fields(body, ["name", "email", "password"]);
        const client = browserOf(request).address;
        const asked = await orFailure(() => requestSignUp(app, { ...form, client }));
        if (asked instanceof Failure)
          return html(SignUpPage({ outside, form, problem: problemOf(asked) }).html, statusOf[asked.kind]);
        return html(SignUpSentPage({ outside, email: asked.email }).html);
      },
      { visitor: true },
    )
    .get(
      "/verify-email/:secret",
      async ({ params: { secret } }) => {
        const opened = await throughLink(site, another, async () => {
          const begins = await openSignUp(app, secret);
          return begins
            ? { ...begins, begins: true }
            : { ...(await openVerification(app, secret)), begins: false };
        });
        if (opened instanceof Response) return opened;
        return html(VerifyEmailPage({ outside, secret, ...opened }).html);
      },
      { visitor: true },
    )
    .post(
      "/verify-email/:secret",
      async ({ params: { secret }, body, request }) => {
        fields(body, []);
        const done = await throughLink(site, another, async () =>
          (await openSignUp(app, secret))
            ? { user: await finishSignUp(app, secret) }
            : await confirmEmail(app, secret),
        );
        if (done instanceof Response) return done;
        if ("user" in done) return signedIn(site, request, done.user);
        return html(EmailVerifiedPage({ outside, email: done.email }).html);
      },
      { visitor: true },
    );
}

/** Whoever has just made an account goes on as that person. */
export async function signedIn({ app }: Site, request: Request, user: User, next = "/"): Promise<Response> {
  const started = await startSession(app, { user, browser: browserOf(request), isRemembered: false });
  return seeOther(next, [sessionCookie(app, started.secret, started.maxAgeSeconds)]);
}
