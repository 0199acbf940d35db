// Memory and processor time of a process, from Linux's /proc.

import { readFileSync } from "node:fs";

type Usage = { memoryBytes: number; cpuMs: number };

const pageBytes = 4096;
const msPerTick = 10;

/** Memory without mapped files, which the system can reclaim. Null where /proc is missing. */
export function usageOf(pid: number): Usage | null {
  try {
    const [, resident = 0, shared = 0] = read(pid, "statm").split(" ").map(Number);
    // The program name is in parentheses and may contain any character.
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
