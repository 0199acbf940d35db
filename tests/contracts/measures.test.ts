// What is measured of the database, on every engine.
import { afterAll, expect, test } from "bun:test";
import { migrate, openDatabase } from "../../src/store/engine/database.ts";
import { countFreshness, countSyncOutcomes, sizeOfDatabase, sizeOfDisk } from "../../src/store/metrics.ts";
import { addOrganization } from "../../src/store/organizations/organizations.ts";
import { addRepository, updateRepository } from "../../src/store/repositories/repositories.ts";
import { addSync, updateSync } from "../../src/store/syncs/syncs.ts";
import { engines, isMissing, makeDatabase } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";

afterAll(stopServers);

for (const { engine, name, server } of engines)
  test.skipIf(isMissing(server))(
    `the size of a database in ${name} and how fresh it is are numbers`,
    async () => {
      const { address, remove } = await makeDatabase(engine);
      const db = await openDatabase(address);
      await migrate(db);
      expect(await sizeOfDatabase(db, address)).toBeGreaterThan(10_000);
      const acme = await addOrganization(db, { slug: "acme", name: "Acme", now: 1 });
      for (const [name, provenAt] of [
        ["blog", 5000],
        ["shop", 3000],
      ] as const) {
        const { id } = await addRepository(db, {
          organization_id: acme.id,
          name,
          url: `https://git.acme.test/${name}`,
          provider: "git",
          credential_id: null,
          created_at: 1,
          next_poll_at: 1,
        });
        await updateRepository(db, id, { last_proven_fresh_at: provenAt, state: "fresh" });
        const sync = { organization_id: acme.id, repository_id: id, reason: "push", refs_total: 1 };
        await addSync(db, { ...sync, id: name, started_at: provenAt });
      }
      await updateSync(db, "blog", { state: "done", outcome: "changed" });
      expect(await countFreshness(db)).toEqual([{ state: "fresh", count: 2, provenAt: 3000 }]);
      const outcomes = await countSyncOutcomes(db, 3000);
      expect(outcomes.toSorted((a, b) => a.outcome.localeCompare(b.outcome))).toEqual([
        { outcome: "changed", count: 1 },
        { outcome: "running", count: 1 },
      ]);
      expect(await countSyncOutcomes(db, 4000)).toEqual([{ outcome: "changed", count: 1 }]);
      await db.close();
      await remove();
    },
    60_000,
  );

test("a disk has less free than it is large", async () => {
  const { free, size } = await sizeOfDisk(".");
  expect(free).toBeGreaterThan(0);
  expect(free).toBeLessThan(size);
});
