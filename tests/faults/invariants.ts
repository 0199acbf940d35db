// What must hold after any fault, whatever it was. Looks at the data as it lies, with the binary stopped.
import { Database } from "bun:sqlite";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createApp } from "../../src/app.ts";
import { parseConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import { publishOrganization } from "../../src/registry/packages/publish.ts";
import { listOrganizations } from "../../src/store/organizations/organizations.ts";

export type Expectation = {
  /** Tag → commit, as it was when the tags were released. */
  released: Map<string, string>;
  /** What Last-Modified was before, by document. */
  before: Map<string, number>;
};

/** Every breach in words; none is what everybody hopes for. */
export async function breaches(dataDir: string, { released, before }: Expectation): Promise<string[]> {
  const found: string[] = [];
  const db = new Database(join(dataDir, "pricore.sqlite"), { readonly: true });
  try {
    found.push(...damage(db), ...versionsWithoutArchive(db, dataDir), ...movedReferences(db, released));
    found.push(...wentBack(db, before), ...doubledJobs(db));
  } finally {
    db.close();
  }
  found.push(...(await staleDocuments(dataDir)));
  return found;
}

/** Last-Modified of every document now, for the next look. */
export function lastModified(dataDir: string): Map<string, number> {
  if (!existsSync(join(dataDir, "pricore.sqlite"))) return new Map();
  const db = new Database(join(dataDir, "pricore.sqlite"), { readonly: true });
  try {
    const rows = db
      .query<{ name: string; last_modified: number }, []>("select name, last_modified from documents")
      .all();
    return new Map(rows.map((row) => [row.name, row.last_modified]));
  } finally {
    db.close();
  }
}

function damage(db: Database): string[] {
  const integrity = db.query<{ integrity_check: string }, []>("pragma integrity_check").all();
  const foreign = db.query<{ table: string }, []>("pragma foreign_key_check").all();
  return [
    ...integrity
      .filter((row) => row.integrity_check !== "ok")
      .map((row) => `database: ${row.integrity_check}`),
    ...foreign.map((row) => `database: a row of ${row.table} points nowhere`),
  ];
}

function versionsWithoutArchive(db: Database, dataDir: string): string[] {
  const rows = db
    .query<{ version: string; sha256: string | null }, []>(
      "select v.version, d.sha256 from versions v left join dists d on d.id = v.dist_id where v.removed_at is null",
    )
    .all();
  return rows.flatMap(({ version, sha256 }) => {
    if (sha256 === null) return [`version ${version} has no archive`];
    const path = join(dataDir, "dists", sha256.slice(0, 2), `${sha256.slice(2)}.zip`);
    if (!existsSync(path)) return [`version ${version}: its archive is not stored`];
    const hash = createHash("sha256").update(readFileSync(path)).digest("hex");
    return hash === sha256 ? [] : [`version ${version}: its archive has other bytes`];
  });
}

function movedReferences(db: Database, released: Map<string, string>): string[] {
  const rows = db
    .query<{ version: string; reference: string }, []>(
      "select version, reference from versions where ref_kind = 'tag'",
    )
    .all();
  return rows
    .filter((row) => released.get(row.version) !== row.reference)
    .map((row) => `version ${row.version} changed its reference to ${row.reference}`);
}

function wentBack(db: Database, before: Map<string, number>): string[] {
  const rows = db
    .query<{ name: string; last_modified: number }, []>("select name, last_modified from documents")
    .all();
  const now = new Map(rows.map((row) => [row.name, row.last_modified]));
  return [...before].flatMap(([name, time]) => {
    const later = now.get(name);
    if (later === undefined) return [`document ${name} is gone`];
    return later < time ? [`Last-Modified of ${name} went back`] : [];
  });
}

function doubledJobs(db: Database): string[] {
  const rows = db
    .query<{ key: string; count: number }, []>(
      "select key, count(*) as count from jobs where state = 'waiting' and key is not null group by key having count(*) > 1",
    )
    .all();
  return rows.map((row) => `${row.count} jobs wait with the key ${row.key}`);
}

/** Built anew from the versions, every document must be what it is. */
async function staleDocuments(dataDir: string): Promise<string[]> {
  const parsed = parseConfig({ DATA_DIR: dataDir });
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  const app = await createApp(parsed.config, {
    log: createLog({ level: "error", format: "json", write: () => {} }),
  });
  const stale: string[] = [];
  try {
    await app.db
      .transaction(async (db) => {
        const hashes = async () => {
          const rows = await db.read.selectFrom("documents").select(["name", "hash"]).execute();
          return new Map(rows.map((row) => [row.name, row.hash]));
        };
        const before = await hashes();
        for (const organization of await listOrganizations(db))
          await publishOrganization(app, db, organization);
        for (const [name, hash] of await hashes())
          if (before.get(name) !== hash) stale.push(`document ${name} is stale`);
        throw new Error("only a look");
      })
      .catch((error: Error) => {
        if (error.message !== "only a look") throw error;
      });
  } finally {
    await app.close();
  }
  return stale;
}
