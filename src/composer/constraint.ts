// Parses, prints and matches constraints (`^1.2 || >=2.0 <3.0`) like Composer\Semver.
import { type Anything, type Comparison, ConstraintError, parsePart } from "./constraint-part.ts";
import { excerpt, trimBlanks } from "./text.ts";
import { isBranch, PHP_INT_MAX, phpVersionCompare } from "./version.ts";

/** `all`: every member must match. `some`: one is enough. A group has at least two members. */
export type Constraint = Anything | Comparison | { kind: "all" | "some"; members: Constraint[] };
type Bound = { version: string; inclusive: boolean };
export { ConstraintError };

/** Longer texts are refused before any pattern runs. Composer itself has no limit. */
export const MAX_CONSTRAINT_LENGTH = 4096;

const SEPARATOR = /(?<!^|as|[=>< ,]) *(?<!-)[, ](?!-) *(?!,|as|$)/;
const BEFORE_PIPE = /[ \t\n\v\f\r]+$/;
const AFTER_PIPE = /^[ \t\n\v\f\r]+/;

const ZERO: Bound = { version: "0.0.0.0-dev", inclusive: true };
const INFINITY: Bound = { version: `${PHP_INT_MAX}.0.0.0`, inclusive: false };

/** Throws ConstraintError. `self.version` is not a constraint: callers that read links handle it. */
export function parseConstraint(text: string): Constraint {
  if (text.length > MAX_CONSTRAINT_LENGTH) {
    throw new ConstraintError(`"${excerpt(text)}" is longer than ${MAX_CONSTRAINT_LENGTH} characters`);
  }
  // Longer runs of blanks mean the same, but the separator's pattern is slow on them.
  const pieces = trimBlanks(text).replace(/ {4,}/g, "   ").split(/\|\|?/);
  const alternatives = pieces.map((piece, i) => {
    const start = i === 0 ? piece : piece.replace(AFTER_PIPE, "");
    return parseAlternative(i === pieces.length - 1 ? start : start.replace(BEFORE_PIPE, ""));
  });
  return group("some", joinAdjacent(alternatives));
}

/** Whether the normalized version satisfies the constraint. Branches are compared by name only, never with numbers. */
export function matchesConstraint(constraint: Constraint, normalizedVersion: string): boolean {
  switch (constraint.kind) {
    case "any":
      return true;
    case "comparison":
      return matchesComparison(constraint, normalizedVersion);
    case "all":
      return constraint.members.every((member) => matchesConstraint(member, normalizedVersion));
    case "some":
      return constraint.members.some((member) => matchesConstraint(member, normalizedVersion));
  }
}

/** The output of Semver's `__toString`, such as `[>= 1.2.0.0-dev < 2.0.0.0-dev]`. */
export function formatConstraint(constraint: Constraint): string {
  if (constraint.kind === "any") return "*";
  if (constraint.kind === "comparison") return `${constraint.operator} ${constraint.version}`;
  const members = constraint.members.map(formatConstraint);
  return `[${members.join(constraint.kind === "all" ? " " : " || ")}]`;
}

/** The lower bound: nothing below this version matches; `0.0.0.0-dev` without a bound. */
export function lowerBound(constraint: Constraint): Bound {
  if (constraint.kind === "any") return ZERO;
  if (constraint.kind === "comparison") {
    const { operator, version } = constraint;
    if (isBranch(version) || operator === "!=" || operator.startsWith("<")) return ZERO;
    return { version, inclusive: operator !== ">" };
  }
  const isAll = constraint.kind === "all";
  return constraint.members.map(lowerBound).reduce((current, bound) => {
    const order = phpVersionCompare(bound.version, current.version);
    const replaces = order === 0 ? current.inclusive === isAll : isAll ? order > 0 : order < 0;
    return replaces ? bound : current;
  });
}

/** The upper bound: nothing above this version matches; PHP's largest integer as a version without a bound. */
export function upperBound(constraint: Constraint): Bound {
  if (constraint.kind === "any") return INFINITY;
  if (constraint.kind === "comparison") {
    const { operator, version } = constraint;
    if (isBranch(version) || operator === "!=" || operator.startsWith(">")) return INFINITY;
    return { version, inclusive: operator !== "<" };
  }
  const isAll = constraint.kind === "all";
  return constraint.members.map(upperBound).reduce((current, bound) => {
    const order = phpVersionCompare(bound.version, current.version);
    const replaces = order === 0 ? bound.inclusive !== isAll : isAll ? order < 0 : order > 0;
    return replaces ? bound : current;
  });
}

function parseAlternative(text: string): Constraint {
  return group("all", text.split(SEPARATOR).flatMap(parsePart));
}

function group(kind: "all" | "some", members: Constraint[]): Constraint {
  return members.length === 1 ? members[0]! : { kind, members };
}

/** Merges adjacent ranges: `^1.0 || ^2.0` is `>=1.0 <3.0` (MultiConstraint::optimizeConstraints). */
function joinAdjacent(alternatives: Constraint[]): Constraint[] {
  const joined: Constraint[] = [];
  for (const right of alternatives) {
    const left = joined.at(-1);
    const both = left && joinRanges(left, right);
    if (both) joined[joined.length - 1] = both;
    else joined.push(right);
  }
  return joined;
}

function joinRanges(left: Constraint, right: Constraint): Constraint | null {
  const [from, end] = rangeOf(left);
  const [start, to] = rangeOf(right);
  if (!from || !end || !start || !to) return null;
  if (end.operator !== "<" || end.version !== start.version) return null;
  return { kind: "all", members: [from, to] };
}

/** The two bounds of a range such as `>=1 <2`, otherwise an empty list. */
function rangeOf(constraint: Constraint): Comparison[] {
  if (constraint.kind !== "all" || constraint.members.length !== 2) return [];
  const [low, high] = constraint.members;
  if (low?.kind !== "comparison" || high?.kind !== "comparison") return [];
  return low.operator === ">=" && high.operator.startsWith("<") ? [low, high] : [];
}

/** Composer\Semver\Constraint\Constraint::matchSpecific() against `== version`. */
function matchesComparison({ operator, version }: Comparison, provided: string): boolean {
  if (isBranch(version) || isBranch(provided)) {
    if (operator === "!=") return provided !== version;
    return operator === "==" && provided === version;
  }
  const order = phpVersionCompare(provided, version);
  switch (operator) {
    case "==":
      return order === 0;
    case "!=":
      return order !== 0;
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}
