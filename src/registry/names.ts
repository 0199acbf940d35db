// Checks names and other single lines of input, from pages and commands alike: invisible characters are refused, since a
// terminal, a table or a mail would obey them or show something else.
import { invalid } from "../errors.ts";
import { isMailAddress } from "../mail/mail.ts";
import { excerpt } from "../composer/text.ts";
import { firstInvisible } from "../printable.ts";
import type { CredentialRow } from "../store/schema.ts";

type LineRule = {
  field: string;
  /** The message for text that is empty or too long: "Enter a name of up to 100 characters." */
  wrongLength: string;
  least?: number;
  most?: number;
  code?: string;
};

/** The text without blanks at its ends. Fails as `invalid` beside its field. */
export function checkLine(
  text: string,
  { field, wrongLength, least = 1, most = 100, code }: LineRule,
): string {
  refuseInvisible(text.trim(), field);
  const line = text.trim();
  if (line.length < least || line.length > most)
    throw invalid(wrongLength, { field, ...(code ? { code } : {}) });
  return line;
}

/** Fails as `invalid` and names the invisible character. */
export function refuseInvisible(text: string, field: string): void {
  const found = firstInvisible(text);
  if (found === null) return;
  const point = `U+${(found.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  throw invalid(`This text contains an invisible character (${point}). Remove it, or type the text again.`, {
    field,
    code: "text_unseen",
  });
}

/** The name that people see: its own, or who signs in where. */
export function nameOfCredential(
  credential: Pick<CredentialRow, "name" | "username" | "host" | "kind">,
): string {
  const { name, username, host, kind } = credential;
  if (name !== null) return name;
  if (kind === "ssh-key") return "SSH key";
  return host === null ? (username ?? "") : `${username ?? ""} at ${host}`;
}

/** The e-mail address without blanks at its ends. Fails as `invalid` beside its field. */
export function checkMailAddress(text: string): string {
  const email = text.trim();
  if (email.length > 191 || !isMailAddress(email))
    throw invalid(`"${excerpt(email)}" is not an email address.`, { field: "email" });
  return email;
}
