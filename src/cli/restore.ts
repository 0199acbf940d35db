import { movedInto, restore as restoreSet, type RestoreReport } from "../backup/restore.ts";
import { rawKey } from "../app-key.ts";
import { conflict, invalid } from "../errors.ts";
import { confirmRestore } from "../registry/backups/restored.ts";
import { findRestored } from "../store/backup/results.ts";
import { counted } from "./backup.ts";
import { isoTime, type Command } from "./command.ts";
import { readSecret } from "./secret-input.ts";

export const restore: Command = {
  summary: "Restore a backup into an empty data folder and an empty database",
  usage: "TARGET [BACKUP]",
  arity: [1, 2],
  options: {
    at: {
      type: "string",
      value: "TIME",
      help: "The newest backup of that time or before, as 2026-12-01T03:00Z",
    },
    into: { type: "string", value: "FOLDER", help: "Instead of the data folder" },
    "dry-run": { type: "boolean", help: "Do everything, but keep nothing" },
    "allow-missing": { type: "boolean", help: "Go on without archives that the target has lost" },
  },
  async runOn(config, args, out) {
    const [from = "", set = null] = args.positionals;
    const into = args.text("into");
    const own = await rawKey(config).catch(() => null);
    const report = await restoreSet({
      config: into === null ? config : movedInto(config, into),
      from,
      set,
      until: timeIn(args.text("at")),
      recoveryKey: await readSecret({
        fromStandardInput: false,
        variable: "PRICORE_RECOVERY_KEY",
        prompt: own === null ? "Recovery key" : null,
      }),
      isDryRun: args.flag("dry-run"),
      allowMissing: args.flag("allow-missing"),
      now: Date.now(),
      progress: out.progress,
    });
    const { id, madeAt, version } = report.set;
    const { rows, archives, missing, migrated, kept } = report;
    out.result(
      { id, madeAt: isoTime(madeAt), version, rows, archives, missing, migrated, kept },
      linesOf(report, into ?? config.dataDir),
    );
  },
};

export const restoreVerbs: Record<string, Command> = {
  confirm: {
    summary: "Say that this restored registry is the real one, so that it takes over the webhooks",
    usage: "",
    arity: [0, 0],
    options: {},
    async run(app, _args, out) {
      if ((await findRestored(app.db)) === null)
        throw conflict("This registry was not restored from a backup.", { code: "not_restored" });
      await confirmRestore(app);
      out.result({ confirmed: true }, "From now on this registry checks and repairs its webhooks.");
    },
  },
};

function timeIn(text: string | null): number | null {
  if (text === null) return null;
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw invalid(`"${text}" is not a time like 2026-12-01T03:00Z.`, { code: "usage" });
  return time;
}

function linesOf({ set, rows, archives, missing, migrated, kept }: RestoreReport, folder: string): string[] {
  const what = `${counted(rows, "row")} and ${counted(archives, "archive")} of ${isoTime(set.madeAt)}`;
  return [
    kept ? `Restored ${what} into ${folder}.` : `The backup can be restored: ${what}. Nothing was kept.`,
    ...(migrated.length > 0 ? [`Brought the database up to date: ${migrated.join(" ")}.`] : []),
    ...missing.map((sha256) => `Missing, and made again from git when somebody installs it: ${sha256}`),
    ...(kept
      ? ["Everybody must sign in again. Start it, and look at what the overview lists before you rely on it."]
      : []),
  ];
}
