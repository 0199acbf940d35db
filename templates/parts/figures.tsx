import type { Child } from "../jsx/jsx-runtime.ts";
import { Button } from "./button.tsx";
import { Segments } from "./progress.tsx";

/** The numbers on top of the overview. */
export function Figures(props: { figures: { label: string; value: string; note?: Child; href?: string }[] }) {
  return (
    <dl class="figures">
      {props.figures.map(({ label, value, note, href }) => (
        <div>
          <dt>{label}</dt>
          <dd class="value">{href === undefined ? value : <a href={href}>{value}</a>}</dd>
          {note === undefined ? null : <dd class="note">{note}</dd>}
        </div>
      ))}
    </dl>
  );
}

/** The line that leads through the first steps; children say what is next. */
export function GettingStarted(props: { done: number; total: number; dismiss: string; children?: Child }) {
  const { done, total, dismiss, children } = props;
  return (
    <section class="started">
      <h2>Getting started</h2>
      <Segments done={done} total={total} />
      <span class="num">{`${done} of ${total}`}</span>
      <span class="left">{children}</span>
      <form method="post" action={dismiss}>
        <Button variant="quiet" small icon="x" label="Hide this" />
      </form>
    </section>
  );
}

/** When something was last checked, beside the page. */
export function LastCheck(props: {
  label: string;
  value: Child;
  tone?: "fresh" | "waiting" | "failed";
  children?: Child;
}) {
  const { label, value, tone = "fresh", children } = props;
  return (
    <section class={["proof", `is-${tone}`]}>
      <h2 class="small muted">{label}</h2>
      <p class="value">{value}</p>
      <p class="note">{children}</p>
    </section>
  );
}

/** Two ends of a line with a rule below: requirements, packages of a repository. */
export function Pairs({ pairs, id }: { pairs: [left: Child, right: Child][]; id?: string }) {
  return (
    <ul class="pairs" id={id}>
      {pairs.map(([left, right]) => (
        <li>
          <span class="named">{left}</span>
          <span class="num secondary">{right}</span>
        </li>
      ))}
    </ul>
  );
}
