// A manifest as stored in the database: what documents and pages need, each field as its own JSON text.
import type { Manifest } from "./manifest.ts";
import type { ManifestFields } from "./manifest-fields.ts";

export type StoredManifest = Pick<Manifest, "timeMs" | "fields">;

type Stored = { timeMs: number | null; json?: ManifestFields; fields?: Record<string, unknown> };

export function manifestText({ timeMs, fields }: StoredManifest): string {
  return JSON.stringify({ timeMs, json: fields });
}

/** Rows of older releases hold parsed values in `fields`, until their ref is read again. */
export function storedManifest(text: string): StoredManifest {
  const { timeMs, json, fields = {} } = JSON.parse(text) as Stored;
  if (json) return { timeMs, fields: json };
  const texts = Object.entries(fields).map(([name, value]) => [name, JSON.stringify(value)]);
  return { timeMs, fields: Object.fromEntries(texts) as ManifestFields };
}
