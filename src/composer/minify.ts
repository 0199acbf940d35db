// Composer's metadata minifier ("composer/2.0"): each version record as its difference to the one before it.

/** Key → value as JSON text, so that nothing of it is lost or put into another order. */
export type VersionRecord = Record<string, string>;

const UNSET = '"__unset"';

/**
 * The records in the order given. Two values are the same when their JSON text is: types, the order of keys
 * and list or map all count. Nulls only survive in the first record, so leave them out before.
 */
export function minify(records: VersionRecord[]): VersionRecord[] {
  return records.map(createMinifier());
}

/** For one record after the other: each as its difference to the one before. */
export function createMinifier(): (record: VersionRecord) => VersionRecord {
  let known = new Map<string, string>();
  return (record) => {
    if (known.size > 0) return difference(known, record);
    known = new Map(Object.entries(record));
    return record;
  };
}

/** The reverse, of records as they are read from a document: complete ones out of minified ones. */
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

/** Brings `known` up to the record and answers what that took. */
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
