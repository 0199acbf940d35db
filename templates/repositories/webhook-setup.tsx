// How a webhook is entered by hand, host by host.
import type { Child } from "../jsx/jsx-runtime.ts";
import { Section } from "../parts/head.tsx";
import { OnceSecret } from "../parts/once-secret.tsx";

type Hand = { where: string; fields: [label: string, value: Child][] };

function handsOf(provider: string, address: string): Hand | null {
  const url = <code>{address}</code>;
  const hands: Record<string, Hand> = {
    github: {
      where: "At GitHub: Settings → Webhooks → Add webhook",
      fields: [
        ["Payload URL", url],
        ["Content type", <code>application/json</code>],
        ["Secret", "the one below"],
        ["Which events", "Pushes, branch or tag creation, branch or tag deletion, releases"],
      ],
    },
    gitlab: {
      where: "At GitLab: Settings → Webhooks → Add new webhook",
      fields: [
        ["URL", url],
        ["Secret token (or signing token)", "the one below"],
        ["Trigger", "Push events and tag push events"],
      ],
    },
    bitbucket: {
      where: "At Bitbucket: Repository settings → Webhooks → Add webhook",
      fields: [
        ["URL", url],
        ["Secret", "the one below"],
        ["Triggers", "Repository push"],
      ],
    },
    gitea: {
      where: "At Gitea or Forgejo: Settings → Webhooks → Add webhook → Gitea or Forgejo",
      fields: [
        ["Target URL", url],
        ["HTTP method and content type", ["POST, ", <code>application/json</code>]],
        ["Secret", "the one below"],
        ["Trigger on", "Create, delete, push, release"],
      ],
    },
  };
  return hands[provider] ?? null;
}

/** `{ secret; address; provider; done }`: the secret, this once, and where it belongs. */
export function NewWebhookSecret(props: { secret: string; address: string; provider: string; done: string }) {
  const { secret, address, provider, done } = props;
  const hand = handsOf(provider, address);
  return (
    <>
      {hand ? <Steps hand={hand} /> : null}
      <OnceSecret
        title="The secret of the webhook is ready"
        noun="secret"
        kept="It is stored encrypted."
        secret={secret}
        done={done}
        commands={
          hand
            ? []
            : [
                {
                  label: "For a hook of your own (post-receive), or any program that can send a request",
                  command: [`curl -fsS -X POST -H 'X-Webhook-Token: ${secret}' `, { own: address }],
                },
              ]
        }
        note="A reload does not bring it back; a new one can be made at any time."
      />
    </>
  );
}

/** `{ address; provider }`: the same without the secret. */
export function SetUpByHand({ address, provider }: { address: string; provider: string }) {
  const hand = handsOf(provider, address);
  if (hand) return <Steps hand={{ ...hand, fields: hand.fields.map(withoutSecret) }} />;
  return (
    <Section title="How it is called">
      <p class="prose">
        {"A "}
        <code>POST</code>
        {" to the address below with the secret as "}
        <code>X-Webhook-Token</code>
        {" or "}
        <code>Authorization: Bearer</code>
        {"; or signed with it: "}
        <code>X-Pricore-Signature-256: sha256=…</code>
        {", the HMAC-SHA256 of the body in hexadecimal digits. The body may name refs: "}
        <code>{'{"ref": "refs/heads/main"}'}</code>.
      </p>
    </Section>
  );
}

function Steps({ hand }: { hand: Hand }) {
  return (
    <Section title={hand.where}>
      <ul class="pairs">
        {hand.fields.map(([label, value]) => (
          <li>
            <span class="secondary">{label}</span>
            <span class="breaks">{value}</span>
          </li>
        ))}
      </ul>
    </Section>
  );
}

function withoutSecret([label, value]: [string, Child]): [string, Child] {
  return [label, value === "the one below" ? "as it was shown; make a new one below if it is lost" : value];
}
