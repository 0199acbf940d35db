// The migration that takes commands and subjects out of stored sentences, on every engine.
import { afterAll, describe, expect, test } from "bun:test";
import { sql, type Kysely } from "kysely";
import { migrate, openDatabase } from "../../src/store/engine/database.ts";
import { engines, isMissing, makeDatabase, migrateTo } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";

afterAll(stopServers);

const removals = "12 of 16 versions would be removed.";
const sentences: [id: string, before: string, after: string][] = [
  ["r1", `${removals} If that is meant, run: pricore sync --org acme blog --confirm-removals`, removals],
  [
    "r2",
    "All was kept. Mend composer.json; or, if that is meant, run: pricore sync --org acme blog --confirm-removals",
    "All was kept. Mend composer.json.",
  ],
  [
    "r3",
    "It rests until 2026-03-02 09:00 UTC. If it is mended, run: pricore sync --org acme blog",
    "It rests until 2026-03-02 09:00 UTC.",
  ],
  ["r4", "git.acme.test does not answer.", "git.acme.test does not answer."],
];

for (const { engine, name, server } of engines)
  describe.skipIf(isMissing(server))(`a database from before on ${name}`, () => {
    test("keeps its sentences without the commands and the subjects that they had", async () => {
      const { address, remove } = await makeDatabase(engine);
      const db = await openDatabase(address);
      await migrateTo(db, "0020_job_attempts");
      await fill(db.write as unknown as Kysely<unknown>);
      await migrate(db);
      const read = db.read;
      const repositories = await read
        .selectFrom("repositories")
        .select(["id", "error"])
        .orderBy("id")
        .execute();
      expect(repositories.map(({ id, error }) => [id, error])).toEqual(
        sentences.map(([id, , after]) => [id, after]),
      );
      const syncs = await read.selectFrom("syncs").select(["error", "error_code"]).orderBy("id").execute();
      expect(syncs).toEqual([
        { error: removals, error_code: "removals_unconfirmed" },
        { error: "git.acme.test does not answer.", error_code: null },
      ]);
      const [activity] = await read.selectFrom("activity").select("details").execute();
      expect(JSON.parse(activity?.details ?? "")).toEqual({ error: removals });
      const refs = await read.selectFrom("refs").select(["name", "reason"]).orderBy("name").execute();
      expect(refs.map(({ name: ref, reason }) => [ref, reason])).toEqual([
        ["fünf%", "the tag name is not a version"],
        ["main", "composer.json has no name"],
        ["other", "Tag other: is a branch"],
      ]);
      await db.close();
      await remove();
    });
  });

async function fill(db: Kysely<unknown>): Promise<void> {
  const insert = async (table: string, row: Record<string, string | number | null>) => {
    const columns = sql.join(Object.keys(row).map((column) => sql.ref(column)));
    await sql`insert into ${sql.table(table)} (${columns}) values (${sql.join(Object.values(row))})`.execute(
      db,
    );
  };
  await insert("organizations", { id: "o1", slug: "acme", name: "Acme", publishes_source: 0, created_at: 0 });
  for (const [id, error] of sentences)
    await insert("repositories", {
      ...{ id, name: id, url: `https://git.acme.test/${id}.git`, organization_id: "o1", provider: "git" },
      ...{ state: "failed", error, created_at: 0, next_poll_at: 0, failures: 1, removals_confirmed: 0 },
    });
  for (const [id, outcome, at] of [
    ["s1", "stopped", 0],
    ["s2", "failed", 3],
  ] as const)
    await insert("syncs", {
      ...{ id, organization_id: "o1", repository_id: "r1", reason: "poll", state: "failed", outcome },
      ...{ error: sentences[at]?.[1] ?? "", refs_total: 0, refs_done: 0, added: 0, updated: 0, removed: 0 },
      ...{ skipped: 0, started_at: 0 },
    });
  const details = JSON.stringify({ error: sentences[0]?.[1] });
  const action = { action: "repository.sync_failed", subject: "r1", details };
  await insert("activity", { id: "a1", organization_id: "o1", actor: "system", ...action, created_at: 0 });
  for (const [kind, name, reason] of [
    ["tag", "fünf%", "Tag fünf%: the tag name is not a version"],
    ["branch", "main", "Branch main: composer.json has no name"],
    ["branch", "other", "Tag other: is a branch"],
  ] as const)
    await insert("refs", {
      ...{ repository_id: "r1", kind, name, reference: "", outcome: "skipped", reason, updated_at: 0 },
    });
}
