// One fetch for all wanted commits, depth 1, into memory. isomorphic-git speaks the protocol and indexes the pack; its
// network is our transport. Of the server's refs it sees only made-up names of the wanted objects, so that nothing a
// stranger named reaches it.

import { fetch as fetchInto, type HttpClient } from "isomorphic-git";
import { Failure, messageOf, unavailable } from "../errors.ts";
import { fullName, readAdvertisement, type Advertisement } from "./advertisement.ts";
import { memoryFiles } from "./memory-files.ts";
import type { FetchProgress, GitLimits, Ref } from "./mirror.ts";
import type { Repository } from "./objects.ts";
import { flush, pktLine, protocolFailure, type PktLines } from "./pkt-line.ts";
import { cleanWords, serverSaid } from "./server-words.ts";
import type { Transport } from "./transport.ts";

export type Fetching = { limits: GitLimits; onProgress?: (progress: FetchProgress) => void };

/**
 * Throws unavailable when the server says no, sends too much or breaks off, and when none of the refs is at its commit
 * any more. A ref that moved since it was listed is left out: reading its commit says so.
 */
export async function fetchCommits(
  transport: Transport,
  refs: Ref[],
  fetching: Fetching,
): Promise<Repository> {
  const advertisement = await readAdvertisement(transport.lines, fetching.limits);
  const wanted = wantedObjects(advertisement, refs);
  const repository: Repository = { fs: memoryFiles(remoteConfig), gitdir: "/mirror", cache: {} };
  const broken = Promise.withResolvers<never>();
  const http: HttpClient = {
    async request({ method, body, url }) {
      const answer = { url, statusCode: 200, statusMessage: "OK" };
      if (method === "GET") {
        const headers = { "content-type": "application/x-git-upload-pack-advertisement" };
        return { ...answer, headers, body: chunks(madeUpAdvertisement(wanted, advertisement)) };
      }
      const lines = await transport.request(await collected(body));
      const headers = { "content-type": "application/x-git-upload-pack-result" };
      return { ...answer, headers, body: watched(lines, { ...fetching, onFailure: broken.reject }) };
    },
  };
  const fetched = fetchInto({ ...repository, http, url: "https://mirror.invalid/repository", ...everything });
  await Promise.race([fetched, broken.promise]).catch((error: unknown) => {
    throw error instanceof Failure ? error : protocolFailure(`The fetch failed: ${messageOf(error)}.`);
  });
  return repository;
}

const remoteConfig = {
  "/mirror/config": '[remote "origin"]\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n',
};
const everything = { remote: "origin", ref: "refs/heads/0", depth: 1, singleBranch: false, tags: false };

// The object under the ref, not the commit: a server gives what it advertises, and a peeled commit need not be that.
function wantedObjects({ refs: advertised }: Advertisement, refs: Ref[]): string[] {
  const wanted = new Set<string>();
  for (const ref of refs) {
    const found = advertised.get(fullName(ref));
    if (found && (found.peeled ?? found.object) === ref.reference) wanted.add(found.object);
  }
  if (wanted.size === 0) {
    throw unavailable("Every tag and branch moved while it was being fetched.", { code: "git_refs_moved" });
  }
  return [...wanted];
}

const capabilities = ["multi_ack_detailed", "no-done", "side-band-64k", "ofs-delta", "shallow"];
const needed = ["side-band-64k", "shallow"];

function* madeUpAdvertisement(wanted: string[], advertisement: Advertisement): Generator<Buffer> {
  const common = capabilities.filter((name) => advertisement.capabilities.includes(name));
  const lacking = needed.find((name) => !common.includes(name));
  if (lacking) throw unavailable(`The git server can't do "${lacking}".`, { code: "git_protocol" });
  yield pktLine("# service=git-upload-pack\n");
  yield flush;
  yield pktLine(`${wanted[0]} HEAD\0${common.join(" ")}\n`);
  for (const [index, object] of wanted.entries()) yield pktLine(`${object} refs/heads/${index}\n`);
  yield flush;
}

async function* chunks(parts: Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* parts;
}

async function collected(
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array> | undefined,
): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of body ?? []) parts.push(part);
  return Buffer.concat(parts);
}

type Watching = Fetching & { onFailure: (error: unknown) => void };

const packBand = 1;
const progressBand = 2;
const errorBand = 3;

// The library takes an ERR line for success and may wait for ever after a fault, hence the second way out.
async function* watched(
  lines: PktLines,
  { limits, onProgress, onFailure }: Watching,
): AsyncGenerator<Uint8Array> {
  const report = reporter(onProgress);
  let receivedBytes = 0;
  let complete = false;
  try {
    for await (const line of lines) {
      if (line === null) complete = receivedBytes > 0;
      else if (line[0] === packBand) {
        complete = false;
        receivedBytes += line.length - 1;
        if (receivedBytes > limits.packBytes) throw tooLarge(limits);
        report("Receiving objects", receivedBytes);
      } else if (line[0] === progressBand) report(phaseOf(line), receivedBytes);
      else if (line[0] === errorBand) throw serverSaid(line.subarray(1));
      else if (line.toString("latin1", 0, 4) === "ERR ") throw serverSaid(line.subarray(4));
      yield line === null ? flush : pktLine(line);
    }
    if (!complete) throw protocolFailure("The pack breaks off.");
    report("Indexing objects", receivedBytes);
  } catch (error) {
    onFailure(error);
    throw error;
  }
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
  return /^([A-Z][a-z ]{2,40}):/.exec(cleanWords(line.subarray(1)))?.[1] ?? null;
}

function tooLarge({ packBytes }: GitLimits): Failure {
  const limit = Math.floor(packBytes / 1024 / 1024);
  return unavailable(`The commits of this repository are larger than ${limit} MB, packed.`, {
    code: "git_pack_too_large",
  });
}
