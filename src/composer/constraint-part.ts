// Parses one part of a constraint, between its commas and pipes: Composer\Semver\VersionParser::parseConstraint().
import { excerpt, hasControlCharacters } from "./text.ts";
import { LongDateError, MODIFIER, normalizeComparedVersion, stabilityOf, VersionError } from "./version.ts";

type Operator = "==" | "!=" | "<" | "<=" | ">" | ">=";
export type Comparison = { kind: "comparison"; operator: Operator; version: string };
export type Anything = { kind: "any" };

/** The text is not a constraint. The message is for developers. */
export class ConstraintError extends Error {
  override name = "ConstraintError";
}

/** Eight groups: digits 1 to 4, stability, its number, dev, x-dev. */
const VERSION = String.raw`v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.(\d+))?(?:${MODIFIER}|\.([xX*][.-]?dev))(?:\+[^ ]+)?`;
const ALIAS = /^([^, ]+) +as +[^, ]+$/;
const STABILITY_FLAG = /^([^, ]*?)@(stable|RC|beta|alpha|dev)$/i;
const REFERENCE = /^(dev-[^, @]+?|[^, @]+?\.x-dev)#.+$/i;
const ANYTHING = /^(v)?[x*](\.[x*])*$/i;
const TILDE = new RegExp(`^~>?${VERSION}$`, "i");
const CARET = new RegExp(String.raw`^\^${VERSION}$`, "i");
const WILDCARD = /^v?(\d+)(?:\.(\d+))?(?:\.(\d+))?(?:\.[xX*])+$/;
const HYPHEN = new RegExp(`^(${VERSION}) +- +(${VERSION})$`, "i");
const COMPARISON = /^(<>|!=|>=?|<=?|==?)? *(.*)/;
const MISPLACED_DEV = /^[0-9a-zA-Z\-./]*-dev$/;
const ENDS_IN_MODIFIER = new RegExp(`-${MODIFIER}$`, "i");

/** One or two comparisons that must all match. Throws ConstraintError. */
export function parsePart(text: string): (Comparison | Anything)[] {
  // Composer reads only the first line of such a part and drops the others; here it is refused.
  if (hasControlCharacters(text)) throw new ConstraintError(`"${excerpt(text)}" holds control characters`);
  const withoutAlias = text.replace(ALIAS, "$1");
  const [, flagged, flag] = STABILITY_FLAG.exec(withoutAlias) ?? [];
  const part = (flag === undefined ? withoutAlias : flagged || "*").replace(REFERENCE, "$1");
  try {
    return anything(part) ?? range(part) ?? wildcard(part) ?? hyphen(part) ?? [comparison(part, flag)];
  } catch (error) {
    if (!(error instanceof VersionError)) throw error;
    if (error instanceof LongDateError) throw new ConstraintError(error.message);
    throw new ConstraintError(`"${excerpt(text)}" is not a version constraint`);
  }
}

function anything(part: string): (Comparison | Anything)[] | null {
  const match = ANYTHING.exec(part);
  if (!match) return null;
  return match[1] || match[2] ? [compare(">=", "0.0.0.0-dev")] : [{ kind: "any" }];
}

/** `~1.2.3` and `^1.2.3`. */
function range(part: string): Comparison[] | null {
  const tilde = TILDE.exec(part);
  const match = tilde ?? CARET.exec(part);
  if (!match) return null;
  if (part.startsWith("~>")) throw new ConstraintError(`"${excerpt(part)}": there is no operator ~>, use ~`);
  const low = normalizeComparedVersion(`${part.slice(1)}${isUnstable(match.slice(5)) ? "" : "-dev"}`);
  const high = paddedVersion(match.slice(1, 5), tilde ? tildePosition(match) : caretPosition(match), 1);
  return [compare(">=", low), compare("<", `${high}-dev`)];
}

