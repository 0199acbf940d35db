// The second step of signing in: the user has given the password and is not signed in yet.
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
import { routesOf } from "../../access.ts";
import { html, json, ownPath, statusOf, withRetry } from "../../answers.ts";
import { browserOf, type RequestContext } from "../../request/context.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { signedInAnswer } from "./signed-in.ts";
import { publicFrameOf, type PageSetup } from "../../page.ts";

export function secondFactorPages(setup: PageSetup) {
  const { app } = setup;
  const afterPassword = { challenge: true } as const;
  const show = (kind: Proof["kind"]) => {
    return ({ challenge, query }: { challenge: Challenge; query: Record<string, string> }) =>
      secondFactorPage(setup, challenge, { kind, next: ownPath(query["next"]) });
  };
  const submit = (kind: Proof["kind"]) => {
    return async ({ context, body, challenge, challengeSecret: secret }: Submitted) => {
      const form = fields(body, ["code", "next"]);
      const next = ownPath(form.next);
      const proof = { kind, typed: form.code };
      const answer = { secret, pending: challenge, proof, browser: browserOf(context) };
      const refusal = await orFailure(() => finishSignIn(app, answer));
      if (refusal instanceof Failure) return secondFactorPage(setup, challenge, { kind, next, refusal });
      return signedInAnswer(app, context, { ...challenge, next });
    };
  };
  return routesOf(app, "second-factor")
    .get("/sign-in/code", show("code"), afterPassword)
    .post("/sign-in/code", submit("code"), afterPassword)
    .get("/sign-in/recovery", show("recovery"), afterPassword)
    .post("/sign-in/recovery", submit("recovery"), afterPassword)
    .post(
      "/sign-in/second-passkey/challenge",
      async ({ context, challenge }) => {
        const { address } = context;
        return json(await askForPasskey(app, { use: "second-factor", userId: challenge.user.id, address }));
      },
      afterPassword,
    )
    .post(
      "/sign-in/second-passkey",
      async ({ context, body, challenge, challengeSecret: secret }) => {
        const form = fields(body, ["answer", "next"]);
        const next = ownPath(form.next);
        const attempt = { use: "second-factor", userId: challenge.user.id, answer: form.answer } as const;
        const refusal = await orFailure(async () => {
          await checkPasskey(app, attempt);
          await app.db.transaction((db) => consumeChallenge(app, db, secret));
        });
        if (refusal instanceof Failure)
          return secondFactorPage(setup, challenge, { kind: "code", next, refusal });
        return signedInAnswer(app, context, { ...challenge, next });
      },
      afterPassword,
    );
}

type Submitted = {
  context: RequestContext;
  body: unknown;
  challenge: Challenge;
  challengeSecret: string;
};

type FormState = { kind: Proof["kind"]; next: string; refusal?: Failure };

async function secondFactorPage(
  setup: PageSetup,
  { user, via }: Challenge,
  { kind, next, refusal }: FormState,
): Promise<Response> {
  const { hasApp, passkeys, recoveryCodes } = await factorsOf(setup.app.db, user);
  const props = {
    outside: publicFrameOf(setup),
    email: user.email,
    kind,
    via,
    next,
    problem: refusal ? problemOf(refusal) : null,
    hasApp,
    hasPasskeys: passkeys > 0 && canHavePasskeys(setup.app),
    recoveryCodes,
  };
  const answer = html(SecondFactorPage(props).html, refusal ? statusOf[refusal.kind] : 200);
  return refusal ? withRetry(answer, refusal) : answer;
}
