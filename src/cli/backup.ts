// Backups: making, listing and checking them, and the key that restores them.
import { makeRecoveryKey } from "../backup/make-recovery-key.ts";
import { openTarget } from "../backup/open-target.ts";
import { rehearse } from "../backup/rehearse.ts";
import { runBackup } from "../backup/run.ts";
import { listSets, newestSet, readSet } from "../backup/sets.ts";
import { verifyBytes, verifyPresence } from "../backup/verify.ts";
import { isoTime, table, type Command, type Options } from "./command.ts";
import { readSecret } from "./secret-input.ts";

const from: Options = {
  from: { type: "string", value: "TARGET", help: "Folder or s3://bucket/prefix (BACKUP_TO)" },
};

export const backup: Command = {
  summary: "Make a backup now, also beside a running server",
  usage: "",
  arity: [0, 0],
  options: { to: { type: "string", value: "TARGET", help: "Folder or s3://bucket/prefix (BACKUP_TO)" } },
  async run(app, args, out) {
    const { set, target, newBytes, tookMs } = await runBackup(app, {
      to: args.text("to"),
      progress: out.progress,
    });
    const human = [
      `Backup ${set.id} is in ${target}: ${counted(set.archives, "archive")}, ${sizeText(newBytes)} new, ${(tookMs / 1000).toFixed(1)} s.`,
      ...(set.absent > 0
        ? [`${counted(set.absent, "archive")} could not be read and will be made again from git.`]
        : []),
      ...(set.sealedKey === null
        ? ["It is not encrypted, and does not have the key of this registry (app.key)."]
        : []),
    ];
    out.result({ id: set.id, target, archives: set.archives, absent: set.absent, newBytes, tookMs }, human);
  },
};

export const backupVerbs: Record<string, Command> = {
  list: {
    summary: "List the backups in a target",
    usage: "",
    arity: [0, 0],
    options: from,
    async runOn(config, args, out) {
      const target = openTarget({ ...config.backup, to: args.text("from") ?? config.backup.to });
      const sets = [];
      for (const id of await listSets(target)) sets.push(await readSet(target, id));
      const value = sets.map((set) => ({
        id: set.id,
        madeAt: isoTime(set.madeAt),
        version: set.version,
        archives: set.archives,
        databaseBytes: set.databaseBytes,
        encrypted: set.sealedKey !== null,
      }));
      const rows = value.map((set) => [set.id, set.version, set.archives, sizeText(set.databaseBytes)]);
      out.result(value, table(["BACKUP", "PRICORE", "ARCHIVES", "DATABASE"], rows));
    },
  },
  key: {
    summary: "Make the recovery key that opens the backups, and show it once",
    usage: "",
    arity: [0, 0],
    options: {
      replace: { type: "boolean", help: "Make another one; backups that exist need the former key" },
    },
    async run(app, args, out) {
      const text = await makeRecoveryKey(app, { replace: args.flag("replace") });
      out.note("Print this line and keep it away from this machine. Without it nobody can read the backups.");
      out.result({ recoveryKey: text }, text);
    },
  },
  rehearse: {
    summary: "Restore the newest backup on trial, install packages from it, and keep nothing",
    usage: "",
    arity: [0, 0],
    options: {},
    async run(app, _args, out) {
      const { setId, setAt, packages, tookMs } = await rehearse(app);
      const human = `Backup ${setId} can be restored: ${counted(packages.length, "package")} installed from it, ${(tookMs / 1000).toFixed(1)} s.`;
      out.result({ id: setId, madeAt: isoTime(setAt), packages, tookMs }, human);
    },
  },
  verify: {
    summary: "Check that a backup is complete; the newest one unless it is named",
    usage: "[BACKUP]",
    arity: [0, 1],
    options: {
      ...from,
      "all-bytes": { type: "boolean", help: "Read every part and compare its checksum" },
    },
    async runOn(config, args, out) {
      const target = openTarget({ ...config.backup, to: args.text("from") ?? config.backup.to });
      const [id] = args.positionals;
      const set = id === undefined ? await newestSet(target) : await readSet(target, id);
      const found = args.flag("all-bytes")
        ? await verifyBytes(
            { target, set },
            { config, recoveryKey: await recoveryKeyIfGiven(), progress: out.progress },
          )
        : await verifyPresence({ target, set });
      const human = [
        ...found.problems,
        found.problems.length === 0
          ? `Backup ${found.id} is complete: ${counted(found.parts, "part")}.`
          : `Backup ${found.id} has ${counted(found.problems.length, "problem")}.`,
      ];
      out.result(found, human);
      return found.problems.length === 0 ? 0 : 1;
    },
  },
};

/** On the machine of the installation its own key opens its backups. */
function recoveryKeyIfGiven(): Promise<string | null> {
  return readSecret({ fromStandardInput: false, variable: "PRICORE_RECOVERY_KEY", prompt: null });
}

export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function sizeText(bytes: number): string {
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
