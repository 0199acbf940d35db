// What the job dashboard asks of the database beside the queue, on every engine.
import { afterAll, expect, test } from "bun:test";
import { migrate, openDatabase } from "../../src/store/engine/database.ts";
import { addToHistory, countRuns, listRunsByName, minuteMs } from "../../src/store/jobs/history.ts";
import { listJobOrganizations, listRepositoryIdsNamed } from "../../src/store/jobs/subjects.ts";
import { addOrganization } from "../../src/store/organizations/organizations.ts";
import { addRepository, updateRepository } from "../../src/store/repositories/repositories.ts";
import { addUser, listOperators, updateUser } from "../../src/store/accounts/users.ts";
import { engines, isMissing, makeDatabase } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";

afterAll(stopServers);

for (const { engine, name, server } of engines)
  test.skipIf(isMissing(server))(
    `FW6: repositories by name, runs by name and operators are found in ${name}`,
    async () => {
      const { address, remove } = await makeDatabase(engine);
      const db = await openDatabase(address);
      await migrate(db);
      const acme = await addOrganization(db, { slug: "acme", name: "Acme", now: 1 });
      const ids: string[] = [];
      for (const called of ["Blog", "shop_1", "shop%2"]) {
        const row = { organization_id: acme.id, name: called, url: `https://git.acme.test/${called}` };
        const added = { provider: "git", credential_id: null, created_at: 1, next_poll_at: 1 };
        ids.push((await addRepository(db, { ...row, ...added })).id);
      }
      await updateRepository(db, ids[0] ?? "", { package_name: "vendor/journal" });
      const found = (text: string) => listRepositoryIdsNamed(db, text, 10);
      expect(await found("ACME/blog")).toEqual([String(ids[0])]);
      expect(await found("Vendor/Jour")).toEqual([String(ids[0])]);
      expect(await found("shop_")).toEqual([String(ids[1])]);
      expect(await found("p%")).toEqual([String(ids[2])]);
      expect(await found("!")).toEqual([]);
      expect(await listRepositoryIdsNamed(db, "acme/", 2)).toHaveLength(2);
      expect(await listJobOrganizations(db, [acme.id, "gone"])).toEqual([{ id: acme.id, slug: "acme" }]);

      const step = { step: minuteMs, at: 0 };
      await db.transaction((open) =>
        addToHistory(open, {
          steps: [
            { ...step, name: "prune", bucket: 1, done: 7, failed: 1 },
            { ...step, name: "sync-repository", bucket: 1, done: 3, failed: 0 },
            { ...step, name: "sync-repository", bucket: 2, done: 4, failed: 2 },
          ],
          totals: [],
        }),
      );
      const period = { step: minuteMs, since: 0 };
      const silenced = await countRuns(db, { ...period, every: minuteMs, silenced: ["prune"] });
      expect(silenced).toEqual([{ at: 0, done: 7, failed: 3 }]);
      const byName = await listRunsByName(db, period);
      expect(byName.map((row) => [row.name, row.bucket, row.done, row.failed])).toEqual(
        expect.arrayContaining([
          ["prune", 1, 7, 1],
          ["sync-repository", 1, 3, 0],
          ["sync-repository", 2, 4, 2],
        ]),
      );

      for (const each of ["root", "Eve", "mia"]) {
        const email = `${each}@acme.test`;
        const user = await addUser(db, {
          email,
          name: each,
          isAdmin: each === "root",
          passwordHash: null,
          now: 1,
        });
        await updateUser(db, user.id, { email_verified_at: each === "Eve" ? 1 : null });
      }
      const operators = await listOperators(db, ["eve@acme.test", "mia@acme.test"]);
      expect(operators.map(({ email }) => email.toLowerCase()).toSorted()).toEqual([
        "eve@acme.test",
        "root@acme.test",
      ]);
      expect(await listOperators(db, [])).toHaveLength(1);
      await db.close();
      await remove();
    },
    60_000,
  );
