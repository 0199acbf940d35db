// What opens the person's account: code app and recovery codes here, passkeys beside.
import {
  AppSetupPage,
  RecoveryCodesPage,
  RemoveFactorPage,
} from "../../../../templates/accounts/second-factors.tsx";
import { AccountSecurityPage } from "../../../../templates/accounts/security.tsx";
import { Failure, notFound } from "../../../errors.ts";
import { canHavePasskeys } from "../../../registry/accounts/passkeys.ts";
import {
  beginApp,
  confirmApp,
  factorsOf,
  hasApp,
  removeApp,
  renewRecoveryCodes,
  type Changed,
} from "../../../registry/accounts/second-factor.ts";
import type { Viewer } from "../../../registry/accounts/sessions.ts";
import { enrolmentOf } from "../../../registry/accounts/totp.ts";
import { listPasskeys } from "../../../store/accounts/passkeys.ts";
import { findUserById } from "../../../store/accounts/users.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf, withRetry } from "../../answers.ts";
import { fields, orFailure, problemOf } from "../../forms.ts";
import { sessionCookie, toastCookie } from "../../cookies/session.ts";
import { onceCookie, onceIn, shownOnceCookie } from "../../cookies/once.ts";
import { page, type PageContext, type PageSetup } from "../../page.ts";
import { isPasswordHash } from "../../../registry/accounts/password-forms.ts";

const base = "/account/security";

export function accountSecurityPages(setup: PageSetup) {
  const { app } = setup;
  const person = { person: "signed-in" } as const;
  const confirmed = { person: "confirmed" } as const;
  return routesOf(app, "account-security")
    .get(base, ({ context }) => securityPage(setup, context), person)
    .get(`${base}/app`, ({ context }) => appPage(setup, context), confirmed)
    .post(
      `${base}/app/confirm`,
      async ({ body, context }) => {
        const { code } = fields(body, ["code"]);
        const changed = await orFailure(() => confirmApp(app, context.viewer, code));
        if (changed instanceof Failure) return appPage(setup, context, changed);
        return changedAnswer(setup, context.viewer, changed, "The authenticator app was added.");
      },
      confirmed,
    )
    .get(
      `${base}/app/remove`,
      async ({ context }) => {
        const { user } = context.viewer;
        if (!hasApp(user)) throw notFound("There is no authenticator app to remove.");
        const props = {
          title: "Remove the authenticator app?",
          action: `${base}/app/remove`,
          verb: "Remove app",
        };
        const isLast = (await listPasskeys(app.db, user.id)).length === 0;
        return page(setup, context, { render: (shell) => RemoveFactorPage({ shell, ...props, isLast }) });
      },
      confirmed,
    )
    .post(
      `${base}/app/remove`,
      async ({ viewer }) => {
        const session = await removeApp(app, viewer);
        return changedAnswer(setup, viewer, { session, codes: null }, "The authenticator app was removed.");
      },
      confirmed,
    )
    .get(`${base}/recovery-codes`, ({ context }) => recoveryCodesPage(setup, context), person)
    .post(
      `${base}/recovery-codes`,
      async ({ viewer }) =>
        codesAnswer(setup, viewer, { codes: await renewRecoveryCodes(app, viewer), isFirst: false }),
      confirmed,
    );
}

/** To the recovery codes when some were just made, else back to the page. */
export function changedAnswer({ app }: PageSetup, viewer: Viewer, changed: Changed, toast: string): Response {
  const { secret, maxAgeSeconds } = changed.session;
  const cookie = sessionCookie(app, secret, maxAgeSeconds);
  if (changed.codes === null) return seeOther(base, [cookie, toastCookie(app, toast)]);
  return codesAnswer({ app }, viewer, { codes: changed.codes, isFirst: true }, [
    cookie,
    toastCookie(app, toast),
  ]);
}

/** `isFirst`: there were none before. */
type MadeCodes = { codes: string[]; isFirst: boolean };

function codesAnswer(
  { app }: Pick<PageSetup, "app">,
  viewer: Viewer,
  made: MadeCodes,
  cookies: string[] = [],
): Response {
  const once = onceCookie(app, viewer, { id: "recovery-codes", secret: JSON.stringify(made) });
  return seeOther(`${base}/recovery-codes`, [...cookies, once]);
}

async function securityPage(setup: PageSetup, context: PageContext): Promise<Response> {
  const { app } = setup;
  const { user } = context.viewer;
  const passkeys = await listPasskeys(app.db, user.id);
  const { recoveryCodes } = await factorsOf(app.db, user);
  const props = {
    hasPassword: isPasswordHash(user.password_hash),
    hasApp: hasApp(user),
    passkeys: passkeys.map((each) => ({
      id: each.id,
      name: each.name,
      createdAt: each.created_at,
      lastUsedAt: each.last_used_at,
    })),
    recoveryCodes,
    canHavePasskeys: canHavePasskeys(app),
    now: app.now(),
  };
  return page(setup, context, { render: (shell) => AccountSecurityPage({ shell, ...props }) });
}

async function appPage(setup: PageSetup, context: PageContext, refusal?: Failure): Promise<Response> {
  const { app } = setup;
  const { user } = context.viewer;
  if (hasApp(user)) return seeOther(base);
  if (user.totp_secret === null) await beginApp(app, context.viewer);
  const started = (await findUserById(app.db, user.id)) ?? user;
  const enrolment = enrolmentOf(app, started);
  if (enrolment === null) return seeOther(base);
  const { key: secretKey, address, modules } = enrolment;
  const problem = refusal ? problemOf(refusal) : null;
  const answer = await page(setup, context, {
    status: refusal ? statusOf[refusal.kind] : 200,
    hasSecret: true,
    render: (shell) => AppSetupPage({ shell, secretKey, address, modules, problem }),
  });
  return refusal ? withRetry(answer, refusal) : answer;
}

function recoveryCodesPage(setup: PageSetup, context: PageContext): Promise<Response> {
  const { app } = setup;
  const text = onceIn(app, context.request, { viewer: context.viewer, id: "recovery-codes" });
  const made = text === null ? { codes: null, isFirst: false } : (JSON.parse(text) as MadeCodes);
  return page(setup, context, {
    cookies: text === null ? [] : [shownOnceCookie(app)],
    hasSecret: text !== null,
    render: (shell) => RecoveryCodesPage({ shell, ...made }),
  });
}
