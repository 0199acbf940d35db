// Sets up the webhook of a repository of a running server, directly in its database.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeKey } from "../../src/config/app-key.ts";
import { createSecrets } from "../../src/secrets.ts";
import { databaseBeside } from "../attacks/database-beside.ts";

export type Beside = { repositoryId: string; secret: string };

export async function listenBeside(dataDir: string, name: string): Promise<Beside> {
  const key = decodeKey(await readFile(join(dataDir, "app.key"), "utf8"));
  if (key === null) throw new Error("app.key holds no key");
  using database = databaseBeside(dataDir);
  const found = database
    .query<{ id: string; organization_id: string }, [string]>(
      "select id, organization_id from repositories where name = ?",
    )
    .get(name);
  if (!found) throw new Error(`there is no repository ${name}`);
  const secret = `secret of ${name}`;
  database.run(
    `insert into webhooks (repository_id, organization_id, state, secret, created_at, next_check_at)
     values (?, ?, 'manual', ?, 0, 0)`,
    [found.id, found.organization_id, createSecrets(key).seal("webhooks", found.id, secret)],
  );
  return { repositoryId: found.id, secret };
}
