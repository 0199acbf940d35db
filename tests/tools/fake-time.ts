// A clock for one process that a test sets while it runs, by libfaketime (Debian's package of that name).
import { Glob } from "bun";
import { join } from "node:path";

export type FakeTime = {
  /** For the process whose clock it is. */
  environment: Record<string, string>;
  /** `+1d`, `-1d`, `+0`: from the real time on. */
  set(offset: string): Promise<void>;
};

export function fakeTimeLibrary(): string | null {
  const [found] = new Glob("/usr/lib/*/faketime/libfaketime.so.1").scanSync("/");
  return found ?? null;
}

export async function fakeTime(folder: string): Promise<FakeTime> {
  const library = fakeTimeLibrary();
  if (!library) throw new Error("libfaketime is not installed. Run: bun tests/tools/install.ts");
  const file = join(folder, "clock");
  const set = async (offset: string) => void (await Bun.write(file, `${offset}\n`));
  await set("+0");
  return {
    environment: {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: file,
      FAKETIME_NO_CACHE: "1",
      DONT_FAKE_MONOTONIC: "1",
    },
    set,
  };
}
