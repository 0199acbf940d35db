// The link of an invitation, for anyone who opens it: signed in or not, the invited person or not.
import { paths } from "../../../../templates/paths.ts";
import { InvitationPage, type InvitationProps } from "../../../../templates/sign-in/invitation.tsx";
import { Failure } from "../../../errors.ts";
import {
  acceptInvitation,
  openInvitation,
  type Opened,
} from "../../../registry/organizations/invitations.ts";
import { signUpInvited } from "../../../registry/accounts/sign-up.ts";
import type { User } from "../../../store/accounts/users.ts";
import { routesOf } from "../../access.ts";
import { html, seeOther, statusOf } from "../../answers.ts";
import { fields, orFailure, problemOf, type Problem } from "../../forms.ts";
import { toastCookie } from "../../cookies/session.ts";
import { signedInAnswer } from "../sign-in/signed-in.ts";
import { publicFrameOf, signInProviders, type PageSetup } from "../../page.ts";
import { throughLink } from "../sign-in/void-link.ts";

const home = { href: "/", text: "Go to the dashboard" };

export function invitationPages(setup: PageSetup) {
  const { app } = setup;
  const show = (secret: string, opened: Opened, reader: InvitationProps["reader"], status = 200) => {
    const { invitation, organization, inviter } = opened;
    const page = InvitationPage({
      outside: publicFrameOf(setup),
      secret,
      organization: organization.name,
      role: invitation.role,
      email: invitation.email,
      inviter,
      expiresAt: invitation.expires_at,
      now: app.now(),
      reader,
      providers: signInProviders(app),
    });
    return html(page.html, status);
  };
  return routesOf(app, "invitations")
    .get(
      "/invitations/:secret",
      async ({ params: { secret }, viewer }) => {
        const invitation = await throughLink(setup, home, () => openInvitation(app, secret));
        if (invitation instanceof Response) return invitation;
        return show(secret, invitation, readerOf(invitation, viewer?.user ?? null));
      },
      { visitor: true },
    )
    .post(
      "/invitations/:secret",
      async ({ params: { secret }, body, viewer: { user } }) => {
        fields(body, []);
        const joined = await throughLink(setup, home, () => acceptInvitation(app, secret, user));
        if (joined instanceof Response) return joined;
        return seeOther(paths.organization(joined.slug), [toastCookie(app, `You joined ${joined.name}.`)]);
      },
      { person: "signed-in" },
    )
    .post(
      "/invitations/:secret/sign-up",
      async ({ context, params: { secret }, body, viewer }) => {
        // The address is shown in the form, and is not taken from it.
        const { name, password } = fields(body, ["address", "name", "password"]);
        if (viewer) return seeOther(`/invitations/${secret}`);
        const made = await throughLink(setup, home, () =>
          orFailure(() => signUpInvited(app, { secret, name, password })),
        );
        if (made instanceof Response) return made;
        if (made instanceof Failure) {
          const invitation = await openInvitation(app, secret);
          return show(
            secret,
            invitation,
            readerOf(invitation, null, { name, problem: problemOf(made) }),
            statusOf[made.kind],
          );
        }
        const next = paths.organization(made.organization.slug);
        return signedInAnswer(app, context, { user: made.user, isRemembered: false, next });
      },
      { visitor: true },
    );
}

type Typed = { name: string; problem: Problem | null };

function readerOf(
  { invitation, invited }: Opened,
  user: User | null,
  typed: Typed = { name: "", problem: null },
): InvitationProps["reader"] {
  if (user?.email === invitation.email) return { is: "invited" };
  if (user) return { is: "other", email: user.email };
  return invited ? { is: "out", hasAccount: true } : { is: "out", hasAccount: false, ...typed };
}
