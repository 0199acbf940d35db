// The way of a version from the forge to the client, step by step, and what to do where it stopped.
import type { Shell } from "../shell.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { Button, ButtonLink } from "../parts/button.tsx";
import { Chain, type Link } from "../parts/chain.tsx";
import { Icon } from "../parts/icon.tsx";
import { Well } from "../parts/notice.tsx";
import { Time } from "../parts/time.tsx";
import { PackageFrame, type PackageHead } from "./frame.tsx";

export type WhyStep = {
  step: keyof typeof names;
  state: "ok" | "failed" | "waiting" | "unknown";
  detail: string;
  remedy: string | null;
  act: "add" | "sync" | "bring-back" | "webhook" | "token" | null;
};

export type WhyProps = {
  head: PackageHead;
  version: string;
  /** Those of which the person may ask whether they see it. */
  tokens: { id: string; name: string }[];
  /** The id of one of them; "" for any token. */
  token: string;
  /** null until a version was asked for. */
  steps: WhyStep[] | null;
  /** What was left out of the version, or is not as its author wrote it. */
  notes: string[];
  /** Null for those who may not. */
  addHref: string | null;
  tokenHref: string | null;
};

export function WhyPage({ shell, ...props }: WhyProps & { shell: Shell }) {
  return (
    <PackageFrame shell={shell} head={props.head} tab="why" title="Why is my version not here?">
      <Why {...props} />
    </PackageFrame>
  );
}

const names = {
  repository: "Repository",
  webhook: "Webhook",
  delivery: "Delivery",
  signature: "Signature",
  ref: "Ref seen",
  manifest: "Manifest",
  archive: "Archive",
  published: "Published",
  visible: "Visible",
};
/** Of these, what is not known was not needed. */
const beside = new Set<WhyStep["step"]>(["webhook", "delivery", "signature"]);
const marks: Record<WhyStep["state"], Link["is"]> = {
  ok: "done",
  failed: "failed",
  waiting: "now",
  unknown: "left",
};

/** The question, and with `steps` the chain from the forge to the client. */
export function Why(props: WhyProps) {
  const { head, version, steps } = props;
  return (
    <div id="why">
      <Well title="Why is my version not here?" end={<Question {...props} />}>
        {steps === null ? (
          <p class="second">Name a tag, a version or a branch to see how far it came, and what to do.</p>
        ) : (
          <Chain
            upright
            label={version === "" ? "From the forge to the client" : `How far ${version} came`}
            links={steps.map((step) => ({
              name: names[step.step],
              is: isAside(step) ? "aside" : marks[step.state],
              note: noteOf(step, head),
              act: actOf(step, props),
            }))}
            advice={
              steps.some((step) => step.state !== "ok" && !isAside(step))
                ? undefined
                : "It is here: no step is left to do. Composer may still have an older list; run composer clear-cache."
            }
          />
        )}
        {props.notes.length === 0 ? null : (
          <ul class="second">
            {props.notes.map((note) => (
              <li class="wraps-anywhere">{note}</li>
            ))}
          </ul>
        )}
      </Well>
    </div>
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

function isAside({ step, state, detail }: WhyStep): boolean {
  return state === "unknown" && beside.has(step) && detail !== "Not reached.";
}

function noteOf({ step, state, detail }: WhyStep, { fresh, now }: PackageHead): Child {
  if (step !== "repository" || state !== "ok" || fresh?.at == null) return detail;
  return ["Proven fresh ", <Time at={fresh.at} now={now} />];
}

/** The way to mend it, for those who may; the others are told whom to ask. */
function actOf({ act, step, remedy }: WhyStep, { head, addHref, tokenHref }: WhyProps): Child {
  const { source, canManage, href } = head;
  if (act === null) return remedy === null ? undefined : remedy;
  if (act === "bring-back")
    return <ButtonLink href={`${href}/versions?stability=deleted`}>See what was deleted</ButtonLink>;
  if (act === "token")
    return tokenHref === null ? undefined : <ButtonLink href={tokenHref}>Create a token</ButtonLink>;
  if (!canManage || (act === "add" && addHref === null))
    return step === "ref"
      ? "Push the tag or branch, then ask an admin for a sync."
      : "Ask an admin of the organization.";
  if (act === "add") return <ButtonLink href={addHref ?? ""}>Add the repository</ButtonLink>;
  if (source === null) return undefined;
  if (act === "webhook") return <ButtonLink href={`${source.href}/webhook`}>See its webhook</ButtonLink>;
  return (
    <form class="row" method="post" action={`${source.href}/syncs`}>
      {step === "ref" ? "Push the tag or branch, then" : null}
      <Button icon="refresh-cw" busy="Asking…">
        Sync now
      </Button>
    </form>
  );
}
