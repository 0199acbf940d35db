// The viewer's account: name, email address, password, deletion.
import { DeleteAccountPage, PasswordPage, ProfilePage } from "../../../../templates/accounts/profile.tsx";
import { Failure } from "../../../errors.ts";
import { changePassword, deleteAccount, rename } from "../../../registry/accounts/account.ts";
import { mustBeSure } from "../../../registry/accounts/confirm.ts";
import { requestEmailChange, requestVerification } from "../../../registry/accounts/addresses.ts";
import { listMemberships } from "../../../store/organizations/members.ts";
import type { User } from "../../../store/accounts/users.ts";
import { routesOf } from "../../access.ts";
import { seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf, type Problem } from "../../forms.ts";
import { endedSessionCookie, sessionCookie, toastCookie } from "../../cookies/session.ts";
import { knownBrowserCookie } from "../../cookies/sign-in.ts";
import { page, sendsMail, type PageContext, type PageSetup } from "../../page.ts";
import { isPasswordHash } from "../../../registry/accounts/password-forms.ts";

const noMail = "No mail server is set up. Ask an administrator for the link.";

export function accountPages(setup: PageSetup) {
  const { app } = setup;
  const done = (path: string, message: string) => seeOther(path, [toastCookie(app, message)]);
  return routesOf(app, "account")
    .get("/account", ({ context }) => profile(setup, context), { person: "signed-in" })
    .post(
      "/account",
      async ({ body, context }) => {
        const { name } = fields(body, ["name"]);
        const renamed = await orFailure(() => rename(app, context.viewer, name));
        if (renamed instanceof Failure) return profile(setup, context, { name, refused: renamed });
        return done("/account", "Name saved.");
      },
      { person: "signed-in" },
    )
    .post(
      "/account/email",
      async ({ body, context }) => {
        const { email } = fields(body, ["email"]);
        const client = context.address;
        const requested = await orFailure(() =>
          requestEmailChange(app, context.viewer.user, { email, client }),
        );
        if (requested instanceof Failure)
          return profile(setup, context, { newEmail: email, refused: requested });
        return done(
          "/account",
          sendsMail(app) ? `We sent a link to ${requested.email}. Open it to confirm.` : noMail,
        );
      },
      { person: "signed-in", confirmed: true },
    )
    .post(
      "/account/verification",
      async ({ body, context }) => {
        fields(body, []);
        const { user } = context.viewer;
        const client = context.address;
        const sent = await orFailure(() => requestVerification(app, user, client));
        if (sent instanceof Failure) return profile(setup, context, { refused: sent });
        return done("/account", sendsMail(app) ? `We sent a link to ${user.email}.` : noMail);
      },
      { person: "signed-in" },
    )
    .get(
      "/account/password",
      ({ context }) => {
        mustBeSure(app, context.viewer);
        return password(setup, context);
      },
      { person: "signed-in" },
    )
    .post(
      "/account/password",
      async ({ body, context }) => {
        const form = fields(body, ["current", "password"]);
        const changed = await orFailure(() => changePassword(app, context.viewer, form));
        if (changed instanceof Failure) return password(setup, context, changed);
        const toast = toastCookie(app, "Password changed.");
        const knownBrowser = knownBrowserCookie(app, context.viewer.user);
        const session = changed ? [sessionCookie(app, changed.secret, changed.maxAgeSeconds)] : [];
        return seeOther("/account/password", [...session, knownBrowser, toast]);
      },
      { person: "signed-in" },
    )
    .get(
      "/account/delete",
      ({ context }) => {
        mustBeSure(app, context.viewer);
        return deletion(setup, context);
      },
      { person: "signed-in" },
    )
    .post(
      "/account/delete",
      async ({ body, context }) => {
        const form = fields(body, ["password"]);
        const deleted = await orFailure(() => deleteAccount(app, context.viewer, form));
        if (deleted instanceof Failure) return deletion(setup, context, deleted);
        const answer = seeOther("/sign-in", [endedSessionCookie(app)]);
        answer.headers.set("Clear-Site-Data", '"cookies", "storage", "cache"');
        return answer;
      },
      { person: "signed-in" },
    );
}

type FailedEdit = { name?: string; newEmail?: string; refused: Failure };

function profile(
  setup: PageSetup,
  context: PageContext,
  { name, newEmail = "", refused: failure }: Partial<FailedEdit> = {},
) {
  const { user } = context.viewer;
  return page(setup, context, {
    ...shownFor(failure),
    render: (shell) =>
      ProfilePage({
        shell,
        name: name ?? user.name,
        newEmail,
        verified: verifiedOf(user),
        sendsMail: sendsMail(setup.app),
        problem: problemIn(failure),
      }),
  });
}

/** The first account is made by the link from the terminal: its address counts, and nobody has shown to read its mail. */
function verifiedOf({ email_verified_at: at, created_at, is_admin }: User): "yes" | "no" | "trusted" {
  if (at === null) return "no";
  return is_admin === 1 && at === created_at ? "trusted" : "yes";
}

function password(setup: PageSetup, context: PageContext, failure?: Failure) {
  return page(setup, context, {
    ...shownFor(failure),
    render: (shell) =>
      PasswordPage({ shell, hasPassword: hasPassword(context), problem: problemIn(failure) }),
  });
}

async function deletion(setup: PageSetup, context: PageContext, failure?: Failure) {
  const memberships = await listMemberships(setup.app.db, context.viewer.user.id);
  const owned = memberships.filter(({ role }) => role === "owner");
  return page(setup, context, {
    ...shownFor(failure),
    render: (shell) =>
      DeleteAccountPage({ shell, owned, hasPassword: hasPassword(context), problem: problemIn(failure) }),
  });
}

function hasPassword({ viewer }: PageContext): boolean {
  return isPasswordHash(viewer.user.password_hash);
}

function shownFor(failure: Failure | undefined): { status?: number } {
  return failure ? { status: statusOf[failure.kind] } : {};
}

function problemIn(failure: Failure | undefined): Problem | null {
  return failure ? problemOf(failure) : null;
}
