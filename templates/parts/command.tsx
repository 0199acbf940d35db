import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";

/** A command as its parts: a string, or `{ own }` for what differs from registry to registry. */
export type Command = (string | { own: string })[];

/** Copies `text`, says "Copied" for two seconds. Without `words` an icon alone (`label` names it). */
export function CopyButton(props: {
  text: string;
  caption?: string;
  announcement?: string;
  primary?: boolean;
  framed?: boolean;
  label?: string;
}) {
  const { text, caption, announcement = "Copied", primary, framed, label } = props;
  return (
    <button
      type="button"
      class={[
        "button",
        "is-small",
        "copy",
        "works",
        primary ? "is-primary" : !framed && "is-quiet",
        caption === undefined && "is-icon",
      ]}
      data-copy={text}
      data-copied={announcement}
      aria-label={caption === undefined ? (label ?? "Copy") : undefined}
      title={caption === undefined ? (label ?? "Copy") : undefined}
    >
      <span class="idle">
        <Icon name="copy" small />
        {caption === undefined ? null : <span class="word">{caption}</span>}
      </span>
      <span class="while">
        <Icon name="check" small />
        {caption === undefined ? null : <span class="word">Copied</span>}
      </span>
    </button>
  );
}

/** One command with Copy; it wraps, and is cut nowhere. `plain` leaves out the prompt (a number, an address). */
export function CommandBlock(props: { command: Command; plain?: boolean; announcement?: string }) {
  const { command, plain, announcement } = props;
  return (
    <div class="command">
      <pre class="lines">
        <Line command={command} plain={plain} />
      </pre>
      <CopyButton text={textOf(command)} caption="Copy" announcement={announcement ?? "Command copied"} />
    </div>
  );
}

/** Several commands that belong together, with one "Copy all". */
export function CommandList(props: { title: Child; commands: Command[]; note?: Child; caption?: string }) {
  const { title, commands, note, caption = "Copy all" } = props;
  return (
    <div class="commands">
      <div class="above">
        <span>{title}</span>
        <CopyButton
          text={commands.map(textOf).join("\n")}
          caption={caption}
          announcement="Commands copied"
          framed
        />
      </div>
      <pre class="lines">
        {commands.map((command) => (
          <Line command={command} />
        ))}
      </pre>
      {note === undefined ? null : <div class="below">{note}</div>}
    </div>
  );
}

function Line({ command, plain }: { command: Command; plain?: boolean }) {
  return (
    <code class={["command-line", plain && "is-plain"]}>
      {command.map((part) => (typeof part === "string" ? part : <b>{part.own}</b>))}
    </code>
  );
}

function textOf(command: Command): string {
  return command.map((part) => (typeof part === "string" ? part : part.own)).join("");
}
