// What the pages share that take a token of a Git host.
import type { Child } from "../jsx/jsx-runtime.ts";
import type { GitHost } from "./git-hosts.ts";
import { Field } from "../parts/field.tsx";
import { Icon } from "../parts/icon.tsx";

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

export function TokenField({ error }: { error?: Child }) {
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

export function EmailField({ value, error }: { value: string; error?: Child }) {
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

/** The fields that show their own problem. */
export const hostFields = ["address", "email", "token", "name"];
