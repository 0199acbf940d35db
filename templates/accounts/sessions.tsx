import { paths } from "../paths.ts";
import { AccountFrame } from "./menu.tsx";
import type { FrameData } from "../frame/shell.ts";
import { Button } from "../parts/button.tsx";
import { PageHead } from "../parts/head.tsx";
import { State } from "../parts/state.tsx";
import { Cell, PhoneLabel, Row, RowActions, Table } from "../parts/table.tsx";
import { Time } from "../parts/time.tsx";

type SessionLine = {
  id: string;
  /** "Firefox on Linux". */
  browser: string;
  address: string;
  seenAt: number;
  startedAt: number;
  isRemembered: boolean;
  isThis: boolean;
};

export function SessionsPage(props: { shell: FrameData; sessions: SessionLine[]; now: number }) {
  const { shell, sessions, now } = props;
  const others = sessions.length - 1;
  return (
    <AccountFrame shell={shell} page="sessions">
      <PageHead
        title="Sessions"
        about="Browsers signed in to your account. Changing your password or second factor signs out all others."
        actions={
          others === 0 ? undefined : (
            <form method="post" action="/account/sessions/end-others">
              <Button destroys busy="Signing out…">
                {others === 1 ? "Sign out the other session" : `Sign out ${others} other sessions`}
              </Button>
            </form>
          )
        }
      />
      <Table
        label="Sessions"
        rows={44}
        columns={[
          { title: "Browser" },
          { title: "IP address", from: "tablet" },
          { title: "Last active" },
          { title: "Signed in", from: "desktop" },
          { title: "Actions", hiddenTitle: true, end: true },
        ]}
      >
        {sessions.map((each) => (
          <SessionRow session={each} now={now} />
        ))}
      </Table>
    </AccountFrame>
  );
}

function SessionRow({ session, now }: { session: SessionLine; now: number }) {
  const { id, browser, address, seenAt, startedAt, isRemembered, isThis } = session;
  return (
    <Row>
      <Cell at="name" grows strong>
        {browser}
        {isRemembered ? <span class="muted">{" · stays signed in"}</span> : null}
      </Cell>
      <Cell at="note" mono small>
        {address === "" ? "–" : address}
      </Cell>
      <Cell at="state">
        {isThis ? (
          <State kind="done">this browser</State>
        ) : (
          <>
            <PhoneLabel>{"Last active "}</PhoneLabel>
            <Time at={seenAt} now={now} />
          </>
        )}
      </Cell>
      <Cell from="desktop" small>
        <Time at={startedAt} now={now} />
      </Cell>
      <Cell at="figure" end tight>
        {isThis ? null : (
          <RowActions>
            <form method="post" action={`${paths.session(id)}/end`}>
              <Button variant="quiet" small destroys aria-label={`Sign out ${browser}`}>
                Sign out
              </Button>
            </form>
          </RowActions>
        )}
      </Cell>
    </Row>
  );
}
