// The parent's side of a worker process: starts it, calls it, and kills it when it exceeds a limit.

import { Failure, unavailable } from "../errors.ts";
import type { FetchProgress, GitLimits } from "../git/mirror.ts";
import { usageOf } from "./process-usage.ts";
import type { Call, Calls, Report } from "./worker.ts";

/** The command of a process that calls `runGitWorker`; it gets no other variables than `environment`. */
export type WorkerCommand = { command: string[]; environment: Record<string, string> };

export type WorkerProcess = {
  /**
   * Throws the worker's Failure, or unavailable when the worker is gone: `git_timeout`, `git_memory`, `git_cpu`,
   * `git_worker_died`.
   */
  call<Name extends keyof Calls>(name: Name, ask: Calls[Name]["ask"]): Promise<Calls[Name]["answer"]>;
  pid: number;
  isAlive(): boolean;
  onProgress: ((progress: FetchProgress) => void) | undefined;
  kill(): Promise<void>;
};

/**
 * The memory size that the engine assumes, so that it collects garbage sooner: with the size of a large machine it
 * would keep 600 MB of garbage for a pack of 16 MB.
 */
const memory = { BUN_JSC_forceRAMSize: String(256 * 1024 * 1024) };

type WorkerLimits = Pick<GitLimits, "totalMs" | "snapshotMs" | "memoryBytes" | "cpuMs">;

/** A process in a runaway loop allocates 0.3 GB a second. */
const checkEveryMs = 100;

type Waiting = { resolve: (answer: never) => void; reject: (error: Failure) => void };

export function startWorker({ command, environment }: WorkerCommand, limits: WorkerLimits): WorkerProcess {
  const waiting = new Map<number, Waiting>();
  let gone: Failure | null = null;
  let lastId = 0;
  const end = (failure: Failure) => {
    gone ??= failure;
    for (const { reject } of waiting.values()) reject(gone);
    waiting.clear();
  };
  const child = Bun.spawn(command, {
    env: { ...environment, ...memory },
    cwd: "/",
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
    ipc(report: Report) {
      if ("progress" in report) return worker.onProgress?.(report.progress);
      const call = waiting.get(report.id);
      waiting.delete(report.id);
      if ("answer" in report) call?.resolve(report.answer as never);
      else call?.reject(new Failure(report.failure.kind, report.failure.message, report.failure.details));
    },
    onExit(_child, code, signal) {
      clearInterval(watch);
      end(died(code, signal));
    },
  });
  const kill = async () => {
    child.kill("SIGKILL");
    await child.exited;
  };
  const giveUp = (failure: Failure) => {
    end(failure);
    void kill();
  };
  const watch = setInterval(() => {
    const excess = excessOf(child.pid, limits);
    if (excess) giveUp(excess);
  }, checkEveryMs);
  const worker: WorkerProcess = {
    pid: child.pid,
    isAlive: () => gone === null,
    onProgress: undefined,
    kill,
    async call(name, ask) {
      if (gone) throw gone;
      const id = ++lastId;
      const ms = name === "snapshot" ? limits.snapshotMs : limits.totalMs;
      const timer = setTimeout(() => giveUp(timedOut(ms)), ms);
      try {
        return await new Promise((resolve, reject) => {
          waiting.set(id, { resolve, reject });
          // Sending to a process that has just ended fails; `onExit` follows a moment later and has the reason.
          try {
            child.send({ id, name, ask } satisfies Call);
          } catch (error) {
            if ((error as { code?: string }).code !== "ERR_IPC_CHANNEL_CLOSED") reject(error);
          }
        });
      } finally {
        clearTimeout(timer);
      }
    },
  };
  return worker;
}

/** The exceeded limit; null while there is none. */
function excessOf(pid: number, { memoryBytes, cpuMs }: WorkerLimits): Failure | null {
  const usage = usageOf(pid);
  if (!usage) return null;
  if (usage.memoryBytes > memoryBytes)
    return unavailable(
      `Reading the repository took more than ${Math.floor(memoryBytes / 1024 / 1024)} MB of memory and was stopped.`,
      { code: "git_memory" },
    );
  if (usage.cpuMs > cpuMs)
    return unavailable(
      `Reading the repository took more than ${cpuMs / 1000} s of processor time and was stopped.`,
      { code: "git_cpu" },
    );
  return null;
}

function timedOut(totalMs: number): Failure {
  return unavailable(`The repository took longer than ${totalMs / 1000} s, so the sync was stopped.`, {
    code: "git_timeout",
  });
}

function died(code: number | null, signal: number | NodeJS.Signals | null): Failure {
  return unavailable(
    `The process that mirrors the repository ended unexpectedly (${signal ?? `status ${code}`}).`,
    {
      code: "git_worker_died",
      advice: "The repository may need more memory than there is.",
    },
  );
}
