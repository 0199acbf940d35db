// How one signs in: password, authenticator app, passkeys, recovery codes.
import { paths } from "../paths.ts";
import { AccountFrame } from "./menu.tsx";
import type { FrameData } from "../frame/shell.ts";
import { ButtonLink, Button } from "../parts/button.tsx";
import { PageHead, Section } from "../parts/head.tsx";
import { Notice } from "../parts/notice.tsx";
import { State } from "../parts/state.tsx";
import { Cell, PhoneLabel, Row, RowActions, Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";

type PasskeyLine = { id: string; name: string; createdAt: number; lastUsedAt: number | null };

type AccountSecurityProps = {
  shell: FrameData;
  hasPassword: boolean;
  hasApp: boolean;
  passkeys: PasskeyLine[];
  recoveryCodes: number;
  /** False where browsers keep no passkeys: an address of numbers, or without TLS. */
  canHavePasskeys: boolean;
  now: number;
};

export function AccountSecurityPage(props: AccountSecurityProps) {
  const { shell, hasPassword, hasApp, passkeys, recoveryCodes, canHavePasskeys, now } = props;
  const hasSecond = hasApp || passkeys.length > 0;
  return (
    <AccountFrame shell={shell} page="security">
      <PageHead title="Security" about="How you sign in, and your backup options." />
      {hasSecond || !hasPassword ? null : (
        <Notice tone="waiting" title="Your account is protected by a password only">
          An authenticator app or a passkey protects you if your password is stolen. It takes a minute.
        </Notice>
      )}
      <Section
        title="Password"
        end={
          <ButtonLink href="/account/password" small>
            {hasPassword ? "Change" : "Set a password"}
          </ButtonLink>
        }
      >
        <p>
          {hasPassword ? (
            <State kind="done">A password is set.</State>
          ) : (
            "You have no password and sign in another way."
          )}
        </p>
      </Section>
      <Section
        title="Authenticator app"
        end={
          hasApp ? (
            <ButtonLink href="/account/security/app/remove" small variant="quiet" destroys>
              Remove
            </ButtonLink>
          ) : (
            <ButtonLink href="/account/security/app" small>
              Set up
            </ButtonLink>
          )
        }
      >
        <p>
          {hasApp ? (
            <State kind="done">An authenticator app is set up.</State>
          ) : (
            "An app on your phone shows a six-digit code that you enter after your password."
          )}
        </p>
      </Section>
      <Passkeys passkeys={passkeys} canHave={canHavePasskeys} now={now} />
      {hasSecond ? <RecoveryCodes left={recoveryCodes} /> : null}
    </AccountFrame>
  );
}

function Passkeys({ passkeys, canHave, now }: { passkeys: PasskeyLine[]; canHave: boolean; now: number }) {
  return (
    <Section
      title="Passkeys"
      end={
        canHave ? (
          <ButtonLink href="/account/security/passkeys/new" small icon="plus">
            Add passkey
          </ButtonLink>
        ) : undefined
      }
    >
      {passkeys.length > 0 ? null : (
        <p>
          {canHave
            ? "Sign in with your fingerprint, face or PIN, on this device or with a security key. There is no password to steal."
            : "Passkeys need an https address with a host name. An administrator can set it with APP_URL."}
        </p>
      )}
      {passkeys.length === 0 ? null : (
        <Table
          label="Passkeys"
          rows={44}
          columns={[
            { title: "Name" },
            { title: "Added", from: "tablet" },
            { title: "Last used" },
            { title: "Actions", hiddenTitle: true, end: true },
          ]}
        >
          {passkeys.map(({ id, name, createdAt, lastUsedAt }) => (
            <Row>
              <Cell at="name" grows strong breaks>
                {name}
              </Cell>
              <Cell from="tablet">
                <Time at={createdAt} now={now} />
              </Cell>
              <Cell at="state">
                <PhoneLabel>{"Last used "}</PhoneLabel>
                <Time at={lastUsedAt} now={now} />
              </Cell>
              <Cell at="figure" end tight>
                <RowActions>
                  <ButtonLink
                    href={`${paths.passkey(id)}/remove`}
                    variant="quiet"
                    small
                    destroys
                    aria-label={`Remove ${name}`}
                  >
                    Remove
                  </ButtonLink>
                </RowActions>
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </Section>
  );
}

function RecoveryCodes({ left }: { left: number }) {
  return (
    <Section
      title="Recovery codes"
      note={`${left} of 10 left`}
      end={
        <form method="post" action="/account/security/recovery-codes">
          <Button small busy="Creating…">
            Create new codes
          </Button>
        </form>
      }
    >
      {left <= 3 ? <State kind="waiting">{left === 0 ? "None left" : "Only a few left"}</State> : null}
      <p>Each code signs you in once instead of your second factor. New codes replace the old ones.</p>
    </Section>
  );
}
