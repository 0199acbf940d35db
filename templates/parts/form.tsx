import type { Child } from "../jsx/jsx-runtime.ts";
import { Button, Cancel } from "./button.tsx";
import { Elsewhere, type Problem } from "./problem.tsx";

type Attributes = { [name: `data-${string}`]: string | true | undefined };

/** A form of a page: its fields, the problem that belongs to none of them (`fields` are their names), its buttons. */
export function Form(
  props: Attributes & {
    action: string;
    /** `get` for what stays in the address. */
    method?: "get" | "post";
    problem?: Problem | null;
    fields?: string[];
    /** The text of its button, and the one while the form is sent. */
    submit: Child;
    busy?: string;
    variant?: "primary" | "plain" | "destructive";
    /** The button is free once the text is typed that a field expects. */
    waits?: boolean;
    /** Where Cancel leads. */
    cancel?: string;
    /** A link beside the buttons. */
    more?: Child;
    children?: Child;
  },
) {
  const { action, method = "post", problem = null, fields = [], children, ...others } = props;
  const { submit, busy, variant = "primary", waits, cancel, more, ...rest } = others;
  return (
    <form class="stack is-close form" method={method} action={action} {...rest}>
      {children}
      <Elsewhere problem={problem} fields={fields} />
      <div class="actions">
        <Button
          variant={variant === "primary" ? "primary" : undefined}
          destroys={variant === "destructive"}
          busy={busy}
          data-waits={waits ? "" : undefined}
        >
          {submit}
        </Button>
        {cancel === undefined ? null : <Cancel href={cancel} />}
        {more}
      </div>
    </form>
  );
}
