// What is wrong with a form: beside its field, or above the button when it belongs to none that is shown.
import type { Child } from "../jsx/jsx-runtime.ts";
import { FieldError } from "./field.tsx";

export type Problem = {
  field: string | null;
  /** What is wrong and what to do. */
  message: string;
  /** The page that helps. */
  link: { href: string; text: string } | null;
};

export function errorAt(problem: Problem | null, field: string): Child | undefined {
  return problem?.field === field ? problemText(problem) : undefined;
}

/** The problem, when none of these fields shows it. */
export function Elsewhere({ problem, fields }: { problem: Problem | null; fields: string[] }) {
  if (problem === null || fields.includes(problem.field ?? "")) return <></>;
  return <FieldError>{problemText(problem)}</FieldError>;
}

export function problemText({ message, link }: Problem): Child {
  if (link === null) return message;
  return (
    <>
      {message} <a href={link.href}>{link.text}</a>
    </>
  );
}
