// JSON from strangers, read as strictly as PHP does, with what JSON.parse() passes over in silence.
import { excessIn } from "./json-limits.ts";

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

/** `duplicates`: the paths of keys that an object holds more than once; the last one counts. */
export type ParsedJson = { value: Json; duplicates: string[] };

const MAX_DEPTH = 64;
const MAX_DUPLICATES = 20;

/**
 * `reason` completes a sentence that begins with the file's name. Refused beside bad syntax: a byte order mark,
 * more than 64 levels and half surrogates.
 */
export function parseJson(text: string): ParsedJson | { reason: string } {
  if (text.startsWith("\ufeff"))
    return { reason: "begins with a byte order mark; save it as UTF-8 without one" };
  if (depthOf(text) > MAX_DEPTH) return { reason: `is nested deeper than ${MAX_DEPTH} levels` };
  const excess = excessIn(text);
  if (excess !== null) return { reason: excess };
  let value: Json;
  try {
    value = JSON.parse(text) as Json;
  } catch {
    return { reason: "is not valid JSON; check it with: composer validate" };
  }
  if (!text.isWellFormed() || !hasWholeCharacters(value)) {
    return { reason: "holds half of a UTF-16 surrogate pair, which is no character" };
  }
  return { value, duplicates: duplicateKeys(text) };
}

/** Counted on the text, before parsing: walking a hostile document is what the limit is to prevent. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const { token } of tokensOf(text)) {
    if (token === "[" || token === "{") deepest = Math.max(deepest, ++depth);
    else if (token === "]" || token === "}") depth--;
  }
  return deepest;
}

function hasWholeCharacters(value: Json): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  if (Array.isArray(value)) return value.every(hasWholeCharacters);
  return Object.entries(value).every(([key, member]) => key.isWellFormed() && hasWholeCharacters(member));
}

/** `keys` with how often each came; null in a list. */
type Level = { path: string; keys: Map<string, number> | null; key: string };

/** Of a text that JSON.parse() has accepted. */
function duplicateKeys(text: string): string[] {
  const found: string[] = [];
  const levels: Level[] = [];
  for (const { token, end } of tokensOf(text)) {
    const level = levels.at(-1);
    if (token === "[" || token === "{") {
      const path = level ? pathOf(level) : "";
      levels.push({ path, keys: token === "{" ? new Map() : null, key: "" });
    } else if (token === "]" || token === "}") {
      levels.pop();
    } else if (level?.keys && isFollowedByColon(text, end)) {
      level.key = JSON.parse(token) as string;
      const count = (level.keys.get(level.key) ?? 0) + 1;
      level.keys.set(level.key, count);
      // A path may be as long as the text: only those that are told are put together.
      if (count === 2 && found.length < MAX_DUPLICATES) found.push(pathOf(level));
    }
  }
  return [...new Set(found)];
}

function pathOf({ path, key }: Level): string {
  return path && key ? `${path}.${key}` : path || key;
}

function isFollowedByColon(text: string, position: number): boolean {
  let next = position;
  while (next < text.length && " \t\n\r".includes(text[next]!)) next++;
  return text[next] === ":";
}

/** Brackets and strings; `end` is the position after them. */
function* tokensOf(text: string): Generator<{ token: string; end: number }> {
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '"') {
      const start = i++;
      while (i < text.length && text[i] !== '"') i += text[i] === "\\" ? 2 : 1;
      yield { token: text.slice(start, i + 1), end: i + 1 };
    } else if ("[]{}".includes(character)) {
      yield { token: character, end: i + 1 };
    }
  }
}
