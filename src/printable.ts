// Foreign text for a terminal, a log, a table or a mail: invisible characters are written as escapes, so that none of
// them moves the cursor, hides or reverses text, or starts a new line.

/** Control and format characters, line and paragraph separators, and halves of a character. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The first invisible character; null when there is none. */
export function firstInvisible(text: string): string | null {
  return text.match(unseen)?.[0] ?? null;
}

/** Removes invisible characters from a name that a Git host or identity provider sent. */
export function withoutInvisible(text: string): string {
  return text.replace(unseen, " ").replace(/ {2,}/g, " ").trim();
}

/** One line, with invisible characters as `\u001b`; inside JSON that means the same text. */
export function printable(text: string): string {
  return text.replace(unseen, escaped);
}

/** The same for text of several lines; line breaks stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
    .join("");
}
