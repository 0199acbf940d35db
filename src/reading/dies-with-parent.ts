// A worker process must not outlive the registry, even when it is in a loop and its parent was killed: its own code no
// longer runs then, so only the system can end it.

import { dlopen } from "bun:ffi";

const deathSignalOption = 1; // PR_SET_PDEATHSIG
const sigkill = 9;

/** Linux only. On other systems the process ends when it next waits for its parent. */
export function dieWithParent(): void {
  if (process.platform !== "linux") return;
  for (const library of ["libc.so.6", `libc.musl-${musl[process.arch] ?? process.arch}.so.1`]) {
    try {
      const { symbols } = dlopen(library, {
        prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
      });
      symbols.prctl(deathSignalOption, sigkill, 0, 0, 0);
      return;
    } catch {
      // Not this C library.
    }
  }
}

const musl: Record<string, string> = { x64: "x86_64", arm64: "aarch64" };
