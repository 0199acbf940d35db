import type { Child } from "../jsx/jsx-runtime.ts";
import { CommandBlock, CopyButton, type Command } from "./command.tsx";
import { Icon } from "./icon.tsx";

/**
 * A secret that is shown once: what it is, the secret, the complete commands that use it, and "Done, I've saved it",
 * a link to the page without it (`done`).
 */
export function OnceSecret(props: {
  title: Child;
  secret: string;
  /** "token" makes the button "Copy token". */
  noun?: string;
  /** How it is stored. */
  kept?: string;
  commands: { label: string; command: Command }[];
  note?: Child;
  done: string;
}) {
  const { title, secret, noun = "token", kept = "Only a hash is stored.", commands, note, done } = props;
  return (
    <section class="once" aria-label={`New ${noun}`}>
      <header>
        <h2>
          <Icon name="key-round" />
          <span>{title}</span>
        </h2>
        <span class="small secondary">
          <Icon name="eye-off" small /> {`Shown once. ${kept}`}
        </span>
      </header>
      <div class="secret">
        <SecretText secret={secret} />
        <CopyButton text={secret} caption={`Copy ${noun}`} announcement={`The ${noun} is copied`} primary />
      </div>
      {commands.map(({ label, command }) => (
        <div>
          <p class="label">{label}</p>
          <CommandBlock command={command} />
        </div>
      ))}
      <footer>
        <span class="small secondary">{note ?? "It cannot be shown again."}</span>
        <a class="button" href={done}>
          Done, I've saved it
        </a>
      </footer>
    </section>
  );
}

/** Prefix and checksum stand out, so that a paste that was cut off is noticed. */
function SecretText({ secret }: { secret: string }) {
  if (secret.startsWith("http")) return <code>{secret}</code>;
  const start = secret.indexOf("_") + 1;
  const end = secret.length - 6;
  if (end <= start) return <code>{secret}</code>;
  return (
    <code>
      <b>{secret.slice(0, start)}</b>
      {secret.slice(start, end)}
      <b>{secret.slice(end)}</b>
    </code>
  );
}
