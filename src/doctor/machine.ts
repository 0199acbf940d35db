// Facts about the machine, behind one type: a check is shown a full disk by a test, and a real one by this.
import { createHash } from "node:crypto";
import { open, readFile, rm, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { net } from "../net.ts";

export type Disk = { freeBytes: number; sizeBytes: number; freeFiles: number; files: number; type: number };
type Addresses = { v4: string[]; v6: string[] };

export type Machine = {
  /** null where there is no such folder. */
  disk(folder: string): Promise<Disk | null>;
  /** Milliseconds that a write of 4 KB took each time until it was on the disk. */
  writeTimes(folder: string): Promise<number[]>;
  /** The permissions of a file, 0o600; null where there is none. */
  mode(path: string): Promise<number | null>;
  /** A file of /proc or /sys; null where there is none. */
  read(path: string): Promise<string | null>;
  /** How many times as long a loop takes as a hash by compiled code: about 6, and 60 without the engine's compiler. */
  engineRatio(): number;
  /** Whether something takes a connection there. */
  accepts(address: string, port: number): Promise<boolean>;
  /** null when the name is not known. */
  addresses(host: string): Promise<Addresses | null>;
  /** Texts of DNS; null when nobody answered. */
  texts(name: string): Promise<string[] | null>;
};

const writes = 20;
const connectMs = 3000;

export const machine: Machine = {
  async disk(folder) {
    const found = await statfs(folder).catch(() => null);
    if (found === null) return null;
    const { bavail, blocks, bsize, ffree, files, type } = found;
    return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize, freeFiles: ffree, files, type };
  },
  async writeTimes(folder) {
    const path = join(folder, `doctor-${process.pid}`);
    const file = await open(path, "w", 0o600);
    try {
      // A killed process leaves nothing.
      await rm(path, { force: true });
      const block = new Uint8Array(4096);
      const times: number[] = [];
      for (let at = 0; at < writes; at++) {
        const began = performance.now();
        await file.write(block, 0, block.length, at * block.length);
        await file.sync();
        times.push(performance.now() - began);
      }
      return times;
    } finally {
      await file.close();
    }
  },
  mode: (path) =>
    stat(path).then(
      ({ mode }) => mode & 0o777,
      () => null,
    ),
  read: (path) => readFile(path, "utf8").catch(() => null),
  engineRatio: () => leastOf(loopMs) / leastOf(hashMs),
  accepts(address, port) {
    return new Promise((resolve) => {
      const socket = net().connect({ host: address, port, timeout: connectMs });
      const end = (isThere: boolean) => {
        socket.destroy();
        resolve(isThere);
      };
      socket.once("connect", () => end(true));
      socket.once("error", () => end(false));
      socket.once("timeout", () => end(false));
    });
  },
  async addresses(host) {
    const { lookup } = await import("node:dns/promises");
    const found = await lookup(host, { all: true }).catch(() => []);
    const of = (family: number) => found.filter((each) => each.family === family).map((each) => each.address);
    return found.length === 0 ? null : { v4: of(4), v6: of(6) };
  },
  async texts(name) {
    const { Resolver } = await import("node:dns/promises");
    const resolver = new Resolver({ timeout: 2000, tries: 1 });
    return resolver.resolveTxt(name).then(
      (records) => records.map((parts) => parts.join("")),
      (error: NodeJS.ErrnoException) => (["ENOTFOUND", "ENODATA"].includes(error.code ?? "") ? [] : null),
    );
  },
};

/** A loop of code that the engine should compile. */
function loopMs(): number {
  const began = performance.now();
  let sum = 1;
  for (let at = 0; at < 3_000_000; at++) sum = ((sum << 5) ^ (sum >>> 2) ^ at) | 0;
  // The sum is used, so that the loop is not left out.
  return performance.now() - began + (sum === 0.5 ? 1 : 0);
}

/** Work of compiled code that no processor has an instruction for, and that no second core can share. */
function hashMs(): number {
  const began = performance.now();
  createHash("md5").update(new Uint8Array(300_000)).digest();
  return performance.now() - began;
}

/** The others may have been interrupted. */
function leastOf(measure: () => number): number {
  return Math.min(...Array.from({ length: 5 }, measure));
}
