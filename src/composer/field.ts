// A field of composer.json on its way in: where it is, and the two ways to turn its value down.
import type { Json } from "./json.ts";
import { excerpt } from "./text.ts";

export type JsonMap = { [key: string]: Json };

/** The path of a value such as `extra.branch-alias`, and the notes of the whole file. */
export type Field = { path: string; notes: string[] };

/** Thrown by readers, answered as a reason by parseManifest(). The message is a whole sentence. */
export class ManifestError extends Error {
  override name = "ManifestError";
}

/** Composer would refuse the version: so do we. */
export function refuse(field: Field, problem: string): never {
  throw new ManifestError(`composer.json: ${field.path} ${problem}`);
}

/** The value is of no use to clients and may harm them: the version goes out without it. */
export function leaveOut(field: Field, expected: string): undefined {
  field.notes.push(`composer.json: ${field.path} was left out; it must be ${expected}`);
}

export function inside(field: Field, key: string | number): Field {
  return { path: `${field.path}.${excerpt(String(key))}`, notes: field.notes };
}

/** PHP has one kind of array: an empty list is an empty map too. */
export function mapOf(value: Json): JsonMap | null {
  if (Array.isArray(value)) return value.length === 0 ? {} : null;
  return typeof value === "object" ? value : null;
}

/** A list that holds texts only. */
export function textsOf(value: Json): string[] | null {
  if (!Array.isArray(value)) return null;
  return value.every((member) => typeof member === "string") ? value : null;
}

export function isEmpty(value: unknown): boolean {
  if (value === "") return true;
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}
