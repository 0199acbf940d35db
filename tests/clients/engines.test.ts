// The main path with the data in PostgreSQL and in MariaDB: the same commands, the same client, the same answers.

import { SQL } from "bun";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { makeDatabase, type TestDatabase } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";
import { clients } from "./clients.ts";
import { get, lastModified, readDocument, readRoot } from "./documents.ts";
import { createProject } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";
import { until } from "../tools/until.ts";

const ordered =
  '{"10":{"b":1,"a":1.0},"9":9007199254740993,"x":12345678901234567890,"1":[null,0.10],"":"","__proto__":"\\u0000"}';

const engines = [
  { name: "PostgreSQL", engine: "pgsql", connection: "pgsql" },
  { name: "MariaDB", engine: "mysql", connection: "mariadb" },
] as const;

for (const { name, engine, connection } of engines) {
  describe(`on ${name}`, () => {
    let database: TestDatabase;
    let world: ClientWorld;
    let acme: Organization;

    beforeAll(async () => {
      database = await makeDatabase(engine);
      world = await openWorld({
        in: "binary",
        git: true,
        environment: { DB_CONNECTION: connection, DB_URL: addressOf(database) },
      });
      acme = await world.organization("acme");
    });
    afterAll(async () => {
      await world?.close();
      await database?.remove();
      await stopServers();
    });

    test("a package is published, installed, counted, renewed and withdrawn", async () => {
      const [composer] = clients;
      if (!composer) throw new Error("There is no Composer");
      const manifest = { name: "acme/blog", description: "Ünïcode ✓" };
      const repository = await world.publish(acme, "acme/blog", [{ manifest, tags: ["1.0.0"] }]);
      const site = await createProject(world, {
        composer,
        org: acme,
        manifest: { require: { "acme/blog": "*" } },
      });
      expect(await site.say("update")).toMatchObject({ code: 0 });
      expect(await site.installed()).toEqual({ "acme/blog": "1.0.0" });
      expect((await readDocument(acme, "acme/blog")).records[0]?.["description"]).toBe("Ünïcode ✓");

      const before = lastModified(await readDocument(acme, "acme/blog"));
      await repository.commit({ manifest, tags: ["1.1.0"] });
      expect(await world.sync(acme, repository)).toMatchObject({ outcome: "changed" });
      expect(lastModified(await readDocument(acme, "acme/blog"))).toBeGreaterThan(before);
      expect(await site.say("update")).toMatchObject({ code: 0 });
      expect(await site.installed()).toEqual({ "acme/blog": "1.1.0" });

      await world.registry.kill();
      await world.registry.start();
      expect((await readRoot(acme)).json["available-packages"]).toEqual(["acme/blog"]);
      const downloads = async () => (await world.show(acme, "acme/blog")).downloads;
      await until(async () => (await downloads()) >= 2, { what: "both installs are counted" });
      expect((await world.show(acme, "acme/blog")).downloads).toBe(2);

      await world.pricore("repo", "remove", "--org", "acme", "acme/blog");
      expect((await readDocument(acme, "acme/blog")).records).toEqual([]);
      expect((await site.say("update")).code).not.toBe(0);
    });

    test("FC8: keys keep their order and numbers their digits", async () => {
      const manifest = `{"name":"acme/ordered","extra":${ordered}}`;
      await world.publish(acme, "acme/ordered", [{ manifest, tags: ["1.0.0"] }]);
      expect((await readDocument(acme, "acme/ordered")).text).toContain(`"extra":${ordered}`);
    });

    test("84: while the database takes no writes the documents are answered", async () => {
      await world.publish(acme, "acme/mailer", [{ manifest: { name: "acme/mailer" }, tags: ["1.0.0"] }]);
      await withoutWrites(engine, addressOf(database), async () => {
        // The first questions may meet connections that were just ended.
        const isAnswered = async () => (await get(acme, "/list.json")).status === 200;
        await until(isAnswered, { what: "the list is answered" });
        for (const path of [
          "/packages.json",
          "/p2/acme/mailer.json",
          "/p2/acme/unknown.json",
          "/list.json",
        ]) {
          expect([path, (await get(acme, path)).status]).toEqual([path, 200]);
        }
        // MariaDB would let the command wait for the lock.
        if (engine === "pgsql") {
          const refused = await world.registry.pricore([
            "token",
            "create",
            "--org",
            "acme",
            "--name",
            "late",
          ]);
          expect(refused.code).toBe(1);
        }
      });
      expect(await world.token(acme, "after")).toStartWith("prc_");
    });
  });
}

function addressOf({ address }: TestDatabase): string {
  return address.engine === "sqlite" ? "" : address.url;
}

/** PostgreSQL turns read-only for every new connection, and the open ones end; MariaDB refuses to write. */
async function withoutWrites(
  engine: "pgsql" | "mysql",
  url: string,
  work: () => Promise<void>,
): Promise<void> {
  await using sql = new SQL({ url, max: 1 });
  const name = new URL(url).pathname.slice(1);
  const [off, on] =
    engine === "pgsql"
      ? [
          [`alter database ${name} set default_transaction_read_only = on`, others],
          [
            "set default_transaction_read_only = off",
            `alter database ${name} reset default_transaction_read_only`,
            others,
          ],
        ]
      : [["flush tables with read lock"], ["unlock tables"]];
  for (const statement of off) await sql.unsafe(statement);
  try {
    await work();
  } finally {
    for (const statement of on) await sql.unsafe(statement);
  }
}

const others =
  "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()";
