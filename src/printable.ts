// Text that others wrote, for a terminal, a log, a table or a mail: characters that nobody sees are written out, so that
// none of them moves the cursor, hides or turns what stands beside it, or begins a line of its own.

/** Control and format characters, line and paragraph separators, and halves of a character. */
const unseen = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** The first of them; null when there is none. */
export function firstInvisible(text: string): string | null {
  return text.match(unseen)?.[0] ?? null;
}

/** A name that a Git host or an identity provider gave, for our rows: without them. */
export function withoutInvisible(text: string): string {
  return text.replace(unseen, " ").replace(/ {2,}/g, " ").trim();
}

/** On one line, each unseen character as `\u001b`; inside JSON that is the same text as before. */
export function printable(text: string): string {
  return text.replace(unseen, escaped);
}

/** The same for text of several lines, which stay. */
export function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function escaped(character: string): string {
  return [...Array(character.length).keys()]
    .map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
    .join("");
}
