// The process that reads one repository. Its input is untrusted, so it may be killed or run out of memory without
// affecting the server. It gets its calls over IPC and never reads the environment.

import { writeFileSync } from "node:fs";
import { Failure, messageOf, unavailable, type FailureDetails, type FailureKind } from "../errors.ts";
import type { OutboundPolicy } from "../outbound/outbound.ts";
import { createArchiver, type Archiver } from "../git/archive.ts";
import { datedAt } from "../git/dates.ts";
import { fetchCommits, openPack, type Fetching } from "../git/fetch.ts";
import { listLocalRefs, openLocal } from "../git/local.ts";
import type {
  Archive,
  ArchiveRequest,
  FetchProgress,
  GitLimits,
  Ref,
  RefList,
  Remote,
} from "../git/mirror.ts";
import { libraryMessage, openObjects, type Objects, type Repository } from "../git/objects.ts";
import { openTransport } from "../git/open-transport.ts";
import { parseRemote } from "../git/remote.ts";
import { requestPack } from "../git/smart-http.ts";
import { createCommitReader, type CommitReader } from "./commit.ts";
import { dieWithParent } from "./dies-with-parent.ts";
import type { CommitReading } from "./mirror.ts";

/** A pack request made from refs that were listed a moment ago. */
export type Shortcut = { packUrl: string; request: string };

/** The calls of the parent, with their arguments and answers. */
export type Calls = {
  listLocal: { ask: { path: string; limits: GitLimits }; answer: RefList };
  open: {
    ask: {
      remote: Remote;
      refs: Ref[];
      policy: OutboundPolicy;
      limits: GitLimits;
      shortcut?: Shortcut | null;
      /** For files too large for memory; the parent creates and removes it. */
      folder: string;
    };
    answer: null;
  };
  snapshot: { ask: { reference: string }; answer: CommitReading };
  datedAt: { ask: Ref; answer: number | null };
  archive: { ask: { request: ArchiveRequest; path: string }; answer: Archive };
};

export type Call<Name extends keyof Calls = keyof Calls> = {
  id: number;
  name: Name;
  ask: Calls[Name]["ask"];
};

export type Report =
  | { id: number; answer: unknown }
  | { id: number; failure: { kind: FailureKind; message: string; details: FailureDetails } }
  | { progress: FetchProgress };

type Open = { objects: Objects; limits: GitLimits; archive: Archiver; readCommit: CommitReader };

/** Serves calls until the parent disconnects. */
export function runGitWorker(): void {
  dieWithParent();
  volunteerForTheOutOfMemoryKiller();
  let open: Open | null = null;
  const opened = () => {
    if (!open) throw new Error("the mirror is not open");
    return open;
  };
  const answers: { [Name in keyof Calls]: (ask: Calls[Name]["ask"]) => Promise<Calls[Name]["answer"]> } = {
    listLocal: async ({ path, limits }) => listLocalRefs(await openLocal(path), limits),
    async open(ask) {
      open = await openMirror(ask, (progress) => send({ progress }));
      return null;
    },
    snapshot: ({ reference }) => opened().readCommit(reference),
    datedAt: (ref) => datedAt(opened().objects, ref),
    archive: ({ request, path }) => opened().archive(request, path),
  };
  process.on(
    "message",
    (call: Call) => void answer(call, answers[call.name] as (ask: unknown) => Promise<unknown>),
  );
  process.on("disconnect", () => process.exit());
  // Loaded while idle: it is a third of the time of an HTTP request in a new process.
  void import("../outbound/http.ts");
}

async function answer({ id, ask }: Call, work: (ask: unknown) => Promise<unknown>): Promise<void> {
  try {
    send({ id, answer: await work(ask) });
  } catch (error) {
    const failure = error instanceof Failure ? error : failureOf(error);
    const { kind, message, code, field, advice, remedy, retryAfterSeconds } = failure;
    send({ id, failure: { kind, message, details: { code, field, advice, remedy, retryAfterSeconds } } });
  }
}

function failureOf(error: unknown): Failure {
  if ((error as NodeJS.ErrnoException | null)?.code === "ENOSPC")
    return unavailable("The data directory is full.", {
      code: "storage_full",
      advice: "Free some space. The next sync continues where this one ended.",
    });
  return unavailable(`Reading the repository failed: ${libraryMessage(error)}.`);
}

function send(report: Report): void {
  process.send?.(report);
}

async function openMirror(
  ask: Calls["open"]["ask"],
  onProgress: (progress: FetchProgress) => void,
): Promise<Open> {
  const repository = await openRepository(ask, onProgress);
  const objects = openObjects(repository, ask.limits);
  await expectCommits(objects, ask.refs);
  const { limits, refs } = ask;
  const readCommit = createCommitReader(objects, limits);
  return { objects, limits, archive: createArchiver({ objects, limits, refs }), readCommit };
}

async function openRepository(
  ask: Calls["open"]["ask"],
  onProgress: (progress: FetchProgress) => void,
): Promise<Repository> {
  const { remote, refs, limits } = ask;
  const url = parseRemote(remote.url, { allowLocal: true });
  if (url.kind === "local") return openLocal(url.path);
  const fetching = { limits, onProgress, folder: ask.folder };
  const early = url.kind === "http" ? await tryShortcut(url.url, ask, fetching) : null;
  if (early) return early;
  const transport = await openTransport(remote, ask);
  try {
    return await fetchCommits(transport, refs, fetching);
  } finally {
    transport.close();
  }
}

/** Null when the server refuses: it refuses the whole request when one ref has moved since it was listed. */
async function tryShortcut(
  url: string,
  { shortcut, remote: { credential }, ...options }: Calls["open"]["ask"],
  fetching: Fetching,
): Promise<Repository | null> {
  if (!shortcut || credential?.kind === "ssh-key") return null;
  const request = {
    url,
    credential,
    packUrl: shortcut.packUrl,
    body: Buffer.from(shortcut.request, "latin1"),
  };
  try {
    return await openPack(await requestPack(request, options), fetching);
  } catch (error) {
    if (!(error instanceof Failure) || error.code !== "git_server_error" || error.retryAfterSeconds)
      throw error;
    return null;
  }
}

// Reads a commit back before trusting the fetch. A missing commit only concerns its ref, unless all are missing.
async function expectCommits(objects: Objects, refs: Ref[]): Promise<void> {
  let last: unknown = null;
  for (const { reference } of refs) {
    const found = await objects.commit(reference).catch((error: unknown) => {
      last = error;
    });
    if (found) return;
  }
  throw unavailable(`None of the commits arrived: ${messageOf(last)}`, { code: "git_nothing_fetched" });
}

// Linux only; every process may raise its own score. When memory runs out, this process is killed and the registry
// survives.
function volunteerForTheOutOfMemoryKiller(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // Not Linux.
  }
}
