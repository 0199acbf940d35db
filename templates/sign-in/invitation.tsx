// The page behind the link of an invitation.
import { PublicLayout, PublicHead, type PublicFrame } from "../frame/bare.tsx";
import { Button, ButtonLink } from "../parts/button.tsx";
import { Field } from "../parts/field.tsx";
import { Elsewhere, errorAt, type Problem } from "../parts/problem.tsx";
import { Time } from "../parts/time.tsx";
import { NewPasswordField } from "../accounts/user-fields.tsx";
import { ProviderLinks, type SignInProvider } from "./provider-links.tsx";

export type InvitationProps = {
  outside: PublicFrame;
  secret: string;
  organization: string;
  role: string;
  /** Whose it is. */
  email: string;
  inviter: string | null;
  expiresAt: number;
  now: number;
  /** The providers with which an account can be created too. */
  providers: SignInProvider[];
  reader:
    | { is: "invited" }
    | { is: "other"; email: string }
    | { is: "out"; hasAccount: true }
    | { is: "out"; hasAccount: false; name: string; problem: Problem | null };
};

export function InvitationPage(props: InvitationProps) {
  const { outside, organization, role, inviter, expiresAt, now } = props;
  const as = role === "admin" ? "an admin" : "a member";
  return (
    <PublicLayout outside={outside} title={`Join ${organization}`} doing="You are invited to">
      <PublicHead title={`Join ${organization}`}>
        {inviter === null ? `You are invited as ${as}. ` : `${inviter} invited you as ${as}. `}
        {"The invitation expires "}
        <Time at={expiresAt} now={now} />
        {"."}
      </PublicHead>
      <Way {...props} />
    </PublicLayout>
  );
}

function Way({ secret, organization, email, reader, providers }: InvitationProps) {
  const action = `/invitations/${secret}`;
  if (reader.is === "invited")
    return (
      <form method="post" action={action}>
        <Button variant="primary" wide busy="Joining…" autofocus>
          {`Join ${organization}`}
        </Button>
      </form>
    );
  if (reader.is === "other")
    return (
      <>
        <p>
          {[
            "This invitation is for ",
            <b>{email}</b>,
            ", and you are signed in as ",
            <b>{reader.email}</b>,
            ".",
          ]}
        </p>
        <form method="post" action="/sign-out">
          <Button wide>Sign out</Button>
        </form>
        <p class="small secondary">{`Then open the link again, or ask for an invitation to ${reader.email}.`}</p>
      </>
    );
  if (reader.hasAccount)
    return (
      <>
        <p>{["This invitation is for your account ", <b>{email}</b>, "."]}</p>
        <ButtonLink href={`/sign-in?next=${encodeURIComponent(action)}`} variant="primary" wide>
          Sign in to join
        </ButtonLink>
      </>
    );
  return (
    <>
      <form class="stack is-close" method="post" action={`${action}/sign-up`}>
        <Field
          name="address"
          id="address"
          type="email"
          label="Email address"
          value={email}
          readonly
          autocomplete="username"
          hint="The invitation is for this address."
        />
        <Field
          name="name"
          label="Your name"
          value={reader.name}
          autocomplete="name"
          required
          autofocus
          error={errorAt(reader.problem, "name")}
        />
        <NewPasswordField problem={reader.problem} />
        <Elsewhere problem={reader.problem} fields={["name", "password"]} />
        <Button variant="primary" wide busy="Joining…">
          Create account and join
        </Button>
      </form>
      <ProviderLinks providers={providers} next={action} verb="Join" />
    </>
  );
}
