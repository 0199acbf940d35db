// What a form sent, and what becomes of it when it is wrong.
import type { Problem } from "../../templates/parts/problem.tsx";
import { Failure, invalid, textOf } from "../errors.ts";
import { pageRemedy } from "./pages/remedies.ts";

/**
 * The named fields as text, empty when they were not sent; a name at the end with `[]` gives every value of it. A
 * field that the form does not have is refused, so that nobody slips in a role or an owner.
 */
export function fields<const Name extends string>(body: unknown, names: readonly Name[]): Form<Name> {
  const sent = (body ?? {}) as Record<string, unknown>;
  const unknown = Object.keys(sent).filter(
    (name) => !(names as readonly string[]).some((n) => plain(n) === name),
  );
  if (unknown.length > 0 || typeof body === "string")
    throw invalid(`This form has no field "${unknown[0] ?? ""}".`, { code: "unknown_field" });
  const form: Record<string, string | string[]> = {};
  for (const name of names) {
    const value = sent[plain(name)];
    const values = (Array.isArray(value) ? value : value === undefined ? [] : [value]).map(String);
    form[plain(name)] = name.endsWith("[]") ? values : (values.at(-1) ?? "");
  }
  return form as Form<Name>;
}

type Form<Name extends string> = {
  [Key in Name as Key extends `${infer Plain}[]` ? Plain : Key]: Key extends `${string}[]`
    ? string[]
    : string;
};

export type { Problem } from "../../templates/parts/problem.tsx";

/**
 * The result of `work`, or its Failure when it is one that the person can mend: the page is then shown again with what
 * was typed. Everything else goes on to the error page.
 */
export async function orFailure<Result>(work: () => Promise<Result>): Promise<Result | Failure> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Failure && ["invalid", "conflict", "tooMany"].includes(error.kind)) return error;
    throw error;
  }
}

export function problemOf(failure: Failure): Problem {
  const remedy = failure.remedy ? pageRemedy(failure.remedy) : null;
  const sentences = [textOf(failure), ...(remedy?.text ? [remedy.text] : [])];
  return { field: failure.field ?? null, message: sentences.join(" "), link: remedy?.link ?? null };
}

function plain(name: string): string {
  return name.endsWith("[]") ? name.slice(0, -2) : name;
}
