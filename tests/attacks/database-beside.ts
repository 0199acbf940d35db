import { Database } from "bun:sqlite";
import { join } from "node:path";

/** The database of a data directory, for another program beside the server: it waits while that one writes. */
export function databaseBeside(dataDir: string): Database {
  const database = new Database(join(dataDir, "pricore.sqlite"));
  database.run("pragma busy_timeout = 5000");
  return database;
}

/** Lets a person into an organization, as no command does. */
export function addMember(
  dataDir: string,
  { slug, email, role }: { slug: string; email: string; role: "owner" | "admin" | "member" },
): void {
  using database = databaseBeside(dataDir);
  database.run(
    `insert into members (organization_id, user_id, role, created_at)
     select o.id, u.id, ?, 0 from organizations o, users u where o.slug = ? and u.email = ?`,
    [role, slug, email],
  );
}
