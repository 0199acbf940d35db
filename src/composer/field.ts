// A field of composer.json on its way in: where it is, and the two ways to turn its value down.
import { type Json, JsonNumber, type JsonMap } from "./json.ts";
import { MAX_NOTES, type ManifestNote } from "./note.ts";
import { excerpt } from "./text.ts";

/** The path of a value such as `extra.branch-alias`, and the notes of the whole file. */
export type Field = { path: string; notes: ManifestNote[] };

/** Thrown by readers, answered as a reason by parseManifest(). The message is a whole sentence. */
export class ManifestError extends Error {
  override name = "ManifestError";
}

/** No client could install the version: it is not published. */
export function refuse(field: Field, problem: string): never {
  throw new ManifestError(`composer.json: ${field.path} ${problem}`);
}

/** The value is of no use to clients and may harm them: the version goes out without it. */
export function leaveOut({ path, notes }: Field, expected: string): undefined {
  addNote(notes, { code: "field_left_out", path, expected });
}

export function addNote(notes: ManifestNote[], note: ManifestNote): void {
  if (notes.length < MAX_NOTES) notes.push(note);
}

/** A path ends after some 300 characters, however deep its value lies. */
export function inside({ path, notes }: Field, key: string | number): Field {
  return { path: path.length > 300 ? path : `${path}.${excerpt(String(key))}`, notes };
}

/** PHP has one kind of array: an empty list is an empty map too. */
export function mapOf(value: Json): JsonMap | null {
  if (Array.isArray(value)) return value.length === 0 ? new Map() : null;
  return value instanceof Map ? value : null;
}

/** A map is a list of its values, as for PHP where nobody looks at the keys. */
export function listOf(value: Json, { path, notes }: Field): Json[] | null {
  if (!(value instanceof Map)) return Array.isArray(value) ? value : null;
  if (value.size > 0) addNote(notes, { code: "read_as_list", path });
  return [...value.values()];
}

/** A list that holds texts only. */
export function textsOf(value: Json): string[] | null {
  if (!Array.isArray(value)) return null;
  return value.every((member) => typeof member === "string") ? value : null;
}

/** What PHP's arrays count as none; the texts "" and "0" are none to PHP's empty() as well. */
export function isEmpty(value: Json): boolean {
  if (value === "" || value === "0") return true;
  return Array.isArray(value) ? value.length === 0 : value instanceof Map && value.size === 0;
}

/** PHP's idea of true. */
export function isTrue(value: Json): boolean {
  if (value instanceof JsonNumber) return Number(value.text) !== 0;
  return value !== null && value !== false && !isEmpty(value);
}

/** PHP turns such a key into a number, which clients do not expect everywhere. */
export function isWholeNumber(key: string): boolean {
  return /^(?:0|-?[1-9]\d{0,18})$/.test(key);
}
