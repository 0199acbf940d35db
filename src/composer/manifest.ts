// A composer.json as a registry takes it in: strictly read, refused where Composer would refuse it, and cut down
// to what clients may see. `dist`, `source`, `notification-url` and the like never pass: they are ours to say.
import { type Json, parseJson } from "./json.ts";
import { type JsonMap, ManifestError, mapOf, refuse } from "./field.ts";
import { LINK_TYPES, type Links, type ManifestFields, readFields } from "./manifest-fields.ts";
import { excerpt } from "./text.ts";
import { normalizeVersion, VersionError } from "./version.ts";

export type Manifest = {
  /** As written and unchecked: the default branch's name counts for all versions (packageNameOf in refs.ts). */
  name: string | null;
  /** As written and unchecked: it counts on tags only (versionOf in refs.ts). */
  version: string | null;
  /** Release time in epoch milliseconds, where the file gives one. */
  timeMs: number | null;
  fields: ManifestFields;
  /** What was left out or looks wrong, in words for the developer; at most 50. */
  notes: string[];
};

const MAX_NOTES = 50;

/** The caller limits the size of the text. `reason` is a sentence that begins with the file's name. */
export function parseManifest(text: string): { manifest: Manifest } | { reason: string } {
  try {
    return { manifest: readManifest(text) };
  } catch (error) {
    if (!(error instanceof ManifestError)) throw error;
    return { reason: error.message };
  }
}

function readManifest(text: string): Manifest {
  const { map, notes } = readJson(text);
  const name = readOwnText(map, "name", notes);
  const version = readOwnText(map, "version", notes);
  const fields = readFields(map, notes);
  refuseAsComposer(map, fields, notes);
  const own = withoutSelfLinks(fields, name?.toLowerCase() ?? "");
  if (LINK_TYPES.some((type) => size(own[type]) < size(fields[type]))) {
    notes.push("composer.json: a link from the package to itself was left out");
  }
  const timeMs = readTime(map.time, notes);
  return { name: name || null, version, timeMs, fields: own, notes: notes.slice(0, MAX_NOTES) };
}

/** The links without those to the package itself, which Composer passes over. */
export function withoutSelfLinks(fields: ManifestFields, name: string): ManifestFields {
  const kept = { ...fields };
  for (const type of LINK_TYPES) {
    const links = Object.entries(fields[type] ?? {}).filter(([target]) => target.toLowerCase() !== name);
    if (links.length > 0) kept[type] = Object.fromEntries(links);
    else delete kept[type];
  }
  return kept;
}

function size(links: Links | undefined): number {
  return Object.keys(links ?? {}).length;
}

function readJson(text: string): { map: JsonMap; notes: string[] } {
  if (text.trim() === "") throw new ManifestError("composer.json is empty");
  const parsed = parseJson(text);
  if ("reason" in parsed) throw new ManifestError(`composer.json ${parsed.reason}`);
  const map = mapOf(cleaned(parsed.value) ?? null);
  if (!map) throw new ManifestError("composer.json must hold an object");
  if (Object.keys(map).length === 0) throw new ManifestError("composer.json is empty");
  const twice = parsed.duplicates.map(
    (path) => `composer.json: ${excerpt(path)} is there twice; the last one counts`,
  );
  return { map, notes: twice };
}

/** Without nulls, numbers beyond all limits, and keys that could reach a JavaScript prototype. */
function cleaned(value: Json): Json | undefined {
  if (value === null || (typeof value === "number" && !Number.isFinite(value))) return undefined;
  if (typeof value !== "object") return value;
  if (Array.isArray(value)) return value.map(cleaned).filter((member) => member !== undefined);
  const members = Object.entries(value).map(([key, member]) => [key, cleaned(member)] as const);
  return Object.fromEntries(
    members.filter(([key, member]) => key !== "__proto__" && member !== undefined),
  ) as JsonMap;
}

function readOwnText(map: JsonMap, key: string, notes: string[]): string | null {
  const value = map[key] ?? null;
  if (value !== null && typeof value !== "string") refuse({ path: key, notes }, "must be a text");
  return value;
}

/** What Composer's ValidatingArrayLoader refuses beyond single fields. */
function refuseAsComposer(map: JsonMap, fields: ManifestFields, notes: string[]): void {
  const at = (path: string): { path: string; notes: string[] } => ({ path, notes });
  const replaced = Object.keys(fields.conflict ?? {}).find((target) =>
    Object.hasOwn(fields.replace ?? {}, target),
  );
  if (replaced !== undefined) {
    refuse(
      at("conflict"),
      `names "${excerpt(replaced)}", which replace names too: a replaced package always conflicts`,
    );
  }
  if (fields["target-dir"] && fields.autoload?.["psr-4"]) {
    refuse(at("target-dir"), "cannot go with autoload.psr-4; remove it");
  }
  if (fields["php-ext"] && !/^php-ext(?:-zend)?$/.test(fields.type)) {
    refuse(at("php-ext"), "needs the type php-ext or php-ext-zend");
  }
  const stability = map["minimum-stability"] ?? "stable";
  if (typeof stability !== "string" || !/^(?:(?:stable|beta|alpha|dev)?|RC)$/i.test(stability)) {
    refuse(at("minimum-stability"), "must be stable, RC, beta, alpha or dev");
  }
  const platform = mapOf(mapOf(map.config ?? null)?.platform ?? null) ?? {};
  for (const [target, version] of Object.entries(platform)) {
    if (version === false || (typeof version === "string" && isVersion(version))) continue;
    refuse(at(`config.platform.${excerpt(target)}`), "must be a version or false");
  }
}

function isVersion(text: string): boolean {
  try {
    normalizeVersion(text);
    return true;
  } catch (error) {
    if (error instanceof VersionError) return false;
    throw error;
  }
}

const TIME =
  /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d{1,9})? ?(Z|UTC|[+-]\d{2}:?\d{2})?)?$/;
const END_OF_9999 = Date.UTC(10000, 0);

/** Dates as Composer documents them (`2024-01-15 10:00:00`, RFC 3339) or seconds since 1970; UTC without a zone. */
function readTime(value: Json | undefined, notes: string[]): number | null {
  if (value === undefined || value === "") return null;
  const timeMs = typeof value === "string" || typeof value === "number" ? timeOf(String(value).trim()) : NaN;
  if (timeMs < END_OF_9999) return timeMs;
  notes.push("composer.json: time was left out; it must be a date such as 2024-01-15 10:00:00");
  return null;
}

/** NaN for what is no date. */
function timeOf(text: string): number {
  if (/^\d{1,20}$/.test(text)) return Number(text) * 1000;
  const [, day, time = "00:00", zone = "Z"] = TIME.exec(text) ?? [];
  const offset = zone === "UTC" ? "Z" : zone.replace(/(\d{2}):?(\d{2})$/, "$1:$2");
  return Date.parse(`${day}T${time}${offset}`);
}
