// Checks the root-only fields of composer.json. No client of a registry reads them, so errors in them only make notes.
import { addNote, inside, mapOf, type Field } from "./field.ts";
import type { JsonMap } from "./json.ts";
import { normalizeVersion, VersionError } from "./version.ts";

const STABILITY = /^(?:(?:stable|beta|alpha|dev)?|RC)$/i;

export function noteRootOnly(map: JsonMap, notes: Field["notes"]): void {
  const stability = map.get("minimum-stability") ?? "stable";
  if (typeof stability !== "string" || !STABILITY.test(stability))
    noteAt({ path: "minimum-stability", notes }, "stable, RC, beta, alpha or dev");
  const config = mapOf(map.get("config") ?? null);
  for (const [target, version] of mapOf(config?.get("platform") ?? null) ?? []) {
    if (version === false || (typeof version === "string" && isVersion(version))) continue;
    noteAt(inside({ path: "config.platform", notes }, target), "a version or false");
  }
}

function noteAt({ path, notes }: Field, expected: string): void {
  addNote(notes, { code: "root_only", path, expected });
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
