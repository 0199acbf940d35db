// The second step of signing in: whoever is here has given the password and is not signed in yet.
import { Elysia } from "elysia";
import { SecondFactorPage } from "../../../templates/sign-in.tsx";
import { Failure, unauthenticated } from "../../errors.ts";
import { askForPasskey, canHavePasskeys, checkPasskey } from "../../registry/passkeys.ts";
import {
  findPending,
  finishSignIn,
  usePending,
  type Pending,
  type Proof,
} from "../../registry/pending-sign-in.ts";
import { factorsOf } from "../../registry/second-factor.ts";
import { accessFor } from "../access.ts";
import { html, json, ownPath, statusOf, withRetry } from "../answers.ts";
import { browserOf } from "../browser.ts";
import { fields, orFailure, problemOf } from "../forms.ts";
import { pendingSecretIn } from "../sign-in-cookies.ts";
import { signedInAnswer } from "../signed-in.ts";
import { outsideOf, type Site } from "../site.ts";

export function secondFactorPages(site: Site) {
  const { app } = site;
  const visitor = { visitor: true } as const;
  const show = (kind: Proof["kind"]) => {
    return async ({ request, query }: { request: Request; query: Record<string, string> }) => {
      const { pending } = await pendingOf(site, request);
      return secondFactorPage(site, pending, { kind, next: ownPath(query["next"]) });
    };
  };
  const take = (kind: Proof["kind"]) => {
    return async ({ request, body }: { request: Request; body: unknown }) => {
      const form = fields(body, ["code", "next"]);
      const next = ownPath(form.next);
      const { secret, pending } = await pendingOf(site, request);
      const proof = { kind, typed: form.code };
      const asked = { secret, pending, proof, browser: browserOf(request) };
      const refusal = await orFailure(() => finishSignIn(app, asked));
      if (refusal instanceof Failure) return secondFactorPage(site, pending, { kind, next, refusal });
      return signedInAnswer(app, request, { ...pending, next });
    };
  };
  return new Elysia({ name: "second-factor" })
    .use(accessFor(app))
    .get("/sign-in/code", show("code"), visitor)
    .post("/sign-in/code", take("code"), visitor)
    .get("/sign-in/recovery", show("recovery"), visitor)
    .post("/sign-in/recovery", take("recovery"), visitor)
    .post(
      "/sign-in/second-passkey/challenge",
      async ({ request }) => {
        const { pending } = await pendingOf(site, request);
        const { address } = browserOf(request);
        return json(await askForPasskey(app, { use: "second-factor", userId: pending.user.id, address }));
      },
      visitor,
    )
    .post(
      "/sign-in/second-passkey",
      async ({ request, body }) => {
        const form = fields(body, ["answer", "next"]);
        const next = ownPath(form.next);
        const { secret, pending } = await pendingOf(site, request);
        const asked = { use: "second-factor", userId: pending.user.id, answer: form.answer } as const;
        const refusal = await orFailure(async () => {
          await checkPasskey(app, asked);
          await app.db.transaction((db) => usePending(app, db, secret));
        });
        if (refusal instanceof Failure)
          return secondFactorPage(site, pending, { kind: "code", next, refusal });
        return signedInAnswer(app, request, { ...pending, next });
      },
      visitor,
    );
}

/** Fails for whoever has not given a password in this browser in the last ten minutes. */
async function pendingOf({ app }: Site, request: Request): Promise<{ secret: string; pending: Pending }> {
  const secret = pendingSecretIn(app, request);
  const pending = await findPending(app, secret);
  if (secret === null || pending === null)
    throw unauthenticated("Start again with your password.", { code: "sign_in" });
  return { secret, pending };
}

type Shown = { kind: Proof["kind"]; next: string; refusal?: Failure };

async function secondFactorPage(
  site: Site,
  { user }: Pending,
  { kind, next, refusal }: Shown,
): Promise<Response> {
  const { hasApp, passkeys, recoveryCodes } = await factorsOf(site.app.db, user);
  const shown = {
    outside: outsideOf(site),
    email: user.email,
    kind,
    next,
    problem: refusal ? problemOf(refusal) : null,
    hasApp,
    hasPasskeys: passkeys > 0 && canHavePasskeys(site.app),
    recoveryCodes,
  };
  const answer = html(SecondFactorPage(shown).html, refusal ? statusOf[refusal.kind] : 200);
  return refusal ? withRetry(answer, refusal) : answer;
}
