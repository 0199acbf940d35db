// The fields of a composer.json that clients may see, and how each of them is read. What Composer would refuse
// is refused, what would crash a client is left out with a note, and text for people loses control characters.
import { type Autoload, readAutoload, readAutoloadDev } from "./autoload.ts";
import { parseConstraint, ConstraintError } from "./constraint.ts";
import type { Json } from "./json.ts";
import { type Field, inside, isEmpty, type JsonMap, leaveOut, mapOf, refuse, textsOf } from "./field.ts";
import { isPlatformPackage, packageNameProblem } from "./name.ts";
import { type PhpExtension, readPhpExtension } from "./php-extension.ts";
import { hasControlCharacters, plainText } from "./text.ts";

/** Package name → constraint, `self.version` included. */
export type Links = Record<string, string>;

export type ManifestFields = {
  description?: string;
  keywords?: string[];
  homepage?: string;
  license?: string[];
  authors?: Record<string, string>[];
  /** Lower case; a client takes a package without a type for a library. */
  type: string;
  support?: Record<string, string>;
  funding?: Record<string, string>[];
  autoload?: Autoload;
  "autoload-dev"?: Autoload;
  bin?: string[];
  "include-path"?: string[];
  "target-dir"?: string;
  extra?: Record<string, Json>;
  require?: Links;
  "require-dev"?: Links;
  conflict?: Links;
  provide?: Links;
  replace?: Links;
  suggest?: Record<string, string>;
  scripts?: Record<string, string | string[]>;
  archive?: { name?: string; exclude?: string[] };
  "php-ext"?: PhpExtension;
  abandoned?: true | string;
};

export const LINK_TYPES = ["require", "require-dev", "conflict", "provide", "replace"] as const;

type Reader<T> = (value: Json, field: Field) => T | undefined;

/** The allow-list, in the order in which clients see the fields. */
const READERS: { [Name in keyof ManifestFields]-?: Reader<ManifestFields[Name]> } = {
  description: readText,
  keywords: readTexts,
  homepage: readUrl,
  license: (value, field) => readTexts(typeof value === "string" ? [value] : value, field),
  authors: readList({ name: readText, email: readText, homepage: readUrl, role: readText }),
  type: readType,
  support: readSupport,
  funding: readList({ type: readText, url: readUrl }),
  autoload: readAutoload,
  "autoload-dev": readAutoloadDev,
  bin: readBin,
  "include-path": (value, field) => textsOf(value) ?? leaveOut(field, "a list of texts"),
  "target-dir": (value, field) => (typeof value === "string" ? value : leaveOut(field, "a text")),
  extra: readExtra,
  require: readLinks,
  "require-dev": readLinks,
  conflict: readLinks,
  provide: readLinks,
  replace: readLinks,
  suggest: readMap(readText),
  scripts: readMap(readScript),
  archive: readArchive,
  "php-ext": readPhpExtension,
  abandoned: readAbandoned,
};

/** Reads what clients may see. `map` holds no nulls. Throws ManifestError. */
export function readFields(map: JsonMap, notes: string[]): ManifestFields {
  const entries = Object.entries(READERS).map(([name, read]) => {
    const value = map[name];
    return [name, value === undefined ? undefined : read(value, { path: name, notes })] as const;
  });
  const fields = entries.filter(([, value]) => value !== undefined && !isEmpty(value));
  return { type: "library", ...Object.fromEntries(fields) };
}

function readText(value: Json, field: Field): string | undefined {
  return typeof value === "string" ? plainText(value) : leaveOut(field, "a text");
}

function readUrl(value: Json, field: Field): string | undefined {
  if (value === "") return undefined;
  const isUrl = typeof value === "string" && /^https?:\/\/[^\s/]/.test(value);
  return isUrl ? plainText(value) : leaveOut(field, "an http or https address");
}

function readTexts(value: Json, field: Field): string[] | undefined {
  if (!Array.isArray(value)) return leaveOut(field, "a list of texts");
  const texts = value.map((member, i) =>
    readText(typeof member === "number" ? String(member) : member, inside(field, i)),
  );
  return texts.filter((text) => text !== undefined && text !== "") as string[];
}

/** Lists of people and the like: maps with the given members, the empty ones left out. */
function readList(members: Record<string, Reader<string>>): Reader<Record<string, string>[]> {
  return (value, field) => {
    if (!Array.isArray(value)) return leaveOut(field, "a list");
    const read = value.map((item, i) => readMembers(item, inside(field, i), members));
    return read.filter((item) => item !== undefined && !isEmpty(item)) as Record<string, string>[];
  };
}

function readMembers(
  value: Json,
  field: Field,
  members: Record<string, Reader<string>>,
): Record<string, string> | undefined {
  const map = mapOf(value);
  if (!map) return leaveOut(field, "an object");
  const entries = Object.entries(members).map(([key, read]) => {
    const member = map[key];
    return [key, member === undefined ? undefined : read(member, inside(field, key))] as const;
  });
  return Object.fromEntries(entries.filter(([, text]) => text)) as Record<string, string>;
}

