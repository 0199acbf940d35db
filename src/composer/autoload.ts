// The autoload fields of composer.json: which files a client loads, by Composer's five kinds.
import type { Json } from "./json.ts";
import { type Field, inside, leaveOut, mapOf, refuse, textsOf } from "./field.ts";

export type Autoload = Record<string, Record<string, string | string[]> | (string | string[])[]>;

const KINDS = ["psr-0", "psr-4", "classmap", "files", "exclude-from-classmap"];

/** Throws ManifestError for a kind or a namespace that Composer refuses. */
export function readAutoload(value: Json, field: Field): Autoload | undefined {
  const map = mapOf(value);
  if (!map) return leaveOut(field, "an object");
  for (const kind of Object.keys(map)) {
    if (!KINDS.includes(kind)) refuse(inside(field, kind), `is none of ${KINDS.join(", ")}`);
  }
  const namespaces = typeof map["psr-4"] === "object" ? map["psr-4"] : null;
  for (const namespace of Object.keys(namespaces ?? {})) {
    if (namespace === "" || namespace.endsWith("\\")) continue;
    refuse(
      inside(inside(field, "psr-4"), namespace),
      "must be a namespace that ends with two backslashes in JSON",
    );
  }
  return readKinds(map, field);
}

/** Only the root package's is ever used, so that nothing in it can hurt. */
export function readAutoloadDev(value: Json, field: Field): Autoload | undefined {
  const map = mapOf(value);
  return map ? readKinds(map, field) : leaveOut(field, "an object");
}

function readKinds(map: { [kind: string]: Json }, field: Field): Autoload {
  const entries = KINDS.filter((kind) => map[kind] !== undefined).map((kind) => {
    return [kind, readPaths(map[kind]!, inside(field, kind))] as const;
  });
  return Object.fromEntries(entries.filter(([, paths]) => paths !== undefined)) as Autoload;
}

/** A path or a list of paths for each member of a map or a list. */
function readPaths(value: Json, field: Field): Autoload[string] | undefined {
  if (typeof value !== "object" || value === null) return leaveOut(field, "an object or a list of paths");
  const members = Object.entries(value).filter(([key, member]) => {
    const isPaths = typeof member === "string" || textsOf(member) !== null;
    if (!isPaths) leaveOut(inside(field, key), "a path or a list of paths");
    return isPaths;
  }) as [string, string | string[]][];
  return Array.isArray(value) ? members.map(([, paths]) => paths) : Object.fromEntries(members);
}
