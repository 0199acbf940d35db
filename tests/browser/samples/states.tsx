import { MistakePart } from "../../../templates/frame/error.tsx";
import { Frame } from "../../../templates/frame/frame.tsx";
import type { Assets } from "../../../templates/frame/layout.tsx";
import { Matched, PaletteResults } from "../../../templates/palette/palette.tsx";
import { Badge, SeverityBadge } from "../../../templates/parts/badge.tsx";
import { Actions, Button, ButtonLink } from "../../../templates/parts/button.tsx";
import { CommandBlock } from "../../../templates/parts/command.tsx";
import { Dialog, DialogBody, Removal } from "../../../templates/parts/dialog.tsx";
import { Checkbox, Field, FieldGroup, Select } from "../../../templates/parts/field.tsx";
import { PageHead, Section } from "../../../templates/parts/head.tsx";
import { Empty, Notice, Toast } from "../../../templates/parts/notice.tsx";
import { ListState, State, StateIcon, type StateKind } from "../../../templates/parts/state.tsx";
import { TickStrip } from "../../../templates/parts/ticks.tsx";
import { minute, now, shellOf } from "./shell.ts";

const kinds: StateKind[] = [
  "fresh",
  "syncing",
  "waiting",
  "stale",
  "failed",
  "success",
  "done",
  "running",
  "skipped",
  "attention",
  "unreached",
];

