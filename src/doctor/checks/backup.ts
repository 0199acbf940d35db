// Whether this registry could be restored, and whether that was tried.
import { backupStatus, rehearsalStatus, type Light } from "../../registry/backups/status.ts";
import { fail, ok, warn, withApp, type Check, type Finding } from "../check.ts";

export const backup: Check = {
  id: "backup",
  title: "Backups",
  run: withApp(async (app) => {
    const { state, last } = await backupStatus(app);
    if (state === "off")
      return warn("No backups are made by this server.", {
        advice: "Set a folder on another disk, or a bucket.",
        remedy: { do: "change-setting", variable: "BACKUP_TO", to: null },
      });
    const error = last?.error == null ? "" : ` ${last.error}`;
    return lit(state, `${dated("The last backup was made", last?.succeededAt)}${error}`, {
      advice: "Check that the target can be reached and written.",
      remedy: { do: "back-up" },
    });
  }),
};

export const rehearsal: Check = {
  id: "rehearsal",
  title: "Trial of the backup",
  run: withApp(async (app) => {
    const { state, last } = await rehearsalStatus(app);
    if (state === "off") return ok("No trial without backups.");
    const problem = last?.problem == null ? "" : ` ${last.problem}`;
    return lit(state, `${dated("A backup was restored on trial", last?.succeededAt)}${problem}`, {
      advice: "A backup that was never restored may be none.",
      remedy: { do: "rehearse" },
    });
  }),
};

function lit(state: Light, seen: string, help: Parameters<typeof warn>[1]): Finding {
  if (state === "ok") return ok(seen);
  return state === "red" ? fail(seen, help) : warn(seen, help);
}

function dated(what: string, at: number | null | undefined): string {
  if (at == null) return `${what.replace("was", "was never")}.`;
  return `${what} on ${new Date(at).toISOString().slice(0, 16).replace("T", " at ")} UTC.`;
}
