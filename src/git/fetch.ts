// One fetch for all wanted commits, depth 1, into a file that is read like memory. isomorphic-git indexes and reads the
// pack. The short request is written here because the library's own fetch treats an ERR line as success, may hang after
// an error, and holds the pack several times in memory.

import { createHash } from "node:crypto";
import { open, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import { indexPack } from "isomorphic-git";
import { unavailable } from "../errors.ts";
import { readAdvertisement } from "./advertisement.ts";
import { memoryFiles } from "./memory-files.ts";
import type { FetchProgress, GitLimits, Ref } from "./mirror.ts";
import { libraryMessage, type Repository } from "./objects.ts";
import { packRequest } from "./pack-request.ts";
import { protocolFailure, type PktLines } from "./pkt-line.ts";
import { sanitizeMessage, serverMessage } from "./server-message.ts";
import type { Transport } from "./transport.ts";

export type Fetching = {
  limits: GitLimits;
  onProgress?: (progress: FetchProgress) => void;
  /** The file of the pack. The system may cache it; none of it counts as memory of the process. */
  folder: string;
};

/**
 * Throws unavailable when the server refuses, sends too much or breaks off, and when none of the refs is still at its
 * commit. A ref that moved since it was listed is left out; reading its commit fails.
 */
export async function fetchCommits(
  transport: Transport,
  refs: Ref[],
  fetching: Fetching,
): Promise<Repository> {
  const advertisement = await readAdvertisement(transport.lines, fetching.limits);
  return openPack(await transport.request(packRequest(advertisement, refs)), fetching);
}

/** The repository in the server's answer to the request. */
export async function openPack(answer: PktLines, fetching: Fetching): Promise<Repository> {
  const pack = await receivePack(answer, fetching);
  fetching.onProgress?.({ phase: "Indexing objects", receivedBytes: pack.length });
  const gitdir = "/mirror";
  const filepath = "objects/pack/pack-fetched.pack";
  const repository = { fs: memoryFiles({ [`${gitdir}/${filepath}`]: pack }), gitdir, cache: {} };
  await indexPack({ ...repository, dir: gitdir, filepath }).catch((error: unknown) => {
    throw protocolFailure(`The pack can't be read: ${libraryMessage(error)}.`);
  });
  return repository;
}

const writtenAtOnceBytes = 1024 * 1024;
const packBand = 1;
const progressBand = 2;
const errorBand = 3;

async function receivePack(lines: PktLines, fetching: Fetching): Promise<Buffer> {
  const path = join(fetching.folder, "fetched.pack");
  const file = await open(path, "w", 0o600);
  try {
    await writePack(lines, file, fetching);
  } finally {
    await file.close();
  }
  const pack = Bun.mmap(path, { shared: false });
  return checked(Buffer.from(pack.buffer, pack.byteOffset, pack.byteLength));
}

async function writePack(lines: PktLines, file: FileHandle, { limits, onProgress }: Fetching): Promise<void> {
  const report = reporter(onProgress);
  let waiting: Buffer[] = [];
  let waitingBytes = 0;
  let receivedBytes = 0;
  const drain = async () => {
    await file.writeFile(Buffer.concat(waiting));
    waiting = [];
    waitingBytes = 0;
  };
  let complete = false;
  for await (const line of lines) {
    complete = line === null && receivedBytes > 0;
    if (line === null) continue;
    if (line[0] === packBand) {
      waiting.push(line.subarray(1));
      waitingBytes += line.length - 1;
      receivedBytes += line.length - 1;
      if (receivedBytes > limits.packBytes) throw tooLarge(limits);
      if (waitingBytes >= writtenAtOnceBytes) await drain();
      report("Receiving objects", receivedBytes);
    } else if (line[0] === progressBand) report(phaseOf(line), receivedBytes);
    else if (line[0] === errorBand) throw serverMessage(line.subarray(1));
    else if (line.toString("latin1", 0, 4) === "ERR ") throw serverMessage(line.subarray(4));
  }
  if (!complete) throw protocolFailure("The pack breaks off.");
  await drain();
}

function checked(pack: Buffer): Buffer {
  const sum = createHash("sha1").update(pack.subarray(0, -20)).digest();
  if (!sum.equals(pack.subarray(-20))) throw protocolFailure("The pack was damaged on the way.");
  return pack;
}

const reportEveryBytes = 1024 * 1024;

function reporter(onProgress: Fetching["onProgress"]) {
  let reported: FetchProgress = { phase: "", receivedBytes: 0 };
  return (phase: string | null, receivedBytes: number) => {
    if (phase === null) return;
    if (phase === reported.phase && receivedBytes < reported.receivedBytes + reportEveryBytes) return;
    reported = { phase, receivedBytes };
    onProgress?.(reported);
  };
}

function phaseOf(line: Buffer): string | null {
  return /^([A-Z][a-z ]{2,40}):/.exec(sanitizeMessage(line.subarray(1)))?.[1] ?? null;
}

function tooLarge({ packBytes }: GitLimits) {
  const limit = Math.floor(packBytes / 1024 / 1024);
  return unavailable(`The commits of this repository are larger than ${limit} MB, packed.`, {
    code: "git_pack_too_large",
  });
}
