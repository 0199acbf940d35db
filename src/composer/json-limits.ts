// Limits on a JSON text, counted in a single pass before anything is parsed. Time and memory for an untrusted file grow
// with these numbers and not with what its author puts into a megabyte.

/** `levels` is PHP's own limit. */
export const jsonLimits = { levels: 512, keyCharacters: 10_000, keys: 20_000, listEntries: 20_000 } as const;

/** Completes a sentence that begins with the file's name; null when the text is within every limit. */
export function excessIn(text: string): string | null {
  const { levels, keyCharacters, keys, listEntries } = jsonLimits;
  const counted = count(text);
  if (counted.levels > levels) return `is nested deeper than ${levels} levels`;
  if (counted.longestKey > keyCharacters) return `has a key of more than ${number(keyCharacters)} characters`;
  if (counted.keys > keys) return `has more than ${number(keys)} keys`;
  if (counted.listEntries > listEntries) return `has more than ${number(listEntries)} list entries`;
  return null;
}

type Counted = { levels: number; keys: number; longestKey: number; listEntries: number };

/** For invalid JSON the counts mean nothing; the parser reports it. */
function count(text: string): Counted {
  const counted: Counted = { levels: 0, keys: 0, longestKey: 0, listEntries: 0 };
  const inList: boolean[] = [];
  let stringLength = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = endOfString(text, at + 1);
      stringLength = end - at - 1;
      at = end;
    } else if (character === ":") {
      counted.keys++;
      counted.longestKey = Math.max(counted.longestKey, stringLength);
    } else if (character === "[" || character === "{") {
      inList.push(character === "[");
      counted.levels = Math.max(counted.levels, inList.length);
      if (character === "[") counted.listEntries++;
    } else if (character === "]" || character === "}") inList.pop();
    else if (character === "," && inList.at(-1)) counted.listEntries++;
  }
  return counted;
}

/** The position of the closing quotation mark, or the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start;
  while (at < text.length && text[at] !== '"') at += text[at] === "\\" ? 2 : 1;
  return at;
}

function number(count: number): string {
  return count.toLocaleString("en-US");
}
