import type { Child } from "../jsx/jsx-runtime.ts";
import { Button, Cancel } from "./button.tsx";
import { Field } from "./field.tsx";

/**
 * A dialog that an element with `dialog={id}` opens. With `open` it opens itself (when its URL was fetched into the
 * page). Children are `DialogBody` or `Removal`.
 */
export function Dialog(props: { id: string; label: string; open?: boolean; children?: Child }) {
  const { id, label, open, children } = props;
  return (
    <dialog id={id} aria-label={label} data-open={open}>
      {children}
    </dialog>
  );
}

/** Title as a question and what stands below, in a dialog or, with `page`, as the page of the dialog's URL. */
export function DialogBody(props: { title: Child; about?: Child; page?: boolean; children?: Child }) {
  const { title, about, page, children } = props;
  return (
    <div class="dialog">
      <div>
        {page ? <h1>{title}</h1> : <h2>{title}</h2>}
        {about === undefined ? null : <p class="loss">{about}</p>}
      </div>
      {children}
    </div>
  );
}

/**
 * A destructive act: what will be lost in numbers, the name to type (`confirm` in the form), the act and cancel.
 * `cancel` is the address that one came from.
 */
export function Removal(props: {
  title: Child;
  loss: Child;
  expects: string;
  action: string;
  /** "Remove package". */
  verb: string;
  cancel: string;
  error?: Child;
  page?: boolean;
}) {
  const { title, loss, expects, action, verb, cancel, error, page } = props;
  return (
    <DialogBody title={title} about={loss} page={page}>
      <form class="dialog" method="post" action={action}>
        <Field
          name="confirm"
          id={`confirm-${expects}`}
          label={["Type ", <code>{expects}</code>, " to confirm"]}
          error={error}
          mono
          required
          autocomplete="off"
          autofocus
          expects={expects}
        />
        <div class="actions">
          <Button destroys data-waits="">
            {verb}
          </Button>
          <Cancel href={cancel} />
        </div>
      </form>
    </DialogBody>
  );
}
