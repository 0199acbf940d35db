// The autoload fields of composer.json: which files a client loads, in Composer's five kinds.
import { type Field, inside, leaveOut, mapOf, refuse, textsOf } from "./field.ts";
import type { Json, JsonMap } from "./json.ts";

const KINDS = ["psr-0", "psr-4", "classmap", "files", "exclude-from-classmap"];

/** Throws ManifestError for a namespace that breaks every client's autoloader. */
export function readAutoload(value: Json, field: Field): JsonMap | undefined {
  const map = mapOf(value);
  if (!map) return leaveOut(field, "an object");
  for (const namespace of keysOf(map.get("psr-4"))) {
    if (namespace === "" || namespace.endsWith("\\")) continue;
    refuse(
      inside(inside(field, "psr-4"), namespace),
      "must be a namespace that ends with two backslashes in JSON",
    );
  }
  return readKinds(map, field);
}

/** Composer only uses the root package's autoload-dev, so nothing in it can do harm. */
export function readAutoloadDev(value: Json, field: Field): JsonMap | undefined {
  const map = mapOf(value);
  return map ? readKinds(map, field) : leaveOut(field, "an object");
}

function readKinds(map: JsonMap, field: Field): JsonMap {
  const kinds: JsonMap = new Map();
  for (const [kind, value] of map) {
    const paths = KINDS.includes(kind)
      ? readPaths(value, inside(field, kind))
      : leaveOut(inside(field, kind), `one of ${KINDS.join(", ")}`);
    if (paths !== undefined) kinds.set(kind, paths);
  }
  return kinds;
}

/** A path or a list of paths for each member of a map or a list. */
function readPaths(value: Json, field: Field): Json | undefined {
  const isPaths = (member: Json, key: string | number) => {
    const is = typeof member === "string" || textsOf(member) !== null;
    if (!is) leaveOut(inside(field, key), "a path or a list of paths");
    return is;
  };
  if (Array.isArray(value)) return value.filter(isPaths);
  if (!(value instanceof Map)) return leaveOut(field, "an object or a list of paths");
  return new Map([...value].filter(([key, member]) => isPaths(member, key)));
}

function keysOf(value: Json | undefined): string[] {
  if (Array.isArray(value)) return value.map((_, i) => String(i));
  return value instanceof Map ? [...value.keys()] : [];
}
