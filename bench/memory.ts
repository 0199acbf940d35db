// What a process and its children hold in memory, as Linux counts it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";

/** The most that the process has ever held, in MB; `fromNow` begins to count anew. */
export function peakMegabytes(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, "VmHWM") / 1024;
}

export function fromNow(pid: number): void {
  writeFileSync(`/proc/${pid}/clear_refs`, "5");
}

export function residentMegabytes(pid: number): number {
  return kilobytes(`/proc/${pid}/status`, "VmRSS") / 1024;
}

/** Looks every few milliseconds while `work` runs: the most that the process and its children held at one time. */
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

/** A page that several of them share, as they do the executable, counts once. */
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
