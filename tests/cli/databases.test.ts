// A database that cannot be opened: which one, why, what to do, and never its password.
import { afterAll, afterEach, beforeEach, describe, expect, test } from "bun:test";
import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engines, isMissing, makeDatabase } from "../tools/servers/databases.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { stopServers } from "../tools/servers/services.ts";
import type { Operator } from "../worlds/shell.ts";
import { until } from "../tools/until.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
beforeEach(async () => void (ann = await openWorld({ in: "shell", asNobody: true })));
afterEach(() => ann.close());
afterAll(stopServers);

describe("a SQLite database", () => {
  const file = () => join(ann.dataDir, "pricore.sqlite");

  test("that is a folder is told apart from one that is damaged", async () => {
    for (const end of ["", "-wal", "-shm"]) rmSync(`${file()}${end}`);
    mkdirSync(file());
    chmodSync(ann.dataDir, 0o777);
    expect(await refusal(ann)).toBe(
      `${file()} is a folder, not a database.\nSet DB_DATABASE or DATA_DIR to another path.\n`,
    );
  });

  test("that is no database, or is damaged, is left as it is", async () => {
    await ann.must("org", "create", "acme");
    // A server moves everything from the log into the file.
    const server = await ann.serve();
    server.kill("SIGTERM");
    await server.ended;
    const good = readFileSync(file());
    const torn = Buffer.from(good).fill(0x5a, 0, 4096);
    for (const bytes of [Buffer.from("These are notes, not tables.".repeat(100)), torn]) {
      writeFileSync(file(), bytes);
      expect(await refusal(ann)).toBe(
        `The file ${file()} is not a database, or it is damaged.\nRestore the last backup, or set DB_DATABASE to another file.\n`,
      );
      expect(readFileSync(file()).equals(bytes)).toBe(true);
    }
    writeFileSync(file(), good);
    expect(await ann.json<unknown[]>("org", "list")).toHaveLength(1);
  });

  test("that this user may not write, or not even read, says whose permission is missing", async () => {
    await ann.must("org", "create", "acme");
    for (const mode of [0o400, 0o000]) {
      chmodSync(file(), mode);
      expect(await refusal(ann)).toBe(
        `The database ${file()} may not be opened for writing.\n` +
          "Let this user read and write the folder that DATA_DIR names and every file in it.\n",
      );
    }
    chmodSync(file(), 0o600);
    expect(await ann.json<unknown[]>("org", "list")).toHaveLength(1);
  });

  test("in a folder that is not there names it", async () => {
    const env = { DB_DATABASE: "/nowhere/pricore.sqlite" };
    expect(await refusal(ann, env)).toStartWith(
      "The folder of the database /nowhere/pricore.sqlite does not exist.\n",
    );
  });

  test("of a newer version is left alone", async () => {
    await ann.must("org", "create", "acme");
    const { Database } = await import("bun:sqlite");
    const database = new Database(file());
    database.run("insert into kysely_migration (name, timestamp) values ('9999_future', '')");
    database.close();
    for (const args of [["org", "list"], ["migrate"], ["migrate", "--status"]])
      expect(await refusal(ann, {}, args)).toStartWith(
        "The database was created by a newer version of Pricore.\n",
      );
  });
});

for (const { engine, name, server } of engines)
  if (server !== null)
    describe.skipIf(isMissing(server))(`a ${name} database`, () => {
      const address = async () => {
        const { address, remove } = await makeDatabase(engine);
        if (address.engine === "sqlite") throw new Error("not a server");
        const url = new URL(address.url);
        const env: Record<string, string> = {
          DB_CONNECTION: engine,
          DB_HOST: url.hostname,
          DB_PORT: url.port,
          DB_DATABASE: url.pathname.slice(1),
          DB_USERNAME: url.username,
          DB_PASSWORD: url.password,
        };
        return { env, remove, host: url.host };
      };

      test("keeps what commands write, which is the control of the others", async () => {
        const { env, remove } = await address();
        env["DATA_DIR"] = join(ann.folder, "other");
        const early = await ann.run(["org", "create", "acme"], { env });
        expect([early.code, early.stderr]).toEqual([3, expect.stringContaining("The database is empty.\n")]);
        expect((await ann.run(["migrate"], { env })).code).toBe(0);
        expect((await ann.run(["org", "create", "acme"], { env })).code).toBe(0);
        expect((await ann.run(["org", "list", "--json"], { env })).json<unknown[]>()).toHaveLength(1);
        const lines = await ann.serve({ env });
        expect(lines.events()).toContain("serve.ready");
        lines.kill("SIGTERM");
        expect(await lines.ended).toBe(0);
        await remove();
      });

      test("FW7: that two servers work on has one setup link, printed by both", async () => {
        const { env, remove } = await address();
        env["DATA_DIR"] = join(ann.folder, "other");
        const links: string[] = [];
        const servers = [await ann.serve({ env }), await ann.serve({ env })];
        for (const server of servers) {
          await until(() => server.printed().includes("/setup/"));
          links.push(server.printed().match(/\/setup\/(\S+)/)?.[1] ?? "");
        }
        expect(links[0]).toMatch(/^[\w-]{43}$/);
        expect(links[1]).toBe(links[0] ?? "");
        for (const server of servers) server.kill("SIGTERM");
        await Promise.all(servers.map(({ ended }) => ended));
        await remove();
      });

      test("that refuses the password, or does not know the name, says which setting to correct", async () => {
        const { env, remove, host } = await address();
        expect(await refusal(ann, { ...env, DB_PASSWORD: "canary-secret" })).toBe(
          `The database server ${host} rejected the user or password.\nCheck DB_USERNAME and DB_PASSWORD.\n`,
        );
        expect(await refusal(ann, { ...env, DB_DATABASE: "nowhere" })).toMatch(
          /has no database "nowhere"\.\nCreate it, or correct DB_DATABASE\.\n/,
        );
        const started = await ann.serve({ env: { ...env, DB_PASSWORD: "canary-secret" } });
        expect(started.code()).toBe(1);
        expect(started.printed()).not.toContain("canary-secret");
        await remove();
      });

      test("that nobody serves, on a known host or an unknown one, names the host", async () => {
        const { env, remove } = await address();
        for (const [DB_HOST, DB_PORT] of [
          ["127.0.0.1", String(reservedPort())],
          ["db.invalid", "5432"],
        ] as const) {
          const message = await refusal(ann, { ...env, DB_HOST, DB_PORT, DB_PASSWORD: "canary-secret" });
          expect(message).toStartWith(`No database server responds at ${DB_HOST}:${DB_PORT}.\n`);
          expect(message).toContain("DB_HOST, DB_PORT and DB_CONNECTION");
        }
        await remove();
      });
    });

/** What a command says on standard error when it fails, with nothing on standard output. */
async function refusal(
  { run }: Operator,
  env: Record<string, string> = {},
  args = ["org", "list"],
): Promise<string> {
  const { code, stdout, stderr } = await run(args, { env });
  expect({ code, stdout }).toEqual({ code: 1, stdout: "" });
  expect(stderr).not.toContain("canary-secret");
  return stderr;
}