const PAGES = ["issues", "forum", "wiki", "source", "docs", "rss", "chat", "security"];

function readSupport(value: Json, field: Field): Record<string, string> | undefined {
  const pages = Object.fromEntries(PAGES.map((page) => [page, readUrl]));
  return readMembers(value, field, { email: readText, irc: readChat, ...pages });
}

function readChat(value: Json, field: Field): string | undefined {
  const isUrl = typeof value === "string" && /^ircs?:\/\/[^\s/]/.test(value);
  return isUrl ? plainText(value) : leaveOut(field, "an irc or ircs address");
}

function readType(value: Json, field: Field): string | undefined {
  if (typeof value !== "string") refuse(field, "must be a text");
  if (value.trim() === "") return undefined;
  return /^[a-z0-9-]+$/i.test(value)
    ? value.toLowerCase()
    : leaveOut(field, "made of letters, digits and hyphens");
}

/** The path ends up in a shell script that the client writes: `..` and shell characters are refused as there. */
function readBin(value: Json, field: Field): string[] {
  const paths = typeof value === "string" ? [value] : textsOf(value);
  if (!paths) refuse(field, "must be a path or a list of paths");
  for (const path of paths) {
    if (/(?:^|[\\/])\.\.(?:[\\/]|$)/.test(path)) refuse(field, `must not leave the package with ".."`);
    if (/[*$`"&^|<>()%!;\u0000-\u001f\u007f]/.test(path))
      refuse(field, "must not hold shell or control characters");
  }
  return paths.filter((path) => path !== "");
}

/** Clients crash on a branch alias that is not a text; those that make no sense they ignore. */
function readExtra(value: Json, field: Field): Record<string, Json> | undefined {
  const map = mapOf(value);
  if (!map) return leaveOut(field, "an object");
  const aliases = map["branch-alias"];
  if (aliases === undefined) return map;
  const aliasField = inside(field, "branch-alias");
  const pairs = mapOf(aliases) ?? refuse(aliasField, "must be an object of branches and their aliases");
  for (const [branch, alias] of Object.entries(pairs)) {
    if (typeof alias !== "string") refuse(inside(aliasField, branch), "must be a text such as 2.x-dev");
  }
  return map;
}

/** One unreadable constraint in one version stops every client that looks at the package. */
function readLinks(value: Json, field: Field): Links {
  const links = mapOf(value) ?? refuse(field, "must be an object of package names and version constraints");
  for (const [target, constraint] of Object.entries(links))
    readLink(target, constraint, inside(field, target));
  return links as Links;
}

function readLink(target: string, constraint: Json, field: Field): void {
  // PHP turns a key of digits into a number, and clients crash on that.
  const isNumber = /^-?\d+$/.test(target);
  if (target === "" || isNumber || hasControlCharacters(target)) refuse(field, "is not a package name");
  if (typeof constraint !== "string") refuse(field, "must be a version constraint in quotes");
  const problem = isPlatformPackage(target) ? null : packageNameProblem(target);
  if (problem) field.notes.push(`composer.json: ${field.path}: ${problem}`);
  if (constraint === "self.version") return;
  try {
    parseConstraint(constraint);
  } catch (error) {
    if (!(error instanceof ConstraintError)) throw error;
    refuse(field, `has a constraint that Composer cannot read: ${error.message}`);
  }
}

function readMap<T>(readMember: Reader<T>): Reader<Record<string, T>> {
  return (value, field) => {
    const map = mapOf(value);
    if (!map) return leaveOut(field, "an object");
    const entries = Object.entries(map).map(([key, member]) => [
      plainText(key),
      readMember(member, inside(field, key)),
    ]);
    return Object.fromEntries(entries.filter(([, member]) => member !== undefined)) as Record<string, T>;
  };
}

function readScript(value: Json, field: Field): string | string[] | undefined {
  return typeof value === "string" ? value : (textsOf(value) ?? leaveOut(field, "a text or a list of texts"));
}

function readArchive(value: Json, field: Field): ManifestFields["archive"] {
  const map = mapOf(value) ?? refuse(field, "must be an object");
  const { name, exclude } = map;
  if (name !== undefined && typeof name !== "string") refuse(inside(field, "name"), "must be a text");
  const patterns = exclude === undefined ? [] : textsOf(exclude);
  if (!patterns) refuse(inside(field, "exclude"), "must be a list of texts");
  return { ...(name && { name }), ...(patterns.length > 0 && { exclude: patterns }) };
}

function readAbandoned(value: Json, field: Field): true | string | undefined {
  if (typeof value === "string") return plainText(value);
  if (typeof value !== "boolean")
    refuse(field, "must be true, false or the name of the package to use instead");
  return value || undefined;
}
