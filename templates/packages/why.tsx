// Whether a version can be installed, in one sentence; then the steps from the Git host to the client that matter.
import type { Explanation, Step, StepName } from "../../src/registry/why/why.ts";
import type { FrameData } from "../frame/shell.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { Button, ButtonLink } from "../parts/button.tsx";
import { Chain, type Link } from "../parts/chain.tsx";
import { Icon } from "../parts/icon.tsx";
import type { IconName } from "../parts/icons.ts";
import { NoteList } from "./note-list.tsx";
import { Well } from "../parts/notice.tsx";
import { Time } from "../parts/time.tsx";
import { PackageFrame, type PackageHead } from "./frame.tsx";

type Target = { href: string; text: string };
/** A link, or a button that does it at once. */
export type WhyAction = {
  text: string | null;
  link: Target | null;
  post: Target | null;
  forAdmins: boolean;
};
type WhyStep = Pick<Step, "step" | "state" | "detail"> & {
  /** What helps, in words. */
  advice: string | null;
  action: WhyAction | null;
};

/** The notes are what was left out of the version, or is not as its author wrote it. */
type Explained = Pick<Explanation, "answer" | "installable"> & { steps: WhyStep[]; notes: string[] };

export type WhyProps = {
  head: PackageHead;
  version: string;
  /** Those of which the person may ask whether they see it. */
  tokens: { id: string; name: string }[];
  /** The id of one of them; "" for any token. */
  token: string;
  /** Null until a version was entered. */
  explanation: Explained | null;
};

export function WhyPage({ shell, ...props }: WhyProps & { shell: FrameData }) {
  return (
    <PackageFrame shell={shell} head={props.head} tab="why" title="Why is my version not here?">
      <Why {...props} />
    </PackageFrame>
  );
}

const names: Record<StepName, string> = {
  repository: "Repository",
  webhook: "Webhook",
  delivery: "Delivery",
  signature: "Signature",
  ref: "Tag or branch",
  manifest: "composer.json",
  archive: "Archive",
  published: "Published",
  visible: "Visible",
};
const marks: Record<Exclude<Step["state"], "unknown">, Link["is"]> = {
  ok: "done",
  failed: "failed",
  waiting: "now",
};

type Outcome = "done" | "failed" | "waiting";
const answerIcons: Record<Outcome, IconName> = {
  done: "circle-check",
  failed: "circle-x",
  waiting: "circle-dot-dashed",
};

function outcomeOf({ installable, steps }: Explained): Outcome {
  if (installable) return "done";
  return steps.some(({ state }) => state === "failed") ? "failed" : "waiting";
}

/** The question, its answer, and the steps behind it. */
export function Why(props: WhyProps) {
  const { explanation } = props;
  return (
    <div id="why">
      <Well title="Why is my version not here?" end={<Question {...props} />}>
        {explanation === null ? (
          <p class="secondary">Enter a tag, version or branch to see where it stopped and how to fix it.</p>
        ) : (
          <Answer {...props} {...explanation} />
        )}
      </Well>
    </div>
  );
}

function Answer(props: WhyProps & Explained) {
  const { head, version, answer, installable, steps, notes } = props;
  const outcome = outcomeOf(props);
  return (
    <>
      <p class={["answer", `is-${outcome}`]}>
        <Icon name={answerIcons[outcome]} />
        <span>{answer}</span>
      </p>
      <Chain
        upright
        label={version === "" ? "From the Git host to Composer" : `Steps of ${version}`}
        links={steps.map((step) => ({
          name: names[step.step],
          is: step.state === "unknown" ? "aside" : marks[step.state],
          note: noteOf(step, head),
          act: actOf(step, props),
        }))}
        advice={
          installable
            ? "If Composer does not find it, its cache may be outdated: run composer clear-cache."
            : undefined
        }
      />
      {notes.length === 0 ? null : <NoteList notes={notes} />}
    </>
  );
}

function Question({ head, version, tokens, token }: WhyProps) {
  const action = `${head.href}/why`;
  return (
    <form
      action={action}
      class="with-button"
      hx-get={action}
      hx-target="#why"
      hx-select="#why"
      hx-swap="outerHTML"
    >
      <input
        class="input mono"
        name="version"
        value={version}
        placeholder="v3.5.0"
        aria-label="Version, tag or branch"
        maxlength="255"
        autocomplete="off"
      />
      {tokens.length === 0 ? null : (
        <div class="select">
          <select class="input" name="token" aria-label="Seen with this token">
            <option value="">any token</option>
            {tokens.map(({ id, name }) => (
              <option value={id} selected={id === token}>
                {name}
              </option>
            ))}
          </select>
          <Icon name="chevron-down" />
        </div>
      )}
      <Button busy="Explaining…">Explain</Button>
    </form>
  );
}

function noteOf({ step, state, detail }: WhyStep, { fresh, now }: PackageHead): Child {
  if (step !== "repository" || state !== "ok" || fresh?.at == null) return detail;
  return ["Checked ", <Time at={fresh.at} now={now} />];
}

/** The action that helps. Members without the permission read whom to ask. */
function actOf({ step, advice, action }: WhyStep, { head }: WhyProps): Child {
  if (action === null) return advice ?? undefined;
  const { link, post, forAdmins } = action;
  if (forAdmins && !head.canManage)
    return step === "ref"
      ? "Push the tag or branch, then ask an admin to sync."
      : "Ask an admin of the organization.";
  const text = [advice, action.text].filter(Boolean).join(" ");
  if (post !== null)
    return (
      <form class="actions" method="post" action={post.href}>
        {text === "" ? null : text}
        <Button icon="refresh-cw" busy="Starting…">
          {post.text}
        </Button>
      </form>
    );
  if (link === null) return text;
  const button = <ButtonLink href={link.href}>{link.text}</ButtonLink>;
  return text === "" ? (
    button
  ) : (
    <div class="actions">
      {text}
      {button}
    </div>
  );
}
