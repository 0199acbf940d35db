import { Frame } from "../../../templates/frame/frame.tsx";
import type { Child } from "../../../templates/jsx/jsx-runtime.ts";
import type { Assets } from "../../../templates/frame/layout.tsx";
import { Button, ButtonLink } from "../../../templates/parts/button.tsx";
import { PageHead } from "../../../templates/parts/head.tsx";
import { OnceSecret } from "../../../templates/parts/once-secret.tsx";
import { State } from "../../../templates/parts/state.tsx";
import { Cell, Row, RowActions, Table } from "../../../templates/parts/table.tsx";
import { SideMenu } from "../../../templates/parts/tabs.tsx";
import { Time } from "../../../templates/parts/time.tsx";
import { appUrl, day, host, minute, now, shellOf } from "./shell.ts";

const secret = "prc_7Qm2ZkV9xT4bLr8NwYc3HsJ6pDfA1gEoU5iK0tRn8aWq2x";

const tokens: [name: string, reads: string, used: number | null, expires: Child, verb?: string][] = [
  ["ci-github-actions", "All packages", null, "22 Feb 2027"],
  ["ci-gitlab", "All packages", now - 2 * minute, "22 Aug 2027"],
  ["deploy-production", "acme/billing*, acme/auth-sdk", now - 41_000, "never"],
  ["chloe-laptop", "All packages", now - 26 * 60 * minute, <State kind="waiting">in 5 days</State>],
  [
    "contractor-q3",
    "acme/ui-kit",
    now - 42 * day,
    <State kind="failed">expired 21 days ago</State>,
    "Remove",
  ],
];

export function Tokens({ asset }: { asset: Assets }) {
  return (
    <Frame
      shell={shellOf(asset)}
      title="Tokens"
      section="settings"
      path={[{ label: "Settings", href: "#" }, { label: "Tokens" }]}
    >
      <div class="columns has-menu">
        <SideMenu
          label="Settings"
          items={[
            { href: "#", text: "General" },
            { href: "#", text: "Members", count: 3 },
            { href: "#", text: "Tokens", count: 6, current: true },
            { href: "#", text: "SSH keys", count: 2 },
            { href: "#", text: "Credentials", count: 2 },
            { href: "#", text: "Danger zone" },
          ]}
        />
        <div class="stack">
          <PageHead
            title="Composer tokens"
            about="A token lets Composer read packages of Acme. It cannot change anything."
            actions={
              <ButtonLink href="#new" icon="plus">
                New token
              </ButtonLink>
            }
          />
          <OnceSecret
            title="Token ci-github-actions is ready"
            secret={secret}
            commands={[
              {
                label: "Once per machine",
                command: ["composer config --global --auth http-basic.", { own: host }, ` token ${secret}`],
              },
              {
                label: "Once per project",
                command: ["composer config repositories.acme composer ", { own: `${appUrl}/acme` }],
              },
            ]}
            note={["For CI, put the token in the secret ", <code>COMPOSER_AUTH</code>, "."]}
            done="/organizations/acme/settings/tokens"
          />
          <Table
            label="Tokens"
            rows={44}
            columns={[
              { title: "Name" },
              { title: "May read" },
              { title: "Last used" },
              { title: "Expires" },
              { title: "Created", from: "desktop" },
              { title: "Actions", hiddenTitle: true },
            ]}
          >
            {tokens.map(([name, reads, used, expires, verb = "Revoke"], index) => (
              <Row chosen={index === 0}>
                <Cell at="name" mono strong breaks>
                  {name}
                </Cell>
                <Cell at="state" breaks>
                  {reads}
                </Cell>
                <Cell tight>
                  {used === null ? <span class="muted">never used</span> : <Time at={used} now={now} />}
                </Cell>
                <Cell at="note" tight>
                  {expires}
                </Cell>
                <Cell tight from="desktop">
                  ann, <Time at={now - 100 * day} now={now} />
                </Cell>
                <Cell at="figure" end tight>
                  <RowActions>
                    <Button variant="quiet" small destroys>
                      {verb}
                    </Button>
                  </RowActions>
                </Cell>
              </Row>
            ))}
          </Table>
        </div>
      </div>
    </Frame>
  );
}
