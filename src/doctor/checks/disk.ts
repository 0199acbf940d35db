// Room on the disks: bytes, and files.
import { join } from "node:path";
import { tmpdir } from "node:os";
import type { Config } from "../../config/config.ts";
import { bytesText, fail, ok, warn, withConfig, worstOf, type Check, type Finding } from "../check.ts";
import type { Disk, Machine } from "../machine.ts";

const GB = 1024 ** 3;
const advice = "Make room, or move the data folder to a larger disk.";

export const disk: Check = {
  id: "disk",
  title: "Disk space",
  isPreflight: true,
  run: withConfig((config, { machine }) => overFolders(config, machine, roomIn)),
};

export const inodes: Check = {
  id: "inodes",
  title: "Files on the disk",
  run: withConfig((config, { machine }) => overFolders(config, machine, filesIn)),
};

async function overFolders(
  { dataDir }: Config,
  machine: Machine,
  judge: (folder: string, disk: Disk) => Finding,
): Promise<Finding> {
  const folders = [dataDir, join(dataDir, "tmp"), tmpdir()];
  const disks = await Promise.all(
    folders.map(async (folder) => ({ folder, disk: await machine.disk(folder) })),
  );
  const findings = disks.flatMap(({ folder, disk }) => (disk === null ? [] : [judge(folder, disk)]));
  if (findings.length === 0)
    return fail(`There is no folder ${dataDir}.`, { remedy: { do: "choose-data-folder" } });
  // Folders on one disk say the same.
  const once = findings.filter(({ seen }, at) => findings.findIndex((other) => other.seen === seen) === at);
  return worstOf(once.slice(0, 2), findings[0]?.seen ?? "");
}

function roomIn(folder: string, { freeBytes, sizeBytes }: Disk): Finding {
  const share = sizeBytes === 0 ? 1 : freeBytes / sizeBytes;
  const seen = `${bytesText(freeBytes)} of ${bytesText(sizeBytes)} are free at ${folder}.`;
  if (share < 0.02) return fail(seen, { advice });
  return share < 0.1 || freeBytes < 2 * GB ? warn(seen, { advice }) : ok(seen);
}

/** Some file systems have no fixed number of files and report none. */
function filesIn(folder: string, { freeFiles, files }: Disk): Finding {
  if (files === 0) return ok(`The disk at ${folder} has no limit of files.`);
  const percent = Math.floor((freeFiles / files) * 100);
  const seen = `${percent} % of the files that the disk at ${folder} can have are free.`;
  const help = { advice: "Remove small files, or use a disk with room for more of them." };
  if (percent < 2) return fail(seen, help);
  return percent < 10 ? warn(seen, help) : ok(seen);
}
