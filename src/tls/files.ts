// A certificate that somebody else renews, in two files. Both are read again when either has changed.
import { readFile, stat } from "node:fs/promises";
import { invalid, messageOf } from "../errors.ts";
import { provePair, type Pair } from "./pair.ts";

export type PairFiles = { certFile: string; keyFile: string; names: string[] };

/** Programs write the two one after the other: neither is read before both were left alone for so long. */
export const quietMs = 2000;

/** Fails as `invalid` when a file cannot be read, or the two do not belong together. */
export async function readPair({ certFile, keyFile, names }: PairFiles): Promise<Pair> {
  const [certificate, key] = await Promise.all([textOf(certFile), textOf(keyFile)]);
  return provePair({ certificate, key }, names);
}

/** How long ago the younger of both was written, in milliseconds. Fails as `invalid` when one is missing. */
export async function quietFor({ certFile, keyFile }: PairFiles, now: number): Promise<number> {
  const times = await Promise.all([certFile, keyFile].map(async (path) => (await found(path)).mtimeMs));
  return now - Math.max(...times);
}

async function found(path: string) {
  return stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

async function textOf(path: string): Promise<string> {
  return readFile(path, "utf8").catch((error: unknown) => {
    throw unreadable(path, error);
  });
}

function unreadable(path: string, error: unknown) {
  return invalid(`${path} cannot be read: ${messageOf(error)}.`, { code: "certificate_unreadable" });
}
