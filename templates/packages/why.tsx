import type { Shell } from "../shell.ts";
import type { Child } from "../jsx/jsx-runtime.ts";
import { Button } from "../parts/button.tsx";
import { Chain, type Link } from "../parts/chain.tsx";
import { Well } from "../parts/notice.tsx";
import { Time } from "../parts/time.tsx";
import { PackageFrame, type PackageHead } from "./frame.tsx";

export type WhyStep = {
  step: "repository" | "ref" | "manifest" | "archive" | "published" | "visible";
  state: "ok" | "failed" | "waiting" | "unknown";
  detail: string;
  remedy: string | null;
  act: "add" | "sync" | "bring-back" | null;
};

export type WhyProps = {
  head: PackageHead;
  version: string;
  /** null until a version was asked for. */
  steps: WhyStep[] | null;
  addHref: string | null;
};

export function WhyPage({ shell, ...props }: WhyProps & { shell: Shell }) {
  return (
    <PackageFrame shell={shell} head={props.head} tab="why" title="Why is my version not here?">
      <Why {...props} />
    </PackageFrame>
  );
}

const names: Record<WhyStep["step"], string> = {
  repository: "Repository",
  ref: "Ref seen",
  manifest: "Manifest",
  archive: "Archive",
  published: "Published",
  visible: "Visible",
};
const marks: Record<WhyStep["state"], Link["is"]> = {
  ok: "done",
  failed: "failed",
  waiting: "now",
  unknown: "left",
};

/** The question, and with `steps` the chain from the forge to the client. */
export function Why({ head, version, steps, addHref }: WhyProps) {
  const action = `${head.href}/why`;
  return (
    <div id="why">
      <Well
        title="Why is my version not here?"
        end={
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
            <Button busy="Explaining…">Explain</Button>
          </form>
        }
      >
        {steps === null ? (
          <p class="second">Name a tag, a version or a branch to see how far it came, and what to do.</p>
        ) : (
          <Chain
            label={version === "" ? "From the forge to the client" : `How far ${version} came`}
            links={steps.map(({ step, state, detail }) => ({
              name: names[step],
              is: marks[state],
              note:
                state === "failed" ? "stopped here" : state === "ok" ? noteOf(step, detail, head) : undefined,
            }))}
            advice={adviceFor(steps, { head, addHref })}
          />
        )}
      </Well>
    </div>
  );
}

function noteOf(step: WhyStep["step"], detail: string, { fresh, now }: PackageHead): Child {
  if (step !== "repository" || fresh?.at == null) return detail;
  return ["proven fresh ", <Time at={fresh.at} now={now} />];
}

function adviceFor(
  steps: WhyStep[],
  { head, addHref }: { head: PackageHead; addHref: string | null },
): Child {
  const broken = steps.find(({ state }) => state !== "ok");
  if (!broken)
    return "It is here: every step is done. Composer may still have an older list; run composer clear-cache.";
  const { detail, remedy, act, step } = broken;
  if (act === "add")
    return [
      detail,
      " ",
      addHref === null ? "Ask an admin to add it." : <a href={addHref}>Add the repository</a>,
    ];
  if (act === "sync")
    return [
      detail,
      step === "ref" ? " Push the tag or branch, then sync " : " Sync ",
      head.source === null ? "its repository" : <a href={head.source.href}>{head.source.name}</a>,
      ".",
    ];
  if (act === "bring-back")
    return [detail, " ", <a href={`${head.href}/versions?stability=deleted`}>See what was deleted</a>];
  return remedy === null ? detail : [detail, " ", remedy];
}
