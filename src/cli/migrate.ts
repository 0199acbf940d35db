import { createApp, expectDatabase } from "../app.ts";
import { openLiveDatabase } from "../moved.ts";
import { appliedMigrations, pendingMigrations } from "../store/engine/database.ts";
import type { Command } from "./command.ts";

export const migrate: Command = {
  summary: "Bring the database up to date; serve does this too",
  usage: "",
  arity: [0, 0],
  options: { status: { type: "boolean", help: "Only show the migrations" } },
  makesDatabase: (args) => !args.flag("status"),
  async runOn(config, args, out) {
    if (args.flag("status")) await expectDatabase(config);
    else await (await createApp(config)).close();
    const { db } = await openLiveDatabase(config);
    try {
      const [applied, pending] = [await appliedMigrations(db), await pendingMigrations(db)];
      const human =
        pending.length === 0
          ? `The database is up to date (${applied.join(", ")}).`
          : `Waiting: ${pending.join(", ")}. Bring the database up to date with: pricore migrate`;
      out.result({ applied, pending }, human);
    } finally {
      await db.close();
    }
  },
};
