// How a webhook is entered by hand, host by host.
import type { Child } from "../jsx/jsx-runtime.ts";
import { Section } from "../parts/head.tsx";
import { OnceSecret } from "../parts/once-secret.tsx";

type Hand = { where: string; fields: [label: string, value: Child][] };

function handsOf(provider: string, address: string): Hand | null {
  const url = <code>{address}</code>;
  const hands: Record<string, Hand> = {
    github: {
      where: "On GitHub: Settings → Webhooks → Add webhook",
      fields: [
        ["Payload URL", url],
        ["Content type", <code>application/json</code>],
        ["Secret", "the secret below"],
        ["Which events", "Pushes, branch or tag creation, branch or tag deletion, releases"],
      ],
    },
    gitlab: {
      where: "On GitLab: Settings → Webhooks → Add new webhook",
      fields: [
        ["URL", url],
        ["Secret token (or signing token)", "the secret below"],
        ["Trigger", "Push events and tag push events"],
      ],
    },
    bitbucket: {
      where: "On Bitbucket: Repository settings → Webhooks → Add webhook",
      fields: [
        ["URL", url],
        ["Secret", "the secret below"],
        ["Triggers", "Repository push"],
      ],
    },
    gitea: {
      where: "On Gitea or Forgejo: Settings → Webhooks → Add webhook → Gitea or Forgejo",
      fields: [
        ["Target URL", url],
        ["HTTP method and content type", ["POST, ", <code>application/json</code>]],
        ["Secret", "the secret below"],
        ["Trigger on", "Create, delete, push, release"],
      ],
    },
  };
  return hands[provider] ?? null;
}

/** The secret, shown once, and where to enter it. */
export function NewWebhookSecret(props: { secret: string; address: string; provider: string; done: string }) {
  const { secret, address, provider, done } = props;
  const hand = handsOf(provider, address);
  return (
    <>
      {hand ? <Steps hand={hand} /> : null}
      <OnceSecret
        title="Your webhook secret is ready"
        noun="secret"
        kept="It is stored encrypted."
        secret={secret}
        done={done}
        commands={
          hand
            ? []
            : [
                {
                  label: "For your own post-receive hook, or any program that can send a request",
                  command: [`curl -fsS -X POST -H 'X-Webhook-Token: ${secret}' `, { own: address }],
                },
              ]
        }
        note="It cannot be shown again. You can create a new one at any time."
      />
    </>
  );
}

/** The same, without the secret. */
export function SetUpByHand({ address, provider }: { address: string; provider: string }) {
  const hand = handsOf(provider, address);
  if (hand) return <Steps hand={{ ...hand, fields: hand.fields.map(withoutSecret) }} />;
  return (
    <Section title="How to call it">
      <p class="prose">
        {"Send a "}
        <code>POST</code>
        {" to the URL below with the secret as "}
        <code>X-Webhook-Token</code>
        {" or "}
        <code>Authorization: Bearer</code>
        {"; or sign the body with it: "}
        <code>X-Pricore-Signature-256: sha256=…</code>
        {", its HMAC-SHA256 in hexadecimal digits. The body may name the tag or branch that changed: "}
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
  return [
    label,
    value === "the secret below" ? "the secret you were shown; create a new one below if you lost it" : value,
  ];
}
