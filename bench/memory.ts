// Memory of a process and its children, from Linux's /proc.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** The peak memory of the process, in MB; `fromNow` resets the peak. */
export function peakMegabytes(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, "VmHWM") / 1024;
}

export function fromNow(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

export function residentMegabytes(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, "VmRSS") / 1024;
}

/** Polls every few milliseconds while `work` runs: the peak of the process and its children together. */
export async function peakOfFamily(pid: number, work: () => Promise<unknown>): Promise<number> {
  let peak = 0;
  const timer = setInterval(() => {
    peak = Math.max(peak, familyMegabytes(pid));
  }, 20);
  try {
    await work();
  } finally {
    clearInterval(timer);
  }
  return peak;
}

/** A page that several processes share, such as the executable's, counts once. */
function familyMegabytes(pid: number): number {
  const family = [pid, ...childrenOf(pid)];
  return family.reduce((sum, each) => sum + kilobytes(`/proc/${each}/smaps_rollup`, "Pss"), 0) / 1024;
}

function childrenOf(pid: number): number[] {
  return readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    read(`/proc/${pid}/task/${task}/children`).split(" ").filter(Boolean).map(Number),
  );
}

function kilobytes(path: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(read(path))?.[1] ?? 0);
}

/** Empty when the process has ended meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
