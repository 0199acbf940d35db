// Text fields of composer.json: authors, support, description and the like. Terminal sequences and control characters
// are removed; URLs must be http or https.
import { addNote, type Field, inside, leaveOut, listOf, mapOf } from "./field.ts";
import { type Json, JsonNumber, type JsonMap } from "./json.ts";
import { comparePhp, hasControlCharacters, plainText } from "./text.ts";

export type Reader = (value: Json, field: Field) => Json | undefined;

export function readText(value: Json, field: Field): string | undefined {
  if (typeof value !== "string") return leaveOut(field, "a text");
  if (!hasControlCharacters(value)) return value;
  addNote(field.notes, { code: "control_characters", path: field.path });
  return plainText(value);
}

export function readUrl(value: Json, field: Field): string | undefined {
  if (value === "") return value;
  const isUrl = typeof value === "string" && /^https?:\/\/[^\s/]/.test(value);
  return isUrl ? readText(value, field) : leaveOut(field, "an http or https address");
}

/** Converts numbers to strings and sorts them, as Composer does. */
export function readKeywords(value: Json, field: Field): string[] | undefined {
  const whole = (member: Json) =>
    member instanceof JsonNumber && /^(?:0|-?[1-9]\d{0,17})$/.test(member.text) ? member.text : member;
  return readTexts(listOf(value, field)?.map(whole) ?? value, field)?.toSorted(comparePhp);
}

export function readTexts(value: Json, field: Field): string[] | undefined {
  const list = listOf(value, field);
  if (!list) return leaveOut(field, "a list of texts");
  const texts = list.map((member, i) => readText(member, inside(field, i)));
  return texts.filter((text) => text !== undefined);
}

/** Members that no client knows stay unchanged. */
const PERSON: Record<string, Reader> = { name: readText, email: readText, homepage: readUrl, role: readText };
const FUNDING: Record<string, Reader> = { type: readText, url: readUrl };

export function readAuthors(value: Json, field: Field): Json | undefined {
  return readObjects(value, field, PERSON);
}

export function readFunding(value: Json, field: Field): Json | undefined {
  return readObjects(value, field, FUNDING);
}

const PAGES = ["issues", "forum", "wiki", "source", "docs", "rss", "chat", "security"];
const SUPPORT: Record<string, Reader> = {
  irc: readChat,
  ...Object.fromEntries(PAGES.map((page) => [page, readUrl])),
};

/** Clients print every member, so all of them must be strings. */
export function readSupport(value: Json, field: Field): JsonMap | undefined {
  const map = mapOf(value);
  return map ? readMembers(map, field, SUPPORT, readText) : leaveOut(field, "an object");
}

function readChat(value: Json, field: Field): string | undefined {
  const isUrl = typeof value === "string" && /^ircs?:\/\/[^\s/]/.test(value);
  return isUrl ? readText(value, field) : leaveOut(field, "an irc or ircs address");
}

function readObjects(value: Json, field: Field, members: Record<string, Reader>): Json[] | undefined {
  const list = listOf(value, field);
  if (!list) return leaveOut(field, "a list");
  const read = list.map((item, i) => {
    const map = mapOf(item);
    return map ? readMembers(map, inside(field, i), members) : leaveOut(inside(field, i), "an object");
  });
  return read.filter((item) => item !== undefined);
}

function readMembers(
  map: JsonMap,
  field: Field,
  members: Record<string, Reader>,
  others: Reader = (value) => value,
): JsonMap {
  const kept: JsonMap = new Map();
  for (const [key, value] of map) {
    const read = Object.hasOwn(members, key) ? (members[key] ?? others) : others;
    const member = read(value, inside(field, key));
    if (member !== undefined) kept.set(key, member);
  }
  return kept;
}
