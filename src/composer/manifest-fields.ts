// The fields of a composer.json that are published, and the reader of each. Values that break every client are refused,
// values that crash one or mean nothing are left out with a note, all others pass unchanged.
import { readAutoload, readAutoloadDev } from "./autoload.ts";
import {
  type Field,
  inside,
  isEmpty,
  isTrue,
  isWholeNumber,
  leaveOut,
  listOf,
  mapOf,
  textsOf,
} from "./field.ts";
import { readLinks, readSuggest } from "./field-links.ts";
import {
  readAuthors,
  readFunding,
  readKeywords,
  readSupport,
  readText,
  readTexts,
  readUrl,
  type Reader,
} from "./field-texts.ts";
import { depthOf, type Json, type JsonMap, JsonNumber, jsonText } from "./json.ts";
import { readPhpExtension } from "./php-extension.ts";
import { hasControlCharacters, lowerCase } from "./text.ts";

/** Package name in lower case → constraint, `self.version` included. */
export type Links = Record<string, string>;

/** The parsed type of each field. */
export type FieldValues = {
  description: string;
  keywords: string[];
  homepage: string;
  license: string[];
  authors: Record<string, unknown>[];
  /** Lower case; clients treat a package without a type as a library. */
  type: string;
  support: Record<string, string>;
  funding: Record<string, unknown>[];
  autoload: Record<string, unknown>;
  "autoload-dev": Record<string, unknown>;
  bin: string[];
  "include-path": string[];
  "target-dir": string;
  extra: unknown;
  require: Links;
  "require-dev": Links;
  conflict: Links;
  provide: Links;
  replace: Links;
  suggest: Record<string, string>;
  scripts: Record<string, string[]>;
  archive: { name?: string; exclude?: string[] };
  "php-ext": Record<string, unknown>;
  abandoned: true | string;
};

/** Each field as JSON text: the only form that keeps the order of all keys and the digits of all numbers. */
export type ManifestFields = { [Name in keyof FieldValues]?: string };

export const LINK_TYPES = ["require", "require-dev", "conflict", "provide", "replace"] as const;

/** PHP's limit of 512 includes the lists and objects around the field in a document and in a lock file. */
const MAX_FIELD_DEPTH = 500;
const MAX_PATH_LENGTH = 255;
const MAX_TYPE_LENGTH = 100;

/** The allow-list, in the order in which fields are published. */
const READERS: Record<keyof FieldValues, Reader> = {
  description: readText,
  keywords: readKeywords,
  homepage: readUrl,
  license: readLicense,
  authors: readAuthors,
  type: readType,
  support: readSupport,
  funding: readFunding,
  autoload: readAutoload,
  "autoload-dev": readAutoloadDev,
  bin: readBin,
  "include-path": (value, field) => textsOf(value) ?? leaveOut(field, "a list of texts"),
  "target-dir": readTargetDir,
  extra: readExtra,
  require: readLinks,
  "require-dev": readLinks,
  conflict: readLinks,
  provide: readLinks,
  replace: readLinks,
  suggest: readSuggest,
  scripts: readScripts,
  archive: readArchive,
  "php-ext": readPhpExtension,
  abandoned: readAbandoned,
};

/** Reads the published fields. Throws ManifestError. */
export function readFields(map: JsonMap, notes: Field["notes"]): ManifestFields {
  const fields: ManifestFields = { type: '"library"' };
  for (const [name, read] of Object.entries(READERS) as [keyof FieldValues, Reader][]) {
    const value = portable(map.get(name) ?? null, { path: name, notes });
    const kept = value === null ? undefined : read(value, { path: name, notes });
    if (kept !== undefined && !isEmpty(kept)) fields[name] = jsonText(kept);
  }
  return fields;
}

/** Removes values that a client could read but not write into its lock file. */
function portable(value: Json, field: Field): Json {
  if (depthOf(value) > MAX_FIELD_DEPTH) {
    leaveOut(field, `nested at most ${MAX_FIELD_DEPTH} levels deep`);
    return null;
  }
  return withoutInfinities(value, field) ?? null;
}

function withoutInfinities(value: Json, field: Field): Json | undefined {
  if (value instanceof JsonNumber)
    return Number.isFinite(Number(value.text)) ? value : leaveOut(field, "a number of at most 1.7e308");
  if (Array.isArray(value)) {
    const list = value.map((member, i) => withoutInfinities(member, inside(field, i)));
    return list.filter((member) => member !== undefined);
  }
  if (!(value instanceof Map)) return value;
  const members = [...value].map(
    ([key, member]) => [key, withoutInfinities(member, inside(field, key))] as const,
  );
  return new Map(members.filter((member): member is [string, Json] => member[1] !== undefined));
}

function readLicense(value: Json, field: Field): string[] | undefined {
  if (typeof value !== "string") return readTexts(value, field);
  return isEmpty(value) ? undefined : readTexts([value], field);
}

