// The second step of signing in: whoever is here has given the password and is not signed in yet.
import { Elysia } from "elysia";
import { SecondFactorPage } from "../../../../templates/sign-in/sign-in.tsx";
import { Failure } from "../../../errors.ts";
import { askForPasskey, canHavePasskeys, checkPasskey } from "../../../registry/accounts/passkeys.ts";
import {
  finishSignIn,
  consumeChallenge,
  type Challenge,
  type Proof,
} from "../../../registry/accounts/challenge.ts";
import { factorsOf } from "../../../registry/accounts/second-factor.ts";
import { accessFor } from "../../access.ts";
import { html, json, ownPath, statusOf, withRetry } from "../../answers.ts";
import { browserOf } from "../../request/client.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { signedInAnswer } from "./signed-in.ts";
import { publicFrameOf, type PageSetup } from "../../page.ts";

export function secondFactorPages(site: PageSetup) {
  const { app } = site;
  const afterPassword = { pending: true } as const;
  const show = (kind: Proof["kind"]) => {
    return ({ pending, query }: { pending: Challenge; query: Record<string, string> }) =>
      secondFactorPage(site, pending, { kind, next: ownPath(query["next"]) });
  };
  const take = (kind: Proof["kind"]) => {
    return async ({ request, body, pending, pendingSecret: secret }: Taken) => {
      const form = fields(body, ["code", "next"]);
      const next = ownPath(form.next);
      const proof = { kind, typed: form.code };
      const asked = { secret, pending, proof, browser: browserOf(request) };
      const refusal = await orFailure(() => finishSignIn(app, asked));
      if (refusal instanceof Failure) return secondFactorPage(site, pending, { kind, next, refusal });
      return signedInAnswer(app, request, { ...pending, next });
    };
  };
  return new Elysia({ name: "second-factor" })
    .use(accessFor(app))
    .get("/sign-in/code", show("code"), afterPassword)
    .post("/sign-in/code", take("code"), afterPassword)
    .get("/sign-in/recovery", show("recovery"), afterPassword)
    .post("/sign-in/recovery", take("recovery"), afterPassword)
    .post(
      "/sign-in/second-passkey/challenge",
      async ({ request, pending }) => {
        const { address } = browserOf(request);
        return json(await askForPasskey(app, { use: "second-factor", userId: pending.user.id, address }));
      },
      afterPassword,
    )
    .post(
      "/sign-in/second-passkey",
      async ({ request, body, pending, pendingSecret: secret }) => {
        const form = fields(body, ["answer", "next"]);
        const next = ownPath(form.next);
        const asked = { use: "second-factor", userId: pending.user.id, answer: form.answer } as const;
        const refusal = await orFailure(async () => {
          await checkPasskey(app, asked);
          await app.db.transaction((db) => consumeChallenge(app, db, secret));
        });
        if (refusal instanceof Failure)
          return secondFactorPage(site, pending, { kind: "code", next, refusal });
        return signedInAnswer(app, request, { ...pending, next });
      },
      afterPassword,
    );
}

type Taken = { request: Request; body: unknown; pending: Challenge; pendingSecret: string };

type Shown = { kind: Proof["kind"]; next: string; refusal?: Failure };

async function secondFactorPage(
  site: PageSetup,
  { user, via }: Challenge,
  { kind, next, refusal }: Shown,
): Promise<Response> {
  const { hasApp, passkeys, recoveryCodes } = await factorsOf(site.app.db, user);
  const shown = {
    outside: publicFrameOf(site),
    email: user.email,
    kind,
    via,
    next,
    problem: refusal ? problemOf(refusal) : null,
    hasApp,
    hasPasskeys: passkeys > 0 && canHavePasskeys(site.app),
    recoveryCodes,
  };
  const answer = html(SecondFactorPage(shown).html, refusal ? statusOf[refusal.kind] : 200);
  return refusal ? withRetry(answer, refusal) : answer;
}
