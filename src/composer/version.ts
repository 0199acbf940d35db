// Parses and compares versions like Composer\Semver\VersionParser and PHP's version_compare().
import { compareBytes, excerpt, hasControlCharacters, trimBlanks } from "./text.ts";

export type Stability = "dev" | "alpha" | "beta" | "RC" | "stable";

/** The text is not a version. The message is for developers. */
export class VersionError extends Error {
  override name = "VersionError";
}

/** A date with more groups than Composer before 2.6 reads. It stops at one in a constraint, and so does the whole command. */
export class LongDateError extends VersionError {
  override name = "LongDateError";
}

/** Longer texts are refused before any pattern runs. Composer itself has no limit. */
export const MAX_VERSION_LENGTH = 255;

/** PHP's largest integer, where it stops counting. */
export const PHP_INT_MAX = 2n ** 63n - 1n;

/** Three groups: stability word, its number, `dev`. */
export const MODIFIER = String.raw`[._-]?(?:(stable|beta|b|RC|alpha|a|patch|pl|p)(\d*(?:[.-]\d+)*)?)?([.-]?dev)?`;
const ALIAS = /^([^, ]+) +as +[^, ]+$/;
const STABILITY_FLAG = /@(?:stable|RC|beta|alpha|dev)$/i;
const BUILD = /^([^, +]+)\+[^ ]+$/;
const NUMERIC = new RegExp(String.raw`^v?(\d{1,5})(\.\d+)?(\.\d+)?(\.\d+)?${MODIFIER}$`, "i");
const DATE = new RegExp(String.raw`^v?(\d{4}(?:[.:-]?\d{2}){1,6}(?:[.:-]?\d{1,3}){0,2})${MODIFIER}$`, "i");
/** As Semver before 3.4 reads it. */
const SHORT_DATE = new RegExp(String.raw`^v?(\d{4}(?:[.:-]?\d{2}){1,6}(?:[.:-]?\d{1,3})?)${MODIFIER}$`, "i");
const NUMERIC_BRANCH = /^v?(\d+)(\.(?:\d+|[xX*]))?(\.(?:\d+|[xX*]))?(\.(?:\d+|[xX*]))?$/i;
const STABILITY = new RegExp(String.raw`${MODIFIER}(?:\+.*)?$`, "i");

/** `v1.2-b3` → `1.2.0.0-beta3`. Throws VersionError. */
export function normalizeVersion(text: string): string {
  return normalize(text, DATE);
}

/** Of a version in a constraint, which the oldest client must be able to read as well. Throws VersionError, LongDateError. */
export function normalizeComparedVersion(text: string): string {
  return normalize(text, SHORT_DATE);
}

function normalize(text: string, date: RegExp): string {
  let version = readable(text).replace(ALIAS, "$1").replace(STABILITY_FLAG, "");
  if (version === "master" || version === "trunk" || version === "default") version = `dev-${version}`;
  if (/^dev-/i.test(version)) return bounded(`dev-${version.slice(4)}`);
  version = version.replace(BUILD, "$1");
  const normalized = numericVersion(version) ?? dateVersion(version, date) ?? numericBranchVersion(version);
  if (normalized !== null) return bounded(normalized);
  throw DATE.test(version)
    ? new LongDateError(`"${excerpt(text)}" can be read only by Composer 2.6 and newer`)
    : new VersionError(`"${excerpt(text)}" is not a version`);
}

/** `1.x` → `1.9999999.9999999.9999999-dev`, `main` → `dev-main`. Throws VersionError. */
export function normalizeBranch(name: string): string {
  const branch = readable(name);
  const match = NUMERIC_BRANCH.exec(branch);
  if (!match) return bounded(`dev-${branch}`);
  const parts = [match[1], match[2] ?? ".x", match[3] ?? ".x", match[4] ?? ".x"];
  return bounded(`${parts.join("").replace(/[xX*]/g, "9999999")}-dev`);
}

