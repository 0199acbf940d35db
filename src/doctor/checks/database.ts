// Whether the database is whole and of this version, and what it leaves lying about.
import { messageOf } from "../../errors.ts";
import { findCondition } from "../../store/engine/condition.ts";
import { pendingMigrations } from "../../store/engine/database.ts";
import { bytesText, fail, ok, unknown, warn, type Check } from "../check.ts";

const longLogBytes = 256 * 1024 * 1024;
/** Reading every page blocks this thread for about 0.2 s. */
const wholeWhileServingBytes = 64 * 1024 * 1024;

export const database: Check = {
  id: "database",
  title: "Database",
  isPreflight: true,
  async run({ config, app, appProblem, isServing }) {
    if (config === null) return unknown("The settings have mistakes.");
    if (app === null)
      return fail(appProblem?.message ?? "The database cannot be opened.", {
        advice: appProblem?.advice ?? "Look at the log.",
        ...(appProblem?.remedy ? { remedy: appProblem.remedy } : {}),
      });
    const within = isServing ? wholeWhileServingBytes : Infinity;
    const condition = await findCondition(app.db, config.database, within).catch((error: unknown) =>
      messageOf(error),
    );
    if (typeof condition === "string") return fail(`The database does not answer: ${condition}.`);
    const { damage, logBytes, freeBytes, bytes, version } = condition;
    if (damage !== null)
      return fail(`The database is damaged (${damage}).`, {
        advice: "Keep a copy of it, check the disk and restore the last backup.",
      });
    if (logBytes > longLogBytes)
      return warn(`The log of the database has grown to ${bytesText(logBytes)}.`, {
        advice: "A program reads the database and does not end. End it, or restart the server.",
      });
    const pending = await pendingMigrations(app.db);
    if (pending.length > 0)
      return warn(`The database waits for ${pending.length} changes of this version.`, {
        remedy: { do: "migrate" },
      });
    const free = freeBytes > bytes / 2 && freeBytes > 2 ** 28 ? `, ${bytesText(freeBytes)} of it unused` : "";
    return ok(`${version}, ${bytesText(bytes)}${free}.`);
  },
};
