import { Database } from "bun:sqlite";
import { join } from "node:path";

/** The database of a data directory, for another program beside the server: it waits while that one writes. */
export function databaseBeside(dataDir: string): Database {
  const database = new Database(join(dataDir, "pricore.sqlite"));
  database.run("pragma busy_timeout = 5000");
  return database;
}
