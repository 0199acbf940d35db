// Composer's metadata minifier ("composer/2.0"): each version record as its difference to the one before it.

export type VersionRecord = Record<string, unknown>;

const UNSET = "__unset";

/**
 * The records in the order given. Two values are the same when their JSON text is: types, the order of keys
 * and list or map all count. Nulls only survive in the first record, so leave them out before.
 */
export function minify(records: VersionRecord[]): VersionRecord[] {
  return records.map(createMinifier());
}

/** For one record after the other: each as its difference to the one before. */
export function createMinifier(): (record: VersionRecord) => VersionRecord {
  let known = new Map<string, unknown>();
  return (record) => {
    if (known.size > 0) return difference(known, record);
    known = new Map(Object.entries(record));
    return record;
  };
}

/** The reverse: complete records out of minified ones. */
export function expand(minified: VersionRecord[]): VersionRecord[] {
  const known = new Map<string, unknown>();
  return minified.map((change) => {
    const isFirst = known.size === 0;
    for (const [key, value] of Object.entries(change)) {
      if (value === UNSET && !isFirst) known.delete(key);
      else known.set(key, value);
    }
    return Object.fromEntries(known);
  });
}

/** Brings `known` up to the record and answers what that took. */
function difference(known: Map<string, unknown>, record: VersionRecord): VersionRecord {
  const changes = new Map<string, unknown>();
  for (const [key, value] of Object.entries(record)) {
    const before = known.get(key);
    if (before !== null && before !== undefined && isSame(before, value)) continue;
    changes.set(key, value);
    known.set(key, value);
  }
  for (const key of known.keys()) {
    if (Object.hasOwn(record, key) && record[key] !== null && record[key] !== undefined) continue;
    changes.set(key, UNSET);
    known.delete(key);
  }
  return Object.fromEntries(changes);
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  return typeof a === "object" && typeof b === "object" && JSON.stringify(a) === JSON.stringify(b);
}