/** `~` increments the number before the last one in the constraint; `x-dev` counts as a number. */
function tildePosition([, , minor, patch, fourth, , , , branch]: RegExpExecArray): number {
  const precision = fourth ? 4 : patch ? 3 : minor ? 2 : 1;
  return Math.max(1, precision + (branch ? 1 : 0) - 1);
}

/** `^` increments the first number that is not zero. */
function caretPosition([, major, minor, patch]: RegExpExecArray): number {
  if (major !== "0" || !minor) return 1;
  return minor !== "0" || !patch ? 2 : 3;
}

/** `1.2.*` */
function wildcard(part: string): Comparison[] | null {
  const match = WILDCARD.exec(part);
  if (!match) return null;
  const position = match[3] ? 3 : match[2] ? 2 : 1;
  const low = `${paddedVersion(match.slice(1), position, 0)}-dev`;
  const high = compare("<", `${paddedVersion(match.slice(1), position, 1)}-dev`);
  return low === "0.0.0.0-dev" ? [high] : [compare(">=", low), high];
}

/** `1.0 - 2.1`: a right side with fewer than three numbers includes every version that begins with it. */
function hyphen(part: string): Comparison[] | null {
  const match = HYPHEN.exec(part);
  if (!match) return null;
  const low = `${normalizeComparedVersion(match[1]!)}${isUnstable(match.slice(6, 10)) ? "" : "-dev"}`;
  const right = normalizeComparedVersion(match[10]!);
  const [, minor, patch] = match.slice(11);
  const isExact = (minor && patch) || isUnstable(match.slice(15));
  const position = minor ? 2 : 1;
  const high = isExact
    ? compare("<=", right)
    : compare("<", `${paddedVersion(match.slice(11, 15), position, 1)}-dev`);
  return [compare(">=", low), high];
}

/** `>=1.2@beta`, `1.2.3`, `dev-main`. */
function comparison(part: string, flag: string | undefined): Comparison {
  const [, sign = "=", text = ""] = COMPARISON.exec(part) ?? [];
  const version = comparedVersion(text);
  const operator = OPERATORS[sign]!;
  if (operator === "==") return compare(operator, version);
  if (operator !== undefined && flag && flag !== "stable" && stabilityOf(version) === "stable") {
    return compare(operator, `${version}-${flag}`);
  }
  const takesInUnstable = operator === "<" || operator === ">=";
  const isNumber = !ENDS_IN_MODIFIER.test(text) && !text.startsWith("dev-");
  return compare(operator, takesInUnstable && isNumber ? `${version}-dev` : version);
}

const OPERATORS: Record<string, Operator> = {
  "=": "==",
  "==": "==",
  "!=": "!=",
  "<>": "!=",
  "<": "<",
  "<=": "<=",
  ">": ">",
  ">=": ">=",
};

/** `foo-dev` is read as `dev-foo`. */
function comparedVersion(text: string): string {
  try {
    return normalizeComparedVersion(text);
  } catch (error) {
    if (!MISPLACED_DEV.test(text)) throw error;
    return normalizeComparedVersion(`dev-${text.slice(0, -4)}`);
  }
}

function compare(operator: Operator, version: string): Comparison {
  return { kind: "comparison", operator, version };
}

/** Tests the groups that begin with the stability word. */
function isUnstable([word, , dev, branch]: (string | undefined)[]): boolean {
  return Boolean(word || dev || branch);
}

/** Four numbers: those up to `position` (from 1), the last of them incremented, then zeros. */
function paddedVersion(numbers: (string | undefined)[], position: number, increment: 0 | 1): string {
  const kept = numbers.slice(0, position - 1);
  const last = numbers[position - 1] ?? "0";
  // PHP would continue with a float here.
  if (last.length > MAX_DIGITS) throw new ConstraintError(`"${excerpt(last)}" is too large a number`);
  const increased = increment === 0 ? last : String(BigInt(last) + 1n);
  return [...kept, increased, "0", "0", "0"].slice(0, 4).join(".");
}

const MAX_DIGITS = 18;
