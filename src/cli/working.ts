// What only one server of a database does: jobs, timetable, checkpoints. A server that takes another one's place serves
// beside it first, and does this once the other has ended.
import { clearTemporaryFiles, type App } from "../app.ts";
import type { Config } from "../config/config.ts";
import { messageOf } from "../errors.ts";
import { pollAfterAbsence } from "../registry/syncs/polling.ts";
import { resumeSyncs } from "../registry/syncs/reconcile.ts";
import { startCheckpoints } from "../store/engine/checkpoints.ts";
import type { WorkLock } from "../store/engine/serve-lock.ts";
import { startWork } from "./run-jobs.ts";

type Working = {
  /** Lets running jobs end. The last checkpoint is made when nothing writes any more. */
  stop(): Promise<void>;
};

type Options = { lock: WorkLock; withJobs: boolean };

const noticeAfterMs = 60_000;
const askEveryMs = 50;

/** Resolves once the work runs. */
export async function startWorking(app: App, { withJobs }: Options): Promise<Working> {
  const checkpoints = startCheckpoints(app.db);
  const working = await startJobs(app, withJobs).catch(async (error: unknown) => {
    await checkpoints.stop();
    throw error;
  });
  return {
    async stop() {
      await working.stop();
      await checkpoints.stop();
    },
  };
}

async function startJobs(app: App, withJobs: boolean): Promise<Working> {
  const work = withJobs ? await startWork(app, app.config.workerConcurrency) : null;
  await resumeSyncs(app);
  await pollAfterAbsence(app);
  const cleaning = cleanHourly(app.config, app.log);
  return {
    async stop() {
      clearInterval(cleaning);
      await work?.stop();
    },
  };
}

/** Tells the process that has the work to end, and begins when it has, however it ended. */
export function takeOver(app: App, options: Options): Working {
  const { holder } = options.lock;
  const over = new AbortController();
  if (holder !== null) endProcess(holder);
  const begun = untilAcquired(app, { lock: options.lock, signal: over.signal }).then((isOurs) => {
    if (!isOurs) return null;
    app.log.info("serve.took_over", { from: holder });
    return startWorking(app, options);
  });
  begun.catch((error: unknown) => app.log.error("serve.work_failed", { reason: messageOf(error) }));
  return {
    async stop() {
      over.abort();
      await (await begun)?.stop();
    },
  };
}

async function untilAcquired(
  app: App,
  { lock, signal }: { lock: WorkLock; signal: AbortSignal },
): Promise<boolean> {
  const noticeAt = performance.now() + noticeAfterMs;
  let isNoticed = false;
  while (!signal.aborted) {
    if (lock.acquire()) return true;
    if (!isNoticed && performance.now() > noticeAt) {
      isNoticed = true;
      app.log.warn("serve.without_work", { holder: lock.holder });
    }
    await Bun.sleep(askEveryMs);
  }
  return false;
}

function endProcess(pid: number): void {
  try {
    process.kill(pid, "SIGTERM");
  } catch {
    // It has ended by itself, or belongs to somebody else, who must end it.
  }
}

function cleanHourly(config: Config, log: App["log"]): Timer {
  const clean = () =>
    clearTemporaryFiles(config).catch((error: unknown) =>
      log.warn("serve.cleaning_failed", { reason: messageOf(error) }),
    );
  void clean();
  return setInterval(clean, 3_600_000);
}
