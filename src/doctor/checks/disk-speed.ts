import { ok, unknown, warn, withConfig, type Check } from "../check.ts";

const slowMs = 50;

export const diskSpeed: Check = {
  id: "disk.speed",
  title: "Disk speed",
  run: withConfig(async ({ dataDir }, { machine }) => {
    const times = await machine.writeTimes(dataDir).catch(() => null);
    if (times === null) return unknown(`${dataDir} cannot be written.`);
    const median = times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
    const seen = `A write takes ${median.toFixed(1)} ms until it is on the disk.`;
    if (median <= slowMs) return ok(seen);
    return warn(seen, {
      advice: "Use a local disk for the data folder: this one is slow, as network disks are.",
    });
  }),
};
