// Showing again who is there, before something sensitive. Whoever has nothing to show is not taken to be right.
import { Elysia } from "elysia";
import { ConfirmPage } from "../../../templates/confirm.tsx";
import { Failure } from "../../errors.ts";
import { confirmWithCode } from "../../registry/people/confirm.ts";
import { providersOf } from "../../registry/people/identities.ts";
import { askForPasskey, canHavePasskeys, checkPasskey } from "../../registry/people/passkeys.ts";
import { factorsOf } from "../../registry/people/second-factor.ts";
import { confirmSession, type Viewer } from "../../registry/people/sessions.ts";
import { checkPassword } from "../../registry/people/sign-in.ts";
import { accessFor } from "../access.ts";
import { html, json, ownPath, seeOther, statusOf, withRetry } from "../answers.ts";
import { browserOf } from "../browser.ts";
import { fields, orFailure, problemOf } from "../forms.ts";
import { sessionCookie } from "../session-cookie.ts";
import { outsideOf, type Site } from "../site.ts";
import { isPasswordHash } from "../../registry/people/password-forms.ts";

export function confirmPages(site: Site) {
  const { app } = site;
  const person = { person: "signed-in" } as const;
  const finish = async (viewer: Viewer, next: string, check: () => Promise<unknown>) => {
    const refusal = await orFailure(check);
    if (refusal instanceof Failure) return confirmPage(site, viewer, { next, refusal });
    const { secret, maxAgeSeconds } = await confirmSession(app, viewer);
    return seeOther(next, [sessionCookie(app, secret, maxAgeSeconds)]);
  };
  return new Elysia({ name: "confirm" })
    .use(accessFor(app))
    .get(
      "/confirm",
      ({ viewer, query }) => confirmPage(site, viewer, { next: ownPath(query["next"]) }),
      person,
    )
    .post(
      "/confirm",
      ({ viewer, body }) => {
        const { password, code, next } = fields(body, ["password", "code", "next"]);
        const { user } = viewer;
        return finish(viewer, ownPath(next), () =>
          isPasswordHash(user.password_hash)
            ? checkPassword(app, { email: user.email, password })
            : confirmWithCode(app, viewer, code),
        );
      },
      person,
    )
    .post(
      "/confirm/passkey/challenge",
      async ({ viewer: { user }, request }) => {
        const { address } = browserOf(request);
        return json(await askForPasskey(app, { use: "confirm", userId: user.id, address }));
      },
      person,
    )
    .post(
      "/confirm/passkey",
      ({ viewer, body }) => {
        const { answer, next } = fields(body, ["answer", "next"]);
        const asked = { use: "confirm", userId: viewer.user.id, answer } as const;
        return finish(viewer, ownPath(next), () => checkPasskey(app, asked));
      },
      person,
    );
}

async function confirmPage(
  site: Site,
  { user }: Viewer,
  { next, refusal }: { next: string; refusal?: Failure },
): Promise<Response> {
  const { hasApp, passkeys } = await factorsOf(site.app.db, user);
  const hasPassword = isPasswordHash(user.password_hash);
  const shown = {
    outside: outsideOf(site),
    next,
    email: user.email,
    problem: refusal ? problemOf(refusal) : null,
    hasPassword,
    hasApp,
    hasPasskeys: passkeys > 0 && canHavePasskeys(site.app),
    providers: hasPassword ? [] : await providersOf(site.app, user),
  };
  const answer = html(ConfirmPage(shown).html, refusal ? statusOf[refusal.kind] : 200);
  return refusal ? withRetry(answer, refusal) : answer;
}
