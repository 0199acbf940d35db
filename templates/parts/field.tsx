import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";

type About = {
  /** Name of the value; also the id, unless `id` is given. */
  name: string;
  id?: string;
  label: Child;
  hint?: Child;
  /** What is wrong and what to do; it stands below the field, which keeps what was typed. */
  error?: Child;
  required?: boolean;
  optional?: boolean;
  disabled?: boolean;
  autofocus?: boolean;
};

/**
 * A text field; with `rows` an area; with `button` one stands beside it. `expects` frees the form's `data-waits`
 * buttons once that text is typed.
 */
export function Field(
  props: About & {
    value?: string;
    type?: "text" | "email" | "password" | "url" | "number" | "date" | "search";
    placeholder?: string;
    mono?: boolean;
    autocomplete?: string;
    readonly?: boolean;
    rows?: number;
    min?: number;
    max?: number;
    minlength?: number;
    maxlength?: number;
    expects?: string;
    button?: Child;
  },
) {
  const {
    id,
    label,
    hint,
    error,
    optional,
    value,
    type = "text",
    mono,
    rows,
    expects,
    button,
    ...rest
  } = props;
  const own = id ?? props.name;
  const attributes = {
    ...rest,
    id: own,
    class: ["input", mono && "mono"],
    spellcheck: mono ? "false" : undefined,
    autocapitalize: mono ? "none" : undefined,
    "data-expects": expects,
    ...described(own, { hint, error }),
  };
  const input = rows ? (
    <textarea rows={rows} {...attributes}>
      {/* The first line break of a textarea is not part of its text. */ `\n${value ?? ""}`}
    </textarea>
  ) : (
    <input type={type} value={value} {...attributes} />
  );
  return (
    <Labelled id={own} label={label} optional={optional} hint={hint} error={error}>
      {button === undefined ? (
        input
      ) : (
        <div class="with-button">
          {input}
          {button}
        </div>
      )}
    </Labelled>
  );
}

/** A choice of one among several. */
export function Select(props: About & { value?: string; options: { value: string; text: string }[] }) {
  const { id, label, hint, error, optional, value, options, ...rest } = props;
  const own = id ?? props.name;
  return (
    <Labelled id={own} label={label} optional={optional} hint={hint} error={error}>
      <div class="select">
        <select class="input" id={own} {...rest} {...described(own, { hint, error })}>
          {options.map((option) => (
            <option value={option.value} selected={option.value === value}>
              {option.text}
            </option>
          ))}
        </select>
        <Icon name="chevron-down" />
      </div>
    </Labelled>
  );
}

/** A box to tick, or one of several (`radio`). */
export function Checkbox(props: About & { value?: string; checked?: boolean; radio?: boolean }) {
  const { id, label, hint, error, optional: _, value = "on", radio, ...rest } = props;
  const own = id ?? (radio ? `${props.name}-${value}` : props.name);
  return (
    <div class="choice">
      <input
        type={radio ? "radio" : "checkbox"}
        id={own}
        value={value}
        {...rest}
        {...described(own, { hint, error })}
      />
      <label for={own}>{label}</label>
      <HintAndError id={own} hint={hint} error={error} />
    </div>
  );
}

/** Choices that belong together. */
export function FieldGroup(props: { legend: Child; hint?: Child; error?: Child; children?: Child }) {
  const { legend, hint, error, children } = props;
  return (
    <fieldset class="field">
      <legend>{legend}</legend>
      {hint === undefined ? null : <p class="hint">{hint}</p>}
      <div class="stack is-tight">{children}</div>
      {error === undefined ? null : <FieldError>{error}</FieldError>}
    </fieldset>
  );
}

/** One input for six digits; it sends its form after the sixth. */
export function OneTimeCode(props: { name: string; label?: string; error?: Child; hint?: Child }) {
  const { name, label = "Six-digit code", error, hint } = props;
  return (
    <Labelled id={name} label={label} hint={hint} error={error}>
      <div class="one-time-code">
        <span class="cells" aria-hidden="true">
          {Array.from({ length: 6 }, () => (
            <i />
          ))}
        </span>
        <input
          id={name}
          name={name}
          inputmode="numeric"
          autocomplete="one-time-code"
          pattern="[0-9]{3} ?[0-9]{3}"
          maxlength="7"
          required
          autofocus
          data-sends-itself
          {...described(name, { hint, error })}
        />
      </div>
    </Labelled>
  );
}

/** An error's icon and sentence, for errors that belong to no single field. */
export function FieldError({ id, children }: { id?: string; children?: Child }) {
  return (
    <p class="error" id={id}>
      <Icon name="circle-alert" small />
      <span>{children}</span>
    </p>
  );
}

function Labelled(props: {
  id: string;
  label: Child;
  optional?: boolean;
  hint?: Child;
  error?: Child;
  children?: Child;
}) {
  const { id, label, optional, hint, error, children } = props;
  return (
    <div class="field">
      <label for={id}>
        {label}
        {optional ? <span class="optional"> (optional)</span> : null}
      </label>
      {children}
      <HintAndError id={id} hint={hint} error={error} />
    </div>
  );
}

function HintAndError({ id, hint, error }: { id: string; hint?: Child; error?: Child }) {
  return (
    <>
      {error === undefined ? null : <FieldError id={`${id}-error`}>{error}</FieldError>}
      {hint === undefined ? null : (
        <p class="hint" id={`${id}-hint`}>
          {hint}
        </p>
      )}
    </>
  );
}

function described(id: string, { hint, error }: { hint?: Child; error?: Child }) {
  const ids = [error !== undefined && `${id}-error`, hint !== undefined && `${id}-hint`].filter(Boolean);
  return {
    "aria-invalid": error === undefined ? undefined : "true",
    "aria-describedby": ids.length > 0 ? ids.join(" ") : undefined,
  };
}
