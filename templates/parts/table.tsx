import type { Child } from "../jsx/jsx-runtime.ts";
import { Icon } from "./icon.tsx";

export type Column = {
  title: Child;
  /** The title is the section's title: no second row of headings. */
  heading?: boolean;
  /** A link that sorts by this column; `is` when it is the sorted one. */
  sort?: { href: string; is?: "ascending" | "descending" };
  end?: boolean;
  /** The title is for screen readers only: a column of actions. */
  hiddenTitle?: boolean;
  /** Stays on a phone (a section's title and its link do). */
  keeps?: boolean;
  from?: "tablet" | "desktop";
};

/**
 * `rows` is the height of a row: 33 jobs, 35 versions, 38 history, 41 lists, 44 with actions. Children are `Row`s,
 * or `Group`s of rows (then pass `grouped`).
 */
export function Table(props: {
  label: string;
  columns: Column[];
  rows?: 33 | 35 | 38 | 41 | 44;
  id?: string;
  grouped?: boolean;
  children?: Child;
}) {
  const { label, columns, rows = 41, id, grouped, children } = props;
  return (
    <table class={["table", `rows-${rows}`]} id={id} aria-label={label}>
      <thead class={[columns.every(({ hiddenTitle }) => hiddenTitle) && "is-visually-hidden"]}>
        <tr>
          {columns.map((column) => (
            <Heading column={column} />
          ))}
        </tr>
      </thead>
      {grouped ? children : <tbody>{children}</tbody>}
    </table>
  );
}

function Heading({ column }: { column: Column }) {
  const { title, heading, sort, end, hiddenTitle, keeps, from } = column;
  return (
    <th
      scope="col"
      class={[end && "is-end", (heading || keeps) && "keeps", from && `from-${from}`]}
      aria-sort={sort?.is}
    >
      {sort ? (
        <a class="sort" href={sort.href}>
          {title}
          {sort.is ? <Icon name={sort.is === "ascending" ? "arrow-up" : "arrow-down"} small /> : null}
        </a>
      ) : heading ? (
        <h2>{title}</h2>
      ) : hiddenTitle ? (
        <span class="visually-hidden">{title}</span>
      ) : (
        title
      )}
    </th>
  );
}

/** Rows that belong together (a stability), closed by a stronger rule. */
export function Group({ children }: { children?: Child }) {
  return <tbody class="group">{children}</tbody>;
}

/** The group's name, first cell of its first row, over `span` rows. */
export function GroupName({ span, children }: { span: number; children?: Child }) {
  return (
    <th scope="rowgroup" rowspan={span}>
      {children}
    </th>
  );
}

/** A row of `Cell`s. */
export function Row(props: { id?: string; chosen?: boolean; arrived?: boolean; children?: Child }) {
  const { id, chosen, arrived, children } = props;
  return (
    <tr id={id} class={[chosen && "is-chosen", arrived && "arrived"]}>
      {children}
    </tr>
  );
}

/**
 * `at` is the place in the two lines of a phone: name and figure above, state and note below; without it the cell is
 * left out there. `grows` for the column that takes and gives room, `shrinks` for a name that gives it beside that,
 * `tight` for one no wider than its content.
 */
export function Cell(props: {
  at?: "name" | "figure" | "state" | "note";
  grows?: boolean;
  shrinks?: boolean;
  end?: boolean;
  tight?: boolean;
  small?: boolean;
  strong?: boolean;
  mono?: boolean;
  breaks?: boolean;
  from?: "tablet" | "desktop";
  children?: Child;
}) {
  const { at, grows, shrinks, end, tight, small, strong, mono, breaks, from, children } = props;
  const classes = [
    at && `at-${at}`,
    grows && "grows",
    shrinks && "shrinks",
    end && "is-end",
    tight && "is-tight",
    small && "is-small",
    strong && "is-strong",
    mono && "mono",
    breaks && "breaks",
    from && `from-${from}`,
  ];
  return <td class={classes}>{children}</td>;
}

/** The name of a figure, on a phone, where the head of its column is hidden. */
export function PhoneLabel({ children }: { children?: Child }) {
  return <span class="phone-label">{children}</span>;
}

/** The quiet actions at a row's right end. */
export function RowActions({ children }: { children?: Child }) {
  return <div class="row-actions">{children}</div>;
}

/** A figure of a list; zero is gray. The unit is shown where the head of the column is hidden. */
export function Figure({ value, text, unit }: { value: number; text: string; unit?: string }) {
  return (
    <span class={["num", value === 0 && "number-nil"]}>
      {text}
      {unit === undefined ? null : <span class="unit">{unit}</span>}
    </span>
  );
}
