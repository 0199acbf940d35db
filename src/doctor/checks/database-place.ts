// SQLite depends on locks, which these file systems do not have or break.
import { dirname } from "node:path";
import { fail, ok, unknown, withConfig, type Check } from "../check.ts";

/** The numbers that Linux gives file systems, see statfs(2). */
const lockless = new Map([
  [0x6969, "NFS"],
  [0x517b, "SMB"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB"],
  [0x65735546, "FUSE"],
  [0x794c7630, "an overlay file system"],
]);

export const databasePlace: Check = {
  id: "database.place",
  title: "Where the database is",
  run: withConfig(async ({ database }, { machine }) => {
    if (database.engine !== "sqlite") return ok("A database server has its own disk.");
    const disk = await machine.disk(dirname(database.path));
    if (disk === null) return unknown(`There is no folder ${dirname(database.path)}.`);
    const name = lockless.get(disk.type >>> 0);
    if (name === undefined) return ok(`${database.path} is on a disk of this machine.`);
    return fail(`${database.path} is on ${name}, where locks do not hold.`, {
      advice: "Move the data folder to a local disk or volume, or use PostgreSQL or MariaDB.",
    });
  }),
};
