// A connection to the database server under a certificate that is checked.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "kysely";
import { openDatabase } from "../../src/store/engine/database.ts";
import type { DatabaseTls, ServerEngine } from "../../src/store/engine/engine.ts";
import { makeAuthority, type Authority } from "../tools/servers/authority.ts";
import { isMissing } from "../tools/servers/databases.ts";
import { succeeded } from "../tools/process.ts";
import { type Server, startOwnMariadb, startOwnPostgres, stopServers } from "../tools/servers/services.ts";

const folder = mkdtempSync(join(tmpdir(), "pricore-database-tls-"));
const file = (name: string) => join(folder, name);
let authority: Authority;

beforeAll(async () => {
  authority = await makeAuthority(folder);
  await authority.issue("right", ["127.0.0.1"]);
  await authority.issue("other", ["db.example.com"]);
  chmodSync(folder, 0o755);
});
afterAll(async () => {
  await stopServers();
  rmSync(folder, { recursive: true, force: true });
});

type Kind = {
  name: string;
  server: string;
  engine: ServerEngine;
  start(certificate: string): Promise<Server>;
  seen: string;
};

const kinds: Kind[] = [
  {
    name: "PostgreSQL",
    server: "postgres",
    engine: "pgsql",
    start: async (certificate) => {
      await readableBy("postgres", certificate);
      return startOwnPostgres([
        "ssl=on",
        `ssl_cert_file=${file(`${certificate}.pem`)}`,
        `ssl_key_file=${file(`${certificate}.key`)}`,
      ]);
    },
    seen: "select version as cipher from pg_stat_ssl where pid = pg_backend_pid()",
  },
  {
    name: "MariaDB",
    server: "mariadbd",
    engine: "mysql",
    start: async (certificate) => {
      await readableBy("mysql", certificate);
      return startOwnMariadb([
        `--ssl-cert=${file(`${certificate}.pem`)}`,
        `--ssl-key=${file(`${certificate}.key`)}`,
      ]);
    },
    seen: "select variable_value as cipher from information_schema.session_status where variable_name = 'Ssl_version'",
  },
];

/** The servers refuse keys that others may read. */
const readableBy = (user: string, certificate: string) =>
  process.getuid?.() === 0 ? succeeded(["chown", user, file(`${certificate}.key`)]) : Promise.resolve("");

async function cipherOf({ engine, seen }: Kind, url: string, tls?: DatabaseTls): Promise<string> {
  const db = await openDatabase({ engine, url, poolSize: 2, ...(tls ? { tls } : {}) });
  try {
    const { rows } = await sql.raw<{ cipher: string | null }>(seen).execute(db.read);
    return rows[0]?.cipher ?? "";
  } finally {
    await db.close();
  }
}

for (const kind of kinds)
  describe.skipIf(isMissing(kind.server))(kind.name, () => {
    test("is spoken to under its certificate, and without TLS in clear", async () => {
      const { url } = await kind.start("right");
      const ca = authority.pem;
      expect(await cipherOf(kind, url, { ca })).toStartWith("TLSv1");
      expect(await cipherOf(kind, url)).toBe("");
    }, 60_000);

    test("is refused under a certificate of another name, or of nobody known", async () => {
      const { url } = await kind.start("other");
      const ca = authority.pem;
      const refused = (tls: DatabaseTls) =>
        cipherOf(kind, url, tls).then(
          () => "accepted",
          () => "refused",
        );
      expect([await refused({ ca }), await refused({})]).toEqual(["refused", "refused"]);
    }, 60_000);
  });
