// Parses and writes untrusted JSON like PHP: keys keep their order even when they look like integers, numbers keep
// their digits, and the last value of a duplicate key wins.

import { excessIn } from "./json-limits.ts";

/** A number as written: PHP's integers and floats do not all fit into a JavaScript number. */
export class JsonNumber {
  constructor(readonly text: string) {}
}

export type Json = null | boolean | string | JsonNumber | Json[] | JsonMap;
export type JsonMap = Map<string, Json>;

/** `duplicates`: the paths of duplicate keys, at most 20. */
type ParsedJson = { value: Json; duplicates: string[] };

const MAX_DUPLICATES = 20;

class JsonError extends Error {}

/** The state of the parser: position and path of keys. */
type Reading = {
  text: string;
  at: number;
  path: string[];
  duplicates: string[];
};

/** Parses in one pass. `reason` completes a sentence that begins with the file's name. */
export function parseJson(text: string): ParsedJson | { reason: string } {
  if (text.startsWith("\ufeff"))
    return { reason: "begins with a byte order mark; save it as UTF-8 without one" };
  const excess = excessIn(text);
  if (excess !== null) return { reason: excess };
  const reading: Reading = { text, at: 0, path: [], duplicates: [] };
  try {
    const value = readValue(reading);
    skipBlanks(reading);
    if (reading.at < text.length) fail(reading, "something follows after the end of the value");
    return { value, duplicates: reading.duplicates };
  } catch (error) {
    if (!(error instanceof JsonError)) throw error;
    return { reason: error.message };
  }
}

/** Writes without blanks; equal values give equal text. */
export function jsonText(value: Json): string {
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(jsonText).join(",")}]`;
  if (!(value instanceof Map)) return JSON.stringify(value);
  const members = Array.from(value, ([key, member]) => `${JSON.stringify(key)}:${jsonText(member)}`);
  return `{${members.join(",")}}`;
}

/** The nesting depth of objects and lists; 0 for scalars. */
export function depthOf(value: Json): number {
  if (typeof value !== "object" || value === null || value instanceof JsonNumber) return 0;
  let deepest = 0;
  for (const member of value.values()) deepest = Math.max(deepest, depthOf(member));
  return deepest + 1;
}

function readValue(reading: Reading): Json {
  skipBlanks(reading);
  const character = reading.text[reading.at];
  if (character === "{") return readObject(reading);
  if (character === "[") return readList(reading);
  if (character === '"') return readText(reading);
  return readWord(reading);
}

function readObject(reading: Reading): JsonMap {
  const map: JsonMap = new Map();
  reading.at++;
  while (!leaves(reading, "}", map.size > 0)) {
    if (reading.text[reading.at] !== '"') fail(reading, "a key in double quotes is missing");
    const key = readText(reading);
    skipBlanks(reading);
    if (reading.text[reading.at] !== ":") fail(reading, "a colon is missing after the key");
    reading.at++;
    reading.path.push(key);
    if (map.has(key)) noteDuplicate(reading);
    map.set(key, readValue(reading));
    reading.path.pop();
  }
  return map;
}

function readList(reading: Reading): Json[] {
  const list: Json[] = [];
  reading.at++;
  reading.path.push("");
  while (!leaves(reading, "]", list.length > 0)) list.push(readValue(reading));
  reading.path.pop();
  return list;
}

/** True after the closing bracket was consumed; false before the next member, with the comma consumed. */
function leaves(reading: Reading, bracket: "}" | "]", isLater: boolean): boolean {
  skipBlanks(reading);
  const character = reading.text[reading.at];
  if (character === bracket) {
    reading.at++;
    return true;
  }
  if (!isLater) return false;
  if (character !== ",") fail(reading, `a comma or the closing ${bracket} is missing`);
  const comma = reading.at++;
  skipBlanks(reading);
  if (reading.text[reading.at] === bracket)
    fail({ ...reading, at: comma }, "a comma stands after the last value");
  return false;
}

const CHUNK = /[^"\\\u0000-\u001f]*/y;

function readText(reading: Reading): string {
  const start = reading.at;
  let isPlain = true;
  for (reading.at++; reading.at < reading.text.length; reading.at += 2) {
    CHUNK.lastIndex = reading.at;
    CHUNK.test(reading.text);
    reading.at = CHUNK.lastIndex;
    if (reading.text[reading.at] !== "\\") break;
    isPlain = false;
  }
  if (reading.text[reading.at] !== '"') failInText(reading, start);
  const raw = reading.text.slice(start, ++reading.at);
  const text = isPlain ? raw.slice(1, -1) : unescaped(raw, { ...reading, at: start });
  if (!text.isWellFormed()) fail({ ...reading, at: start }, "a text holds half of a UTF-16 surrogate pair");
  return text;
}

function unescaped(raw: string, reading: Reading): string {
  try {
    return JSON.parse(raw) as string;
  } catch {
    return fail(reading, "a text holds a backslash that begins no escape");
  }
}

function failInText(reading: Reading, start: number): never {
  if (reading.at >= reading.text.length) fail({ ...reading, at: start }, "a text is not closed");
  fail(reading, "a text holds a line break or another control character; write it as \\n, \\t or \\u00…");
}

const WORD = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

function readWord(reading: Reading): Json {
  WORD.lastIndex = reading.at;
  const [word] = WORD.exec(reading.text) ?? [];
  if (word === undefined) return failAtValue(reading);
  reading.at += word.length;
  if (word === "null") return null;
  if (word === "true" || word === "false") return word === "true";
  return new JsonNumber(word);
}

function failAtValue(reading: Reading): never {
  const rest = reading.text.slice(reading.at, reading.at + 2);
  if (rest === "") fail(reading, "the file ends too early");
  if (rest === "//" || rest === "/*" || rest.startsWith("#")) fail(reading, "JSON has no comments");
  if (rest.startsWith("'")) fail(reading, "texts stand in double quotes");
  fail(reading, "a value is missing or is none that JSON knows");
}

function skipBlanks(reading: Reading): void {
  const { text } = reading;
  for (;;) {
    const code = text.charCodeAt(reading.at);
    if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return;
    reading.at++;
  }
}

function noteDuplicate({ path, duplicates }: Reading): void {
  if (duplicates.length >= MAX_DUPLICATES) return;
  const text = pathText(path);
  if (!duplicates.includes(text)) duplicates.push(text);
}

/** Truncates each key before joining: a hostile file repeats a deep key many times. */
function pathText(path: string[]): string {
  let text = "";
  for (const key of path) {
    if (text.length > 400) break;
    if (key !== "") text += `${text && "."}${key}`;
  }
  return text;
}

/** Lines and columns count from 1; columns are characters as editors show them. */
function fail({ text, at }: Reading, problem: string): never {
  const before = text.slice(0, at).split(/\r\n|\r|\n/);
  const column = [...(before.at(-1) ?? "").slice(-10_000)].length + 1;
  throw new JsonError(
    `is not valid JSON at line ${before.length}, column ${column}: ${problem}; check it with: composer validate`,
  );
}
