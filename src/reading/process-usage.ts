// What a process has taken so far, as Linux counts it.

import { readFileSync } from "node:fs";

export type Usage = { memoryBytes: number; cpuMs: number };

const pageBytes = 4096;
const msPerTick = 10;

/** Memory without the files that are mapped into it, which the system takes back. null where nobody counts. */
export function usageOf(pid: number): Usage | null {
  try {
    const [, resident = 0, shared = 0] = read(pid, "statm").split(" ").map(Number);
    // The name of the program stands in parentheses and may hold anything.
    const fields = read(pid, "stat").split(") ").at(-1)?.split(" ") ?? [];
    const [user = 0, system = 0] = [Number(fields[11]), Number(fields[12])];
    return { memoryBytes: (resident - shared) * pageBytes, cpuMs: (user + system) * msPerTick };
  } catch {
    return null;
  }
}

function read(pid: number, file: string): string {
  return readFileSync(`/proc/${pid}/${file}`, "latin1");
}
