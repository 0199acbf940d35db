// Text as PHP and terminals treat it: blanks, bytes, and characters that can deceive a reader.

const CONTROL = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;
const CONTROL_SEQUENCES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?)/g;
const LINE_BREAKS_AND_TABS = /[\t\n\v\f\r\u0085\u2028\u2029]+/g;
const BLANKS = " \t\n\r\0\v";

/** True for C0 and C1 control characters (line breaks too) and for overrides of the writing direction. */
export function hasControlCharacters(text: string): boolean {
  return CONTROL.test(text);
}

/** Text for display on one line: no terminal sequences, control characters or direction overrides. */
export function plainText(text: string): string {
  const oneLine = text.replace(CONTROL_SEQUENCES, "").replace(LINE_BREAKS_AND_TABS, " ");
  return oneLine.replace(new RegExp(CONTROL, "g"), "").trim();
}

/** Untrusted text for use inside a sentence: sanitized, and cut at 80 characters. */
export function excerpt(text: string): string {
  const plain = plainText(text.slice(0, 400));
  return plain.length > 80 || text.length > 400 ? `${plain.slice(0, 80).toWellFormed()}…` : plain;
}

/** PHP's trim(): spaces, tabs, line breaks and NUL, nothing else of Unicode. */
export function trimBlanks(text: string): string {
  let start = 0;
  let end = text.length;
  while (start < end && BLANKS.includes(text[start]!)) start++;
  while (end > start && BLANKS.includes(text[end - 1]!)) end--;
  return text.slice(start, end);
}

/** PHP's strtolower(): ASCII letters, nothing else of Unicode. */
export function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

const NUMERIC = /^[ \t\n\r\v\f]*[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?[ \t\n\r\v\f]*$/i;

/** The order of PHP's sort() and ksort(): numeric where both texts are numbers, otherwise bytewise. */
export function comparePhp(a: string, b: string): number {
  const areNumbers = NUMERIC.test(a) && NUMERIC.test(b);
  return (areNumbers && Number(a) - Number(b)) || compareBytes(a, b);
}

/** Compares UTF-8 bytes, which is git's order of ref names. */
export function compareBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    if (a[i] !== b[i]) return byteRank(a.charCodeAt(i)) - byteRank(b.charCodeAt(i));
  }
  return a.length - b.length;
}

/** UTF-16 sorts surrogates before U+E000..U+FFFF, UTF-8 sorts the characters that they encode after them. */
function byteRank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
