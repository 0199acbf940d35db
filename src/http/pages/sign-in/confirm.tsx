// Confirms the user before something sensitive. A user without any factor cannot confirm.
import { ConfirmPage } from "../../../../templates/sign-in/confirm.tsx";
import { Failure } from "../../../errors.ts";
import { confirmWithCode } from "../../../registry/accounts/confirm.ts";
import { identityProvidersOf } from "../../../registry/accounts/identities.ts";
import { askForPasskey, canHavePasskeys, checkPasskey } from "../../../registry/accounts/passkeys.ts";
import { factorsOf } from "../../../registry/accounts/second-factor.ts";
import { confirmSession } from "../../../registry/accounts/sessions.ts";
import { checkPassword } from "../../../registry/accounts/sign-in.ts";
import { findMembership } from "../../../store/organizations/members.ts";
import { routesOf } from "../../access.ts";
import { json, ownPath, seeOther, statusOf, withRetry } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { sessionCookie } from "../../cookies/session.ts";
import { page, type PageContext, type PageSetup } from "../../page.ts";
import { isPasswordHash } from "../../../registry/accounts/password-forms.ts";

export function confirmPages(setup: PageSetup) {
  const { app } = setup;
  const person = { person: "signed-in" } as const;
  const finish = async (context: PageContext, next: string, check: () => Promise<unknown>) => {
    const refusal = await orFailure(check);
    if (refusal instanceof Failure) return confirmPage(setup, context, { next, refusal });
    const { secret, maxAgeSeconds } = await confirmSession(app, context.viewer);
    return seeOther(next, [sessionCookie(app, secret, maxAgeSeconds)]);
  };
  return routesOf(app, "confirm")
    .get(
      "/confirm",
      ({ query, context }) => confirmPage(setup, context, { next: ownPath(query["next"]) }),
      person,
    )
    .post(
      "/confirm",
      ({ body, context }) => {
        const { password, code, next } = fields(body, ["password", "code", "next"]);
        const { viewer } = context;
        const { user } = viewer;
        return finish(context, ownPath(next), () =>
          isPasswordHash(user.password_hash)
            ? checkPassword(app, { email: user.email, password })
            : confirmWithCode(app, viewer, code),
        );
      },
      person,
    )
    .post(
      "/confirm/passkey/challenge",
      async ({ context, viewer: { user } }) => {
        const { address } = context;
        return json(await askForPasskey(app, { use: "confirm", userId: user.id, address }));
      },
      person,
    )
    .post(
      "/confirm/passkey",
      ({ body, context }) => {
        const { answer, next } = fields(body, ["answer", "next"]);
        const attempt = { use: "confirm", userId: context.viewer.user.id, answer } as const;
        return finish(context, ownPath(next), () => checkPasskey(app, attempt));
      },
      person,
    );
}

/** In the frame of the organization that the act is about. */
async function confirmPage(
  setup: PageSetup,
  context: PageContext,
  { next, refusal }: { next: string; refusal?: Failure },
): Promise<Response> {
  const { app } = setup;
  const { user } = context.viewer;
  const { hasApp, passkeys } = await factorsOf(app.db, user);
  const hasPassword = isPasswordHash(user.password_hash);
  const slug = /^\/organizations\/([a-z0-9-]{1,39})(?:[/?]|$)/.exec(next)?.[1];
  const membership = slug === undefined ? null : await findMembership(app.db, slug, user.id);
  const props = {
    next,
    problem: refusal ? problemOf(refusal) : null,
    hasPassword,
    hasApp,
    hasPasskeys: passkeys > 0 && canHavePasskeys(app),
    providers: hasPassword ? [] : await identityProvidersOf(app, user),
  };
  const answer = await page(setup, membership ? { ...context, membership } : context, {
    status: refusal ? statusOf[refusal.kind] : 200,
    render: (shell) => ConfirmPage({ shell, ...props }),
  });
  return refusal ? withRetry(answer, refusal) : answer;
}
