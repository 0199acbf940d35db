// What is wrong with a form: beside its field, or above the button when it belongs to none that is shown.
import { FieldError } from "./field.tsx";

export type Problem = { field: string | null; message: string; remedy: string | null };

export function errorAt(problem: Problem | null, field: string): string | undefined {
  return problem?.field === field ? wordsOf(problem) : undefined;
}

/** The problem, when none of these fields shows it. */
export function Elsewhere({ problem, fields }: { problem: Problem | null; fields: string[] }) {
  if (problem === null || fields.includes(problem.field ?? "")) return <></>;
  return <FieldError>{wordsOf(problem)}</FieldError>;
}

function wordsOf({ message, remedy }: Problem): string {
  return remedy === null ? message : `${message} ${remedy}`;
}
