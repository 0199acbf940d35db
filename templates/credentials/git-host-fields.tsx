// What the pages share that take a token of a Git host.
import type { GitHost } from "./git-hosts.ts";
import { Field } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";
import { Notice } from "../parts/notice.tsx";
import type { Problem } from "../repositories/new.tsx";

/** The link to the form there, and what the token must be allowed to do. */
export function NewToken({ host, origin }: { host: GitHost; origin: string }) {
  const { newToken, isTicked, scopes, note } = host;
  const href = newToken(origin);
  return (
    <div class="stack is-close">
      <div class="actions">
        <a class="button" href={href} target="_blank" rel="noreferrer">
          <Icon name="external-link" />
          {`Open ${new URL(href).host}`}
          <span class="visually-hidden"> in a new tab</span>
        </a>
        <span class="hint">
          {isTicked ? "The scopes below are already ticked." : "Tick these scopes there."}
        </span>
      </div>
      <dl class="scopes">
        {scopes.map(({ name, why }) => (
          <div>
            <dt>
              <code>{name}</code>
            </dt>
            <dd>{why}</dd>
          </div>
        ))}
      </dl>
      {note === undefined ? null : <p class="hint">{note}</p>}
    </div>
  );
}

export function TokenField({ error }: { error?: string }) {
  return (
    <Field
      name="token"
      label="Token"
      type="password"
      required
      autocomplete="new-password"
      hint="Stored encrypted, never shown, and only ever sent to this host."
      error={error}
    />
  );
}

export function EmailField({ value, error }: { value: string; error?: string }) {
  return (
    <Field
      name="email"
      label="Email of the Atlassian account"
      value={value}
      autocomplete="off"
      hint="Bitbucket needs it with an API token."
      error={error}
    />
  );
}

export function Elsewhere({ problem }: { problem: Problem | null }) {
  if (!problem || ["address", "email", "token", "name"].includes(problem.field ?? "")) return <></>;
  return <Notice tone="failed" title={problem.message} />;
}

export function besideIn(problem: Problem | null) {
  return (name: string) => (problem?.field === name ? problem.message : undefined);
}
