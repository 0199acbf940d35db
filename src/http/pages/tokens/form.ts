// What the form for a token says, and a token as its list shows it.
import type { TokenForm } from "../../../../templates/tokens/new.tsx";
import type { TokenLine } from "../../../../templates/tokens/tokens.tsx";
import { invalid } from "../../../errors.ts";
import type { Token } from "../../../store/tokens.ts";
import { fields } from "../../forms.ts";

export const emptyTokenForm: TokenForm = { name: "", expires: "365", date: "", packages: "" };

const dayMs = 86_400_000;

export function tokenForm(body: unknown): TokenForm {
  return fields(body, ["name", "expires", "date", "packages"]);
}

/** null for never; the end of a day that was named. Fails as `invalid`. */
export function expiryOf({ expires, date }: TokenForm, now: number): number | null {
  if (expires === "never") return null;
  if (["30", "90", "365"].includes(expires)) return now + Number(expires) * dayMs;
  if (expires !== "date") throw invalid("Choose when the token expires.", { field: "expires" });
  const day = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(`${date}T23:59:59.999Z`) : NaN;
  if (Number.isNaN(day)) throw invalid("Enter a date, like 2027-01-31.", { field: "date" });
  return day;
}

/** One a line; commas and blanks part them too. */
export function packagesOf({ packages }: TokenForm): string[] {
  return [...new Set(packages.split(/[\s,]+/).filter(Boolean))];
}

export function tokenLine(token: Token & { creator: string | null }): TokenLine {
  return {
    id: token.id,
    name: token.name,
    packages: token.packages === null ? null : (JSON.parse(token.packages) as string[]),
    createdAt: token.created_at,
    creator: token.creator,
    lastUsedAt: token.last_used_at,
    expiresAt: token.expires_at,
  };
}
