// A field of composer.json that is being read: its path, and the two ways to reject its value.
import { type Json, JsonNumber, type JsonMap } from "./json.ts";
import { MAX_NOTES, type ManifestNote } from "./note.ts";
import { excerpt } from "./text.ts";

/** The path of a value such as `extra.branch-alias`, and the notes of the whole file. */
export type Field = { path: string; notes: ManifestNote[] };

/** Thrown by readers; parseManifest() answers it as a reason. The message is a whole sentence. */
export class ManifestError extends Error {
  override name = "ManifestError";
}

/** Refuses the version, because no client could install it. */
export function refuse(field: Field, problem: string): never {
  throw new ManifestError(`composer.json: ${field.path} ${problem}`);
}

/** Leaves out the value, because it is useless to clients and may break them; the version is published without it. */
export function leaveOut({ path, notes }: Field, expected: string): undefined {
  addNote(notes, { code: "field_left_out", path, expected });
}

export function addNote(notes: ManifestNote[], note: ManifestNote): void {
  if (notes.length < MAX_NOTES) notes.push(note);
}

/** Paths are cut after some 300 characters, however deep the value is. */
export function inside({ path, notes }: Field, key: string | number): Field {
  return { path: path.length > 300 ? path : `${path}.${excerpt(String(key))}`, notes };
}

/** PHP has one kind of array, so an empty list is also an empty map. */
export function mapOf(value: Json): JsonMap | null {
  if (Array.isArray(value)) return value.length === 0 ? new Map() : null;
  return value instanceof Map ? value : null;
}

/** Reads a map as the list of its values, as PHP does where the keys do not matter. */
export function listOf(value: Json, { path, notes }: Field): Json[] | null {
  if (!(value instanceof Map)) return Array.isArray(value) ? value : null;
  if (value.size > 0) addNote(notes, { code: "read_as_list", path });
  return [...value.values()];
}

/** The list when all of its entries are strings, otherwise null. */
export function textsOf(value: Json): string[] | null {
  if (!Array.isArray(value)) return null;
  return value.every((member) => typeof member === "string") ? value : null;
}

/** Whether PHP's empty() is true for this string, list or map; it is for the strings "" and "0". */
export function isEmpty(value: Json): boolean {
  if (value === "" || value === "0") return true;
  return Array.isArray(value) ? value.length === 0 : value instanceof Map && value.size === 0;
}

/** Whether PHP casts the value to true. */
export function isTrue(value: Json): boolean {
  if (value instanceof JsonNumber) return Number(value.text) !== 0;
  return value !== null && value !== false && !isEmpty(value);
}

/** PHP turns such a key into an integer, which some clients do not expect. */
export function isWholeNumber(key: string): boolean {
  return /^(?:0|-?[1-9]\d{0,18})$/.test(key);
}
