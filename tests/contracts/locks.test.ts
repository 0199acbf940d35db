// Somebody else's lock on a database server: a backup, an operator, a migration of another program.
import { SQL } from "bun";
import { afterAll, describe, expect, test } from "bun:test";
import { migrate, openDatabase } from "../../src/store/engine/database.ts";
import { addOrganization, listOrganizations } from "../../src/store/organizations/organizations.ts";
import { makeDatabase } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";

const locks = {
  pgsql: ["begin", "lock table organizations in exclusive mode", "commit"],
  mysql: ["start transaction", "flush tables with read lock", "unlock tables"],
} as const;

afterAll(stopServers);

describe("a write that meets a lock", () => {
  for (const engine of ["pgsql", "mysql"] as const)
    test(`on ${engine} says that the database is busy, loses nothing, and goes on when the lock is gone`, async () => {
      const made = await makeDatabase(engine);
      const db = await openDatabase(made.address);
      await migrate(db);
      if (made.address.engine === "sqlite") throw new Error("a server was asked for");
      await using other = new SQL({ url: made.address.url, max: 1 });
      const [begin, lock, end] = locks[engine];
      await other.unsafe(begin);
      await other.unsafe(lock);
      const add = () =>
        db.transaction((tx) => addOrganization(tx, { slug: "acme", name: "Acme", now: Date.now() }));
      const refused = await add().catch((error: unknown) => error);
      expect(refused).toMatchObject({ kind: "unavailable", code: "database_busy" });
      expect(await listOrganizations(db)).toEqual([]);
      await other.unsafe(end);
      expect(await add()).toMatchObject({ slug: "acme" });
      await db.close();
      await made.remove();
    }, 60_000);
});
