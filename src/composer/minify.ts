// Composer's metadata minifier ("composer/2.0"): each version record as its difference from the previous one.

/** Key → value as JSON text, which keeps every digit and the order of keys. */
export type VersionRecord = Record<string, string>;

const UNSET = '"__unset"';

/**
 * Keeps the order of the records. Two values are equal when their JSON text is: types, the order of keys and list or
 * map all count. Nulls only survive in the first record, so the caller leaves them out.
 */
export function minify(records: VersionRecord[]): VersionRecord[] {
  return records.map(createMinifier());
}

/** A stateful minifier: each call answers the difference from the record before. */
export function createMinifier(): (record: VersionRecord) => VersionRecord {
  let known = new Map<string, string>();
  return (record) => {
    if (known.size > 0) return difference(known, record);
    known = new Map(Object.entries(record));
    return record;
  };
}

/** Expands minified records of a document to complete ones. */
export function expand(minified: Record<string, unknown>[]): Record<string, unknown>[] {
  const known = new Map<string, unknown>();
  return minified.map((change) => {
    const isFirst = known.size === 0;
    for (const [key, value] of Object.entries(change)) {
      if (value === "__unset" && !isFirst) known.delete(key);
      else known.set(key, value);
    }
    return Object.fromEntries(known);
  });
}

/** The records as the JSON text of a list. */
export function recordsText(records: VersionRecord[]): string {
  return `[${records.map(recordText).join(",")}]`;
}

/** A record as the JSON text of an object. */
export function recordText(record: VersionRecord): string {
  const members = Object.entries(record).map(([key, text]) => `${JSON.stringify(key)}:${text}`);
  return `{${members.join(",")}}`;
}

/** Updates `known` to the record and answers the difference. */
function difference(known: Map<string, string>, record: VersionRecord): VersionRecord {
  const changes = new Map<string, string>();
  for (const [key, text] of Object.entries(record)) {
    if (text !== "null" && known.get(key) === text) continue;
    changes.set(key, text);
    known.set(key, text);
  }
  for (const key of known.keys()) {
    if (Object.hasOwn(record, key) && record[key] !== "null") continue;
    changes.set(key, UNSET);
    known.delete(key);
  }
  return Object.fromEntries(changes);
}