/** For a normalized version or any spelling of one. Patch releases are stable. Throws VersionError if too long. */
export function stabilityOf(version: string): Stability {
  const text = bounded(version).replace(/#.+$/, "");
  if (isBranch(text) || text.endsWith("-dev")) return "dev";
  const [, word = "", , dev] = STABILITY.exec(text) ?? [];
  if (dev) return "dev";
  const long = expandStability(word);
  return long === "alpha" || long === "beta" || long === "RC" ? long : "stable";
}

/**
 * Sorts normalized versions ascending: numbers like PHP's version_compare(), branches without a number (`dev-main`)
 * below all of them. Composer leaves the order of two such branches open; here it is bytewise.
 */
export function compareVersions(a: string, b: string): number {
  return isBranch(a) && isBranch(b) ? compareBytes(a, b) : phpVersionCompare(a, b);
}

/** True for a branch that has a name and no version number. */
export function isBranch(normalized: string): boolean {
  return normalized.startsWith("dev-");
}

/** PHP's version_compare() for normalized versions. */
export function phpVersionCompare(a: string, b: string): number {
  const left = partsOf(a);
  const right = partsOf(b);
  for (let i = 0; i < Math.max(left.length, right.length); i++) {
    const order = comparePart(left[i], right[i]);
    if (order !== 0) return order;
  }
  return 0;
}

type Part = { text: string; rank: number };

/** Cached, because sorting compares the same versions again and again. */
const known = new Map<string, Part[]>();
const mostKnown = 20_000;

function partsOf(version: string): Part[] {
  const before = known.get(version);
  if (before) return before;
  const parts = (version.match(/\d+|[a-z]+/gi) ?? []).map((text) => ({ text, rank: rankOf(text) }));
  if (known.size >= mostKnown) known.clear();
  known.set(version, parts);
  return parts;
}

/** Trims blanks. Our own rule: characters that can hide or break a line are not part of a version. */
function readable(text: string): string {
  const version = trimBlanks(bounded(text));
  if (hasControlCharacters(version)) {
    throw new VersionError(`"${excerpt(text)}" holds invisible control characters`);
  }
  return version;
}

function bounded(text: string): string {
  if (text.length <= MAX_VERSION_LENGTH) return text;
  throw new VersionError(`"${excerpt(text)}" is longer than ${MAX_VERSION_LENGTH} characters`);
}

function numericVersion(text: string): string | null {
  const match = NUMERIC.exec(text);
  if (!match) return null;
  const [, major, minor = ".0", patch = ".0", fourth = ".0"] = match;
  return withModifier(`${major}${minor}${patch}${fourth}`, match.slice(5));
}

/** Dates keep their number of parts: they are not padded to four. */
function dateVersion(text: string, date: RegExp): string | null {
  const match = date.exec(text);
  return match && withModifier(match[1]!.replace(/\D/g, "."), match.slice(2));
}

/** `1.2.x-dev`; a name is not a version without `dev-` before it. */
function numericBranchVersion(text: string): string | null {
  if (!/dev$/i.test(text)) return null;
  const normalized = normalizeBranch(text.replace(/[.-]?dev$/i, ""));
  return isBranch(normalized) ? null : normalized;
}

/** Composer drops a lower-case `stable`, and even a `-dev` after it. */
function withModifier(base: string, [word, digits = "", dev]: (string | undefined)[]): string {
  if (word === "stable") return base;
  const stability = word ? `-${expandStability(word)}${digits.replace(/^[.-]+/, "")}` : "";
  return `${base}${stability}${dev ? "-dev" : ""}`;
}

function expandStability(word: string): string {
  const lower = word.toLowerCase();
  const long: Record<string, string> = { a: "alpha", b: "beta", p: "patch", pl: "patch", rc: "RC" };
  return long[lower] ?? lower;
}

function comparePart(a: Part | undefined, b: Part | undefined): number {
  const [rank, other] = [a?.rank ?? END, b?.rank ?? END];
  if (rank !== other || rank !== NUMBER) return Math.sign(rank - other);
  return compareNumbers(a!.text, b!.text);
}

const NUMBER = 5;
/** The prefix decides, as in PHP: `patchwork` ranks as `p`, `abc` as `a`. Numbers rank after the version's end. */
const RANKS: [RegExp, number][] = [
  [/^\d/, NUMBER],
  [/^dev/, 0],
  [/^a/, 1],
  [/^b/, 2],
  [/^(?:RC|rc)/, 3],
  [/^p/, 6],
];
const END = 4;
const UNKNOWN = -1;

function rankOf(part: string): number {
  return RANKS.find(([prefix]) => prefix.test(part))?.[1] ?? UNKNOWN;
}

function compareNumbers(a: string, b: string): number {
  if (a.length < 16 && b.length < 16) return Math.sign(Number(a) - Number(b));
  const [left, right] = [phpInteger(a), phpInteger(b)];
  return left > right ? 1 : left < right ? -1 : 0;
}

function phpInteger(digits: string): bigint {
  const value = BigInt(digits);
  return value > PHP_INT_MAX ? PHP_INT_MAX : value;
}
