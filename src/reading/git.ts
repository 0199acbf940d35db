// Implements `Git`. Refs are listed in this process; everything that parses a repository's objects runs in a worker
// process.

import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import type { OutboundPolicy, Resolve } from "../outbound/outbound.ts";
import { readAdvertisement, toRefList, type Advertisement } from "../git/advertisement.ts";
import { gitLimits, type GitLimits, type Ref, type Remote } from "../git/mirror.ts";
import { openTransport } from "../git/open-transport.ts";
import { packRequest } from "../git/pack-request.ts";
import { parseRemote } from "../git/remote.ts";
import type { Git, Mirror, OpenOptions } from "./mirror.ts";
import { createPreparedWorkers, type PreparedWorkers } from "./prepared-workers.ts";
import type { Shortcut } from "./worker.ts";
import { startWorker, type WorkerCommand } from "./worker-process.ts";

type GitOptions = {
  policy: OutboundPolicy;
  /** Temporary folders `git-…` of mirrors are made here and removed when the mirror is closed. */
  temporaryDir: string;
  worker: WorkerCommand;
  limits?: GitLimits;
  resolve?: Resolve;
};

export function createGit(options: GitOptions): Git {
  const limits = options.limits ?? gitLimits;
  const advertisements: Advertisements = new WeakMap();
  const preparedWorkers = createPreparedWorkers(() => startWorker(options.worker, limits));
  return {
    async listRefs(remote) {
      const url = parseRemote(remote.url, { allowLocal: true });
      if (url.kind === "local") return listLocal(url.path, { ...options, limits });
      const transport = await openTransport(remote, { ...options, limits });
      try {
        const advertisement = await readAdvertisement(transport.lines, limits);
        const list = toRefList(advertisement, limits);
        const { packUrl } = transport;
        if (packUrl !== null) advertisements.set(remote, { packUrl, advertisement });
        return { ...list, hostKey: transport.hostKey, movedTo: transport.movedTo };
      } finally {
        transport.close();
      }
    },
    prepare: () => preparedWorkers.prepare(),
    openMirror: (remote, refs, open = {}) =>
      openMirror({ remote, refs, ...open }, { ...options, limits, preparedWorkers, advertisements }),
  };
}

/** The last ref advertisement of each remote, until a mirror is opened. */
type Advertisements = WeakMap<Remote, { packUrl: string; advertisement: Advertisement }>;

/** Null when the refs must be listed again. */
function shortcut(advertisements: Advertisements, remote: Remote, refs: Ref[]): Shortcut | null {
  const known = advertisements.get(remote);
  advertisements.delete(remote);
  if (!known) return null;
  try {
    return { packUrl: known.packUrl, request: packRequest(known.advertisement, refs).toString("latin1") };
  } catch {
    return null;
  }
}

type ResolvedOptions = GitOptions & { limits: GitLimits };

async function listLocal(path: string, { worker: command, limits }: ResolvedOptions) {
  const worker = startWorker(command, limits);
  try {
    return await worker.call("listLocal", { path, limits });
  } finally {
    await worker.kill();
  }
}

type MirrorRequest = OpenOptions & { remote: Remote; refs: Ref[] };

async function openMirror(
  { remote, refs, onProgress, signal }: MirrorRequest,
  {
    policy,
    limits,
    temporaryDir,
    preparedWorkers,
    advertisements,
  }: ResolvedOptions & { preparedWorkers: PreparedWorkers; advertisements: Advertisements },
): Promise<Mirror> {
  const worker = preparedWorkers.claim();
  worker.onProgress = onProgress;
  const folder = await mkdtemp(join(temporaryDir, "git-"));
  const kill = () => void worker.kill();
  signal?.addEventListener("abort", kill);
  const close = async () => {
    signal?.removeEventListener("abort", kill);
    await worker.kill();
    await rm(folder, { recursive: true, force: true });
  };
  let archives = 0;
  try {
    const known = shortcut(advertisements, remote, refs);
    await worker.call("open", { remote, refs, policy, limits, folder, shortcut: known });
  } catch (error) {
    await close();
    throw error;
  }
  return {
    snapshot: (reference) => worker.call("snapshot", { reference }),
    datedAt: (ref) => worker.call("datedAt", ref),
    archive: (request) => worker.call("archive", { request, path: join(folder, `${++archives}.zip`) }),
    close,
  };
}