function readType(value: Json, field: Field): string | undefined {
  const isType =
    typeof value === "string" &&
    value.trim() !== "" &&
    value.length <= MAX_TYPE_LENGTH &&
    !hasControlCharacters(value);
  return isType ? lowerCase(value) : leaveOut(field, `a text of 1 to ${MAX_TYPE_LENGTH} characters`);
}

/** The path becomes part of a shell script that the client writes. */
function readBin(value: Json, field: Field): string[] | undefined {
  const paths = typeof value === "string" ? [value] : listOf(value, field);
  if (!paths) return leaveOut(field, "a path or a list of paths");
  const kept = paths.map((path, i) =>
    readBinPath(path, typeof value === "string" ? field : inside(field, i)),
  );
  return kept.filter((path) => path !== undefined);
}

function readBinPath(path: Json, field: Field): string | undefined {
  if (typeof path !== "string" || /^\/*$/.test(path)) return leaveOut(field, "a path");
  if (/(?:^|[\\/])\.\.(?:[\\/]|$)/.test(path))
    return leaveOut(field, 'a path inside the package, without ".."');
  if (/[*$`"&^|<>()%!;\u0000-\u001f\u007f]/.test(path))
    return leaveOut(field, "a path without shell or control characters");
  return path.replace(/^\/+/, "");
}

/** Resolves dots so that the path stays inside, as Composer does. */
function readTargetDir(value: Json, field: Field): string | undefined {
  if (typeof value !== "string" || value.length > MAX_PATH_LENGTH || hasControlCharacters(value))
    return leaveOut(field, `a text of at most ${MAX_PATH_LENGTH} characters`);
  const folder = value
    .replace(/(?:^|[\\/]+)\.\.?(?:[\\/]+|$)(?:\.\.?(?:[\\/]+|$))*/g, "/")
    .replace(/^\/+/, "");
  return isEmpty(folder) ? leaveOut(field, "a folder of the package") : folder;
}

/** Clients crash on a branch alias that is not a string; they ignore meaningless ones. */
function readExtra(value: Json, field: Field): Json | undefined {
  if (Array.isArray(value)) return value;
  const map = mapOf(value);
  if (!map) return leaveOut(field, "an object");
  const aliases = map.get("branch-alias");
  if (aliases === undefined || aliases === null) return map;
  const extra = new Map(map);
  const read = readAliases(aliases, inside(field, "branch-alias"));
  if (read) extra.set("branch-alias", read);
  else extra.delete("branch-alias");
  return extra;
}

function readAliases(value: Json, field: Field): JsonMap | undefined {
  const aliases = mapOf(value);
  if (!aliases) return leaveOut(field, "an object of branches and their aliases");
  const kept = [...aliases].filter(([branch, alias]) => {
    const isAlias = typeof alias === "string" && !isWholeNumber(branch);
    if (!isAlias) leaveOut(inside(field, branch), "a text such as 2.x-dev, under the name of a branch");
    return isAlias;
  });
  return new Map(kept);
}

/** Composer accepts a single command in place of a list. */
function readScripts(value: Json, field: Field): JsonMap | undefined {
  const map = mapOf(value);
  if (!map) return leaveOut(field, "an object");
  const scripts: JsonMap = new Map();
  for (const [event, listener] of map) {
    const commands = typeof listener === "string" ? [listener] : textsOf(listener);
    if (commands) scripts.set(event, commands);
    else leaveOut(inside(field, event), "a text or a list of texts");
  }
  return scripts;
}

function readArchive(value: Json, field: Field): JsonMap | undefined {
  const map = mapOf(value);
  if (!map) return leaveOut(field, "an object");
  const archive: JsonMap = new Map();
  const name = map.get("name") ?? null;
  if (typeof name === "string" && !isEmpty(name)) archive.set("name", name);
  else if (name !== null && !isEmpty(name)) leaveOut(inside(field, "name"), "a text");
  const exclude = readPatterns(map.get("exclude") ?? [], inside(field, "exclude"));
  if (exclude && exclude.length > 0) archive.set("exclude", exclude);
  return archive;
}

/** Must stay exact: the archive's bytes depend on it. */
function readPatterns(value: Json, field: Field): string[] | undefined {
  const list = listOf(value, field);
  if (!list) return leaveOut(field, "a list of texts");
  const patterns = list.map((pattern, i) =>
    typeof pattern === "string" ? pattern : leaveOut(inside(field, i), "a text"),
  );
  return patterns.filter((pattern) => pattern !== undefined);
}

/** Other values are cast like PHP: 1 is true. */
function readAbandoned(value: Json, field: Field): true | string | undefined {
  if (!isTrue(value)) return undefined;
  return typeof value === "string" ? readText(value, field) : true;
}