/** Every part that the sample pages do not show, in every state. */
export function States({ asset }: { asset: Assets }) {
  const shell = shellOf(asset, { viewer: { ...shellOf(asset).viewer, isAdmin: false } });
  return (
    <Frame shell={shell} title="States" section={null} path={[{ label: "States" }]}>
      <div class="stack">
        <PageHead title="States" />
        <div class="columns is-even">
          <Section title="Packages, none yet">
            <Empty
              title="No packages yet"
              actions={
                <form class="stack is-tight">
                  <Field
                    name="first"
                    label="Repository URL"
                    mono
                    placeholder="https://github.com/acme/billing.git"
                  />
                  <Actions>
                    <Button variant="primary">Add repository</Button>
                    <ButtonLink href="#choose">Choose from GitHub</ButtonLink>
                  </Actions>
                </form>
              }
            >
              Packages appear here once a repository with a <code>composer.json</code> is synced.
            </Empty>
          </Section>
          <Section title="Packages, nothing matches">
            <Empty
              title={["No package matches ", <code>bilig</code>]}
              actions={
                <Actions>
                  <ButtonLink href="#search">Clear search</ButtonLink>
                  <ButtonLink href="#filter">Clear filter</ButtonLink>
                </Actions>
              }
            >
              Did you mean <a href="#billing">acme/billing</a>? The filter <b>Type: library</b> hides 8
              others.
            </Empty>
          </Section>
          <Section title="Notices">
            <div class="stack is-close">
              <Notice
                tone="waiting"
                title="3 repositories without a successful check for 47 minutes"
                links={[
                  { href: "#three", text: "View 3 repositories" },
                  { href: "#try", text: "Try now" },
                ]}
              >
                GitHub answers 503. What Composer reads is unchanged since 11:18; new pushes will arrive when
                GitHub is back. Next try in 2 minutes.
              </Notice>
              <Notice tone="failed" title="The credential for gitlab.acme.example was refused">
                Installed versions keep working: Composer still gets all 31 versions of{" "}
                <code>acme/reporting</code>. New pushes are not seen since 11:33.
              </Notice>
              <Notice tone="fresh" title="Every version is published">
                All branches and tags match.
              </Notice>
              <Notice tone="plain" small icon="wifi-off" title="Live updates paused">
                Shown as of 12:04. Next try in 8 s.
              </Notice>
              <ol class="log">
                <li>
                  <time>11:33:02</time> git-upload-pack /platform/reporting.git
                </li>
                <li>
                  <time>11:33:02</time> <span class="is-plain">401</span>{" "}
                  <span class="secondary">no token</span>
                </li>
              </ol>
            </div>
          </Section>
          <Section title="Errors">
            <div class="stack">
              <MistakePart
                status={404}
                title="Page not found"
                message="It may have been removed, or you are not a member of the organization it belongs to."
                actions={
                  <Actions>
                    <ButtonLink href="#acme" variant="primary">
                      Go to Acme
                    </ButtonLink>
                    <ButtonLink href="#search">Search</ButtonLink>
                  </Actions>
                }
              />
              <MistakePart
                status={500}
                title="Something went wrong on our side"
                message="Nothing was saved. It is in the server's log under this number:"
                actions={<CommandBlock plain command={["01J9ZK4W7QHX"]} />}
              />
            </div>
          </Section>
          <Section title="Fields">
            <form class="form">
              <Field
                name="url"
                label="Repository URL"
                mono
                value="git@git.internal:acme/billing.git"
                hint="HTTPS or SSH."
                error={[
                  "git.internal is a private address. Add it to ",
                  <code>OUTBOUND_ALLOW</code>,
                  " and restart, or use a public host.",
                ]}
                autocomplete="off"
              />
              <Select
                name="role"
                label="Role"
                hint="May change settings, but not remove the organization."
                value="admin"
                options={[
                  { value: "member", text: "Member" },
                  { value: "admin", text: "Admin" },
                ]}
              />
              <Field name="notes" label="Notes" rows={4} optional value="Ask ben first" />
              <FieldGroup legend="May read">
                <Checkbox radio name="reads" value="all" label="All packages" checked />
                <Checkbox
                  radio
                  name="reads"
                  value="some"
                  label="Only these"
                  hint="Names with * at the end."
                />
              </FieldGroup>
              <Checkbox name="agree" label="Send a mail" error="Mail is not set up here." />
            </form>
          </Section>
          <Section title="States, badges, buttons">
            <div class="stack is-close">
              {kinds.map((kind) => (
                <Actions>
                  <State kind={kind} at={now - 5 * minute} now={now} />
                  <ListState kind={kind} at={now - 5 * minute} now={now} />
                  <StateIcon kind={kind} />
                </Actions>
              ))}
              <Actions>
                <SeverityBadge severity="critical" count={2} />
                <SeverityBadge severity="high" />
                <SeverityBadge severity="medium" count={1} />
                <SeverityBadge severity="low" count={3} />
                <Badge tone="accent">latest</Badge>
                <Badge>abandoned</Badge>
              </Actions>
              <Actions>
                <Button variant="primary" busy="Adding…">
                  Add repository
                </Button>
                <Button>Sync now</Button>
                <Button variant="quiet">Cancel</Button>
                <Button destroys>Revoke</Button>
                <Button disabled>Remove package</Button>
                <Button small icon="copy">
                  Copy
                </Button>
                <Button icon="ellipsis" label="More" />
              </Actions>
              <TickStrip ticks={[]} />
              <Toast>Repository added</Toast>
            </div>
          </Section>
          <Section title="A removal as a page">
            <div class="panel">
              <Removal
                title="Remove acme/billing from the registry?"
                loss="48 versions and 1.9 GB of archives are deleted."
                expects="acme/billing"
                action="/remove"
                verb="Remove package"
                cancel="#"
                error="That is not the name. Type acme/billing."
              />
            </div>
          </Section>
          <Section title="What the palette finds">
            <div role="listbox" aria-label="Found" tabindex="0">
              <PaletteResults
                query="bill"
                groups={[
                  {
                    label: "Packages",
                    found: [
                      {
                        href: "#b",
                        icon: "package",
                        name: (
                          <code>
                            <Matched text="acme/billing" query="bill" />
                          </code>
                        ),
                        note: "v3.4.2 · checked 1 min ago",
                      },
                    ],
                  },
                  {
                    label: "Actions",
                    found: [
                      {
                        href: "#s",
                        icon: "refresh-cw",
                        name: [
                          "Sync ",
                          <code>
                            <Matched text="acme/billing" query="bill" />
                          </code>,
                          " now",
                        ],
                      },
                    ],
                  },
                ]}
              />
            </div>
          </Section>
        </div>
        <ButtonLink href="#dialog" dialog="hello">
          Open a dialog
        </ButtonLink>
      </div>
      <Dialog id="hello" label="Invite">
        <DialogBody
          title="Invite somebody to Acme?"
          about="They get a mail with a link that works for 7 days."
        >
          <form class="form">
            <Field name="invited" type="email" label="Email" autocomplete="off" />
            <Actions>
              <a class="button" href="#" data-close>
                Cancel
              </a>
              <Button variant="primary">Invite</Button>
            </Actions>
          </form>
        </DialogBody>
      </Dialog>
    </Frame>
  );
}
