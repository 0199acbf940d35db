// The migration that corrects when versions were published, on every engine: once, and the documents with it.
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { sql, type Kysely } from "kysely";
import { createApp } from "../../src/app.ts";
import { parseConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import { adoptAppUrl } from "../../src/registry/start.ts";
import { openDatabase } from "../../src/store/engine/database.ts";
import { findDocument } from "../../src/store/packages/documents.ts";
import { engines, isMissing, makeDatabase, migrateTo } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";

afterAll(stopServers);

const day = 86_400_000;
/** When the repository was added; its first sync took two minutes. */
const added = Date.parse("2026-02-01T09:00:00Z");
const firstEnd = added + 120_000;
const old = Date.parse("2021-05-01T10:00:00Z");
const rfc = (ms: number) => `${new Date(ms).toISOString().slice(0, 19)}+00:00`;

/** Version, package, author's time, first sight, last change, and what is right. */
const versions = [
  ["1.0.0", "blog", old, added + 1000, added + 1000, old],
  ["1.1.0", "blog", old + day, added + 110_000, added + 40 * day, old + day],
  ["1.2.0", "blog", added + 9 * day, added + 2000, added + 2000, added + 2000],
  ["2.0.0", "blog", old, added + 5 * day, added + 30 * day, added + 5 * day],
  ["2.1.0", "blog", added + 90 * day, added + 6 * day, added + 6 * day, added + 6 * day],
  // The package was called acme/weblog until the fourth day.
  ["1.0.0", "weblog", old, added + 500, added + 4 * day, old],
  ["0.9.0", "weblog", old, added + 600, added + 600, old],
  ["0.9.0", "blog", old, added + 4 * day, added + 4 * day, old],
  // The first sync of this one is forgotten by now, and its repository is removed.
  ["1.0.0", "gone", old, added - 200 * day, added, old],
  ["1.1.0", "gone", old, added - 199 * day, added, added - 199 * day],
] as const;

for (const { engine, name, server } of engines)
  describe.skipIf(isMissing(server))(`FC3: a database from before on ${name}`, () => {
    test("gets the times that are right, and documents that are newer than they were", async () => {
      const { address, remove } = await makeDatabase(engine);
      const before = await openDatabase(address);
      await migrateTo(before, "0008_sessions");
      await fill(before.write as unknown as Kysely<unknown>);
      await before.close();
      const folder = await mkdtemp(join(tmpdir(), "pricore-published-"));
      const parsed = parseConfig({
        ...(address.engine === "sqlite"
          ? { DATA_DIR: address.path.replace(/\/[^/]+$/, "") }
          : { DATA_DIR: folder, DB_CONNECTION: address.engine, DB_URL: address.url }),
        PORT: "8000",
      });
      if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
      const log = createLog({ level: "error", format: "json", write: () => {} });
      const app = await createApp(parsed.config, { now: () => added + 50 * day, log });
      await adoptAppUrl(app);
      const { rows } = await sql<{ id: string; published_at: number | string }>`
        select id, published_at from versions order by id`.execute(app.db.read);
      const wanted = versions.map(([version, pkg, , , , time], at) => [`${at} ${pkg} ${version}`, time]);
      expect(rows.map(({ id, published_at }) => [id, Number(published_at)])).toEqual(wanted);
      const { rows: read } = await sql<{ first_read_at: number | string | null }>`
        select first_read_at from repositories order by id`.execute(app.db.read);
      expect(read.map(({ first_read_at: at }) => at && Number(at))).toEqual([firstEnd, null]);
      const document = await findDocument(app.db, "o1", "acme/blog");
      expect(Number(document?.lastModified)).toBe(lastModified + 1);
      const text = new TextDecoder().decode(gunzipSync(document?.body ?? new Uint8Array()));
      const times = [...text.matchAll(/"published-time":"([^"]+)"/g)].map(([, time]) => time);
      expect(new Set(times)).toEqual(
        new Set(versions.filter(([, pkg]) => pkg === "blog").map(([, , , , , time]) => rfc(time))),
      );
      await app.close();
      await remove();
      await rm(folder, { recursive: true });
    });
  });

/** In seconds, and later than the clock of the server that starts. */
const lastModified = Math.floor((added + 60 * day) / 1000);

async function fill(db: Kysely<unknown>): Promise<void> {
  const insert = async (table: string, row: Record<string, string | number | Uint8Array | null>) => {
    const columns = sql.join(Object.keys(row).map((column) => sql.ref(column)));
    await sql`insert into ${sql.table(table)} (${columns}) values (${sql.join(Object.values(row))})`.execute(
      db,
    );
  };
  await insert("organizations", {
    id: "o1",
    slug: "acme",
    name: "Acme",
    publishes_source: 1,
    created_at: added,
  });
  const repository = { organization_id: "o1", provider: "git", state: "fresh", created_at: added };
  const zeros = { removals_confirmed: 0, next_poll_at: 0, failures: 0 };
  const known = { default_branch: "main", last_synced_at: added + 40 * day };
  await insert("repositories", {
    id: "r1",
    name: "blog",
    url: "/srv/blog",
    ...repository,
    ...zeros,
    ...known,
  });
  await insert("repositories", { id: "r2", name: "new", url: "/srv/new", ...repository, ...zeros });
  const counts = { refs_total: 0, refs_done: 0, added: 0, updated: 0, removed: 0, skipped: 0 };
  for (const [at, state] of ["failed", "done", "done"].entries())
    await insert("syncs", {
      ...{ id: `s${at}`, organization_id: "o1", repository_id: "r1", reason: "asked", state, ...counts },
      started_at: added + [0, 60_000, 5 * day][at]!,
      finished_at: [added + 30_000, firstEnd, added + 5 * day + 1000][at]!,
    });
  for (const [name, repository_id] of [
    ["blog", "r1"],
    ["weblog", "r1"],
    ["gone", null],
  ] as const)
    await insert("packages", {
      ...{ id: name, organization_id: "o1", name: `acme/${name}`, repository_id, type: "library" },
      ...{ created_at: added, updated_at: added, renamed_to: name === "weblog" ? "acme/blog" : null },
    });
  const fields = { type: "library", license: ["MIT"] };
  const manifest = JSON.stringify({ name: null, version: null, timeMs: null, fields, notes: [] });
  for (const [at, [version, pkg, released_at, created_at, updated_at]] of versions.entries())
    await insert("versions", {
      ...{ id: `${at} ${pkg} ${version}`, package_id: pkg, version, version_normalized: `${version}.0` },
      ...{ stability: "stable", is_default_branch: 0, ref_kind: "tag", reference: "a".repeat(40), manifest },
      ...{ released_at, created_at, updated_at },
    });
  await insert("settings", { name: "app_url", value: "http://localhost:8000" });
  await insert("settings", { name: "document_format", value: "3" });
  const document = { organization_id: "o1", last_modified: lastModified, hash: "", body: Bun.gzipSync("{}") };
  await insert("documents", { ...document, name: "acme/blog" });
}
