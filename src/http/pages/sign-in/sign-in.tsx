// Signing in and out.
import { SignInPage } from "../../../../templates/sign-in/sign-in.tsx";
import { Failure } from "../../../errors.ts";
import { askForPasskey, canHavePasskeys, checkPasskey } from "../../../registry/accounts/passkeys.ts";
import { endSession } from "../../../registry/accounts/sessions.ts";
import { checkSignIn } from "../../../registry/accounts/sign-in.ts";
import { hasUsers } from "../../../store/accounts/users.ts";
import { routesOf } from "../../access.ts";
import { html, json, ownPath, seeOther, statusOf, withRetry } from "../../answers.ts";
import { browserOf } from "../../request/context.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { endedSessionCookie } from "../../cookies/session.ts";
import { endedChallengeCookie, knownBrowserIn } from "../../cookies/sign-in.ts";
import { firstStepAnswer, signedInAnswer } from "./signed-in.ts";
import { publicFrameOf, signInProviders, type PageSetup } from "../../page.ts";

export function signInPages(setup: PageSetup) {
  const { app } = setup;
  const visitor = { visitor: true } as const;
  return routesOf(app, "sign-in")
    .get(
      "/sign-in",
      async ({ viewer, query }) => {
        const next = ownPath(query["next"]);
        if (viewer) return seeOther(next);
        const isNew = !(await hasUsers(app.db));
        return signInPage(setup, { next, isNew, hasEnded: query["ended"] === "1" });
      },
      visitor,
    )
    .post(
      "/sign-in",
      async ({ context, body, request }) => {
        const form = fields(body, ["email", "password", "remember", "next"]);
        const next = ownPath(form.next);
        const attempt = { ...form, browser: browserOf(context), known: knownBrowserIn(app, request) };
        const user = await orFailure(() => checkSignIn(app, attempt));
        if (user instanceof Failure) return signInPage(setup, { next, email: form.email, refusal: user });
        const isRemembered = form.remember === "1";
        return firstStepAnswer(app, context, { user, isRemembered, next });
      },
      visitor,
    )
    .post(
      "/sign-in/passkey/challenge",
      async ({ context }) => {
        const { address } = context;
        return json(await askForPasskey(app, { use: "sign-in", userId: null, address }));
      },
      visitor,
    )
    .post(
      "/sign-in/passkey",
      async ({ context, body }) => {
        const form = fields(body, ["answer", "next"]);
        const next = ownPath(form.next);
        const attempt = { use: "sign-in", userId: null, answer: form.answer } as const;
        const user = await orFailure(() => checkPasskey(app, attempt));
        if (user instanceof Failure) return signInPage(setup, { next, refusal: user });
        return signedInAnswer(app, context, { user, isRemembered: false, next });
      },
      visitor,
    )
    .post(
      "/sign-out",
      async ({ viewer }) => {
        if (viewer) await endSession(app, viewer);
        const answer = seeOther("/sign-in", [endedSessionCookie(app), endedChallengeCookie(app)]);
        answer.headers.set("Clear-Site-Data", '"storage", "cache"');
        return answer;
      },
      visitor,
    );
}

type FormState = { next: string; email?: string; refusal?: Failure; isNew?: boolean; hasEnded?: boolean };

function signInPage(setup: PageSetup, { next, email = "", refusal, isNew, hasEnded }: FormState): Response {
  const problem = refusal ? problemOf(refusal) : null;
  const { app } = setup;
  const props = {
    outside: publicFrameOf(setup),
    next,
    email,
    problem,
    hasPasskeys: canHavePasskeys(app),
    canSignUp: app.config.signUpEnabled,
    providers: signInProviders(app),
    isNew,
    hasEnded,
  };
  const answer = html(SignInPage(props).html, refusal ? statusOf[refusal.kind] : 200);
  return refusal ? withRetry(answer, refusal) : answer;
}
