// The setup of every mirror test: a folder, a git that may reach loopback, and a cleanup.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createGit } from "../../src/reading/git.ts";
import { gitLimits, type GitLimits, type Remote } from "../../src/git/mirror.ts";
import type { Git } from "../../src/reading/mirror.ts";
import type { WorkerCommand } from "../../src/reading/worker-process.ts";
import { parseOutboundAllow } from "../../src/outbound/outbound.ts";

export const loopback = { allow: parseOutboundAllow("127.0.0.1").entries };

export const sourceWorker: WorkerCommand = {
  command: [process.execPath, join(import.meta.dir, "worker-entry.ts")],
  environment: {},
};

export function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), "git-test-"));
}

export function removeFolder(path: string): Promise<void> {
  return rm(path, { recursive: true, force: true });
}

type Ground = { folder: string; limits?: Partial<GitLimits>; worker?: WorkerCommand };

export function makeGit({ folder, limits, worker = sourceWorker }: Ground): Git {
  return createGit({ policy: loopback, temporaryDir: folder, worker, limits: { ...gitLimits, ...limits } });
}

export function anonymous(url: string): Remote {
  return { url, credential: null, hostKey: null };
}
