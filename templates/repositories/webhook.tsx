// The webhook of a repository: its status, its deliveries and what can be done.
import { Deliveries } from "./deliveries.tsx";
import { Frame } from "../frame/frame.tsx";
import type { FrameData } from "../frame/shell.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { Button } from "../parts/button.tsx";
import { CommandBlock } from "../parts/command.tsx";
import { Fact, PageHead, Section } from "../parts/head.tsx";
import { Empty, Notice } from "../parts/notice.tsx";
import { exact, Time } from "../parts/time.tsx";
import { withoutWebhookText } from "./text.ts";
import { WebhookState } from "./webhook-part.tsx";
import { NewWebhookSecret, SetUpByHand } from "./webhook-setup.tsx";
import type { WebhookView } from "./webhook-view.ts";
import { paths } from "../paths.ts";

type WebhookPageProps = {
  shell: FrameData;
  /** The repository's page. */
  base: string;
  /** The repository's. */
  id: string;
  name: string;
  webhook: WebhookView;
  /** Where pushes are to be sent. */
  address: string;
  provider: string;
  /** The Git host on which Pricore can manage it, `github.com`; null where it must be set up manually. */
  forge: string | null;
  /** Until when what is signed with the former secret counts. */
  formerUntil: number | null;
  /** Just made: shown this once. */
  secret: string | null;
  canEdit: boolean;
  isPolled: boolean;
  now: number;
  page: number;
  pageSize: number;
};

export function WebhookPage(props: WebhookPageProps) {
  const { shell, base, name } = props;
  const path = [
    { label: "Repositories", href: base.slice(0, base.lastIndexOf("/")) },
    { label: name, href: base, mono: true },
    { label: "Webhook" },
  ];
  return (
    <Frame shell={shell} title="Webhook" section="repositories" path={path}>
      <WebhookPart {...props} />
    </Frame>
  );
}

/** Asks for itself again when something came or changed, unless it shows a secret, which only this page has. */
export function WebhookPart(props: WebhookPageProps) {
  const { base, id, webhook, secret, address, provider, canEdit, page } = props;
  const here = page === 1 ? `${base}/webhook` : `${base}/webhook?page=${page}`;
  const follows = `sync-${id} from:body throttle:500ms, live from:body`;
  return (
    <div
      id="webhook"
      class="stack"
      hx-get={secret === null ? here : undefined}
      hx-trigger={secret === null ? follows + (webhook.state === "waiting" ? ", every 5s" : "") : undefined}
      hx-swap="outerMorph"
    >
      <PageHead
        title="Webhook"
        about={[
          "With a webhook, pushes are available within seconds. ",
          <a href={paths.docs("webhooks")}>More in the docs</a>,
        ]}
        facts={factsOf(props)}
        actions={canEdit ? <MainAction {...props} /> : undefined}
      />
      {secret === null ? null : (
        <NewWebhookSecret secret={secret} address={address} provider={provider} done={`${base}/webhook`} />
      )}
      <Trouble {...props} />
      {webhook.state === "none" ? <None {...props} /> : null}
      {webhook.state === "manual" && secret === null ? (
        <SetUpByHand address={address} provider={provider} />
      ) : null}
      <Deliveries {...props} />
      {canEdit && webhook.state !== "none" ? <WebhookActions {...props} /> : null}
    </div>
  );
}

function factsOf({ webhook, now, formerUntil }: WebhookPageProps): Child[] {
  return [
    <WebhookState state={webhook.state} />,
    webhook.checkedAt !== null && (
      <Fact>
        Checked <Time at={webhook.checkedAt} now={now} />
      </Fact>
    ),
    formerUntil !== null && (
      <Fact icon="key-round">{`The previous secret works until ${exact(formerUntil)}`}</Fact>
    ),
  ];
}

function MainAction({ webhook, base, forge }: WebhookPageProps) {
  const { state } = webhook;
  if (state === "active")
    return (
      <form method="post" action={`${base}/webhook/check`}>
        <Button icon="search" busy="Checking…">
          Check now
        </Button>
      </form>
    );
  if (state === "manual") return <></>;
  const text = state === "none" ? "Set up webhook" : forge ? "Repair webhook" : "Set up manually";
  return (
    <form method="post" action={`${base}/webhook`}>
      <Button variant="primary" icon="webhook" busy="Setting up…">
        {text}
      </Button>
    </form>
  );
}

function Trouble({ webhook, forge, isPolled }: WebhookPageProps) {
  const { state, error } = webhook;
  const still = withoutWebhookText(isPolled);
  if (state === "missing" || state === "failed")
    return (
      <Notice tone="failed" title={error ?? "The webhook is missing on the Git host."}>
        {still}
      </Notice>
    );
  if (state === "waiting" && error !== null)
    return (
      <Notice tone="waiting" title={`The webhook could not be set up on ${forge ?? "the Git host"} yet.`}>
        {`${error} Pricore will retry automatically. ${still}`}
      </Notice>
    );
  if (state === "active" && error !== null)
    return (
      <Notice tone="waiting" title="The webhook could not be checked.">
        {error}
      </Notice>
    );
  return <></>;
}

function None({ forge, canEdit }: WebhookPageProps) {
  return (
    <Empty title="No webhook">
      {"With a webhook, pushes are available within seconds. Without one, Pricore checks every few minutes. "}
      {!canEdit
        ? "An admin of the organization can set it up."
        : forge === null
          ? "No account on its Git host is connected, so you'll get a URL and a secret to enter there."
          : `Pricore sets it up on ${forge} and checks every hour that it is still there.`}
    </Empty>
  );
}

function WebhookActions({ webhook, base, address, forge }: WebhookPageProps) {
  const isManual = webhook.state === "manual";
  return (
    <Section title="URL and secret">
      <div class="stack is-close">
        <CommandBlock plain command={[address]} announcement="URL copied" />
        <p class="secondary small">
          {isManual
            ? "A new secret is shown once. The current secret keeps working for 24 hours."
            : `Pricore sends a new secret to ${forge ?? "the Git host"}. The current one keeps working for 24 hours.`}
        </p>
        <div class="actions">
          {isManual && forge !== null ? (
            <form method="post" action={`${base}/webhook`}>
              <Button icon="webhook" busy="Setting up…">
                {`Let Pricore manage it on ${forge}`}
              </Button>
            </form>
          ) : null}
          <form method="post" action={`${base}/webhook/secret`}>
            <Button icon="key-round" busy="Creating…">
              {isManual ? "Create a new secret" : "Renew the secret"}
            </Button>
          </form>
          <form method="post" action={`${base}/webhook/remove`}>
            <Button variant="quiet" icon="trash-2" destroys busy="Removing…">
              Remove webhook
            </Button>
          </form>
        </div>
      </div>
    </Section>
  );
}
