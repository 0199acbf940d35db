// Tells the open job dashboards that the queue looks otherwise than before. Any process may work it, so nobody tells us:
// it is looked at, and only while somebody listens.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { listWorkers } from "../../store/jobs/workers.ts";

export type JobChanges = {
  /** Until the returned function is called. */
  listen(hear: () => void): () => void;
  close(): void;
};

const lookEveryMs = 1000;

export function createJobChanges(app: App): JobChanges {
  const listeners = new Set<() => void>();
  let timer: Timer | null = null;
  let seen: string | null = null;

  async function look(): Promise<void> {
    try {
      const now = await lookOf(app);
      if (seen !== null && seen !== now) for (const hear of listeners) hear();
      seen = now;
    } catch (error) {
      app.log.warn("jobs.not_seen", { reason: messageOf(error) });
    }
    timer = listeners.size > 0 ? setTimeout(look, lookEveryMs) : null;
    if (timer === null) seen = null;
  }

  return {
    listen(hear) {
      listeners.add(hear);
      timer ??= setTimeout(look, 0);
      return () => void listeners.delete(hear);
    },
    close() {
      listeners.clear();
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}

/** What waits, what each worker does and has done; not when it was heard of last. */
async function lookOf(app: App): Promise<string> {
  const [counts, paused, workers] = await Promise.all([
    app.jobs.countsByName(),
    app.jobs.paused(),
    listWorkers(app.db),
  ]);
  const places = workers.map(({ id, places, slots }) => [id, places, slots]);
  return JSON.stringify([counts, paused, places]);
}
