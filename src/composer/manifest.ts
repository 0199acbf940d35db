// Parses a composer.json for publishing: refuses it when no client could install it, and keeps only the fields that are
// published. `dist`, `source`, `notification-url` and the like never pass: the registry writes them.
import { addNote, isTrue, leaveOut, ManifestError, mapOf, refuse } from "./field.ts";
import { type Json, JsonNumber, type JsonMap, jsonText, parseJson } from "./json.ts";
import {
  type FieldValues,
  LINK_TYPES,
  type Links,
  type ManifestFields,
  readFields,
} from "./manifest-fields.ts";
import type { ManifestNote } from "./note.ts";
import { noteRootOnly } from "./root-only.ts";
import { excerpt, lowerCase } from "./text.ts";

export type Manifest = {
  /** Raw and unchecked: the default branch's name applies to all versions (packageNameOf in package-name.ts). */
  name: string | null;
  /** Raw and unchecked: it only applies to tags (versionOf in refs.ts). */
  version: string | null;
  /** Release time in epoch milliseconds, if the file has one. */
  timeMs: number | null;
  fields: ManifestFields;
  /** What was left out or looks wrong; at most 50. */
  notes: ManifestNote[];
};

/** The caller limits the size of the text. `reason` is a sentence that begins with the file's name. */
export function parseManifest(text: string): { manifest: Manifest } | { reason: string } {
  try {
    return { manifest: readManifest(text) };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { reason: error.message };
  }
}

/** The value of a field; undefined where composer.json has none. */
export function fieldOf<Name extends keyof FieldValues>(
  { fields }: Pick<Manifest, "fields">,
  name: Name,
): FieldValues[Name] | undefined {
  const text = fields[name];
  return text === undefined ? undefined : (JSON.parse(text) as FieldValues[Name]);
}

function readManifest(text: string): Manifest {
  const { map, notes } = readJson(text);
  const name = readName(map.get("name") ?? null, notes);
  const version = readVersion(map.get("version") ?? null);
  const fields = readFields(map, notes);
  noteRootOnly(map, notes);
  if (fields["target-dir"] && fieldOf({ fields }, "autoload")?.["psr-4"])
    refuse({ path: "target-dir", notes }, "cannot go with autoload.psr-4; remove it");
  const own = withoutSelfLinks(fields, lowerCase(name ?? ""));
  for (const type of LINK_TYPES)
    if (own[type] !== fields[type]) addNote(notes, { code: "self_link", path: type });
  return {
    name: name || null,
    version,
    timeMs: readTime(map.get("time") ?? null, notes),
    fields: own,
    notes,
  };
}

/** Removes links to the package itself, which Composer ignores. */
export function withoutSelfLinks(fields: ManifestFields, name: string): ManifestFields {
  const kept = { ...fields };
  for (const type of LINK_TYPES) {
    if (!fields[type]?.includes(`${JSON.stringify(name)}:`)) continue;
    const { [name]: self, ...links } = fieldOf({ fields }, type) as Links;
    if (self === undefined) continue;
    if (Object.keys(links).length > 0) kept[type] = JSON.stringify(links);
    else delete kept[type];
  }
  return kept;
}

function readJson(text: string): { map: JsonMap; notes: ManifestNote[] } {
  if (text.trim() === "") throw new ManifestError("composer.json is empty");
  const parsed = parseJson(text);
  if ("reason" in parsed) throw new ManifestError(`composer.json ${parsed.reason}`);
  const map = mapOf(parsed.value);
  if (!map) throw new ManifestError("composer.json must hold an object");
  if (map.size === 0) throw new ManifestError("composer.json is empty");
  const notes: ManifestNote[] = [];
  for (const path of parsed.duplicates) addNote(notes, { code: "key_twice", path: excerpt(path) });
  return { map, notes };
}

/** A name that is not a string counts as missing: Composer uses the default branch's name for most versions anyway. */
function readName(value: Json, notes: ManifestNote[]): string | null {
  if (typeof value === "string") return value;
  if (value !== null) leaveOut({ path: "name", notes }, "a text");
  return null;
}

/** A `version` that is neither a string nor a number never matches a tag; branches ignore the field. */
function readVersion(value: Json): string | null {
  if (value === null || typeof value === "string") return value;
  return excerpt(jsonText(value));
}

const TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,9})? ?(Z|UTC|[+-]\d{2}:?\d{2})?)?$/;
const END_OF_9999 = Date.UTC(10000, 0);

/** Dates as Composer documents them (`2024-01-15 10:00:00`, RFC 3339) or seconds since 1970; UTC without a zone. */
function readTime(value: Json, notes: ManifestNote[]): number | null {
  if (!isTrue(value)) return null;
  const text = value instanceof JsonNumber ? value.text : typeof value === "string" ? value : "";
  const timeMs = timeOf(text.trim());
  if (timeMs < END_OF_9999) return timeMs;
  leaveOut({ path: "time", notes }, "a date such as 2024-01-15 10:00:00");
  return null;
}

/** NaN for an invalid date. */
function timeOf(text: string): number {
  if (/^\d{1,20}$/.test(text)) return Number(text) * 1000;
  const [, day, time = "00:00", zone = "Z"] = TIME.exec(text) ?? [];
  const offset = zone === "UTC" ? "Z" : zone.replace(/(\d{2}):?(\d{2})$/, "$1:$2");
  return Date.parse(`${day}T${time}${offset}`);
}
