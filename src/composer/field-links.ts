// The links of a package to other packages: names in lower case, as Composer dumps them, and constraints that every
// client can parse.
import { parseConstraint, ConstraintError } from "./constraint.ts";
import { addNote, type Field, inside, isWholeNumber, leaveOut, mapOf, refuse } from "./field.ts";
import type { Json, JsonMap } from "./json.ts";
import { isPlatformPackage, packageNameProblem } from "./name.ts";
import { readText } from "./field-texts.ts";
import { comparePhp, hasControlCharacters, lowerCase } from "./text.ts";

/** Refuses an unreadable constraint: in a single version it breaks every client that reads the package. */
export function readLinks(value: Json, field: Field): JsonMap | undefined {
  const map = mapOf(value);
  if (!map) return leaveOut(field, "an object of package names and version constraints");
  const links: JsonMap = new Map();
  for (const [target, constraint] of map) {
    const name = lowerCase(target);
    if (isReadable(name, constraint, inside(field, target))) links.set(name, constraint);
  }
  return sorted(links);
}

/** The names in `suggest` may be any text, so they stay unchanged. */
export function readSuggest(value: Json, field: Field): JsonMap | undefined {
  const map = mapOf(value);
  if (!map) return leaveOut(field, "an object");
  const suggested: JsonMap = new Map();
  for (const [target, reason] of map) {
    const text = isTarget(target, inside(field, target))
      ? readText(reason, inside(field, target))
      : undefined;
    if (text !== undefined) suggested.set(target, text);
  }
  return sorted(suggested);
}

function isReadable(name: string, constraint: Json, field: Field): boolean {
  if (!isTarget(name, field)) return false;
  if (typeof constraint !== "string") {
    leaveOut(field, "a version constraint in quotes");
    return false;
  }
  const problem = isPlatformPackage(name) ? null : packageNameProblem(name);
  if (problem) addNote(field.notes, { code: "odd_name", path: field.path, problem });
  if (constraint !== "self.version") refuseUnreadable(constraint, field);
  return true;
}

function isTarget(name: string, field: Field): boolean {
  if (name !== "" && !isWholeNumber(name) && !hasControlCharacters(name)) return true;
  leaveOut(field, "under the name of a package");
  return false;
}

function refuseUnreadable(constraint: string, field: Field): void {
  try {
    parseConstraint(constraint);
  } catch (error) {
    if (!(error instanceof ConstraintError)) throw error;
    refuse(field, `has a constraint that Composer cannot read: ${error.message}`);
  }
}

function sorted(map: JsonMap): JsonMap {
  return new Map([...map].toSorted(([a], [b]) => comparePhp(a, b)));
}
