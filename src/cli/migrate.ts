import { appliedMigrations } from "../store/database.ts";
import type { Command } from "./command.ts";

export const migrate: Command = {
  summary: "Bring the database up to this version; serve does it too",
  usage: "",
  arity: [0, 0],
  options: { status: { type: "boolean", help: "Only show which migrations there are" } },
  async run(app, _args, out) {
    // Opening the application has migrated already: what is left is to say so.
    const applied = await appliedMigrations(app.db);
    out.result({ applied }, [`The database is up to date (${applied.join(", ")}).`]);
  },
};
