// Notifies open job dashboards when the queue has changed. Any process may work on it, so nobody notifies us:
// the queue is polled, and only while somebody listens.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { listWorkers } from "../../store/jobs/workers.ts";

type JobChanges = {
  /** Runs until the returned function is called. */
  listen(notify: () => void): () => void;
  close(): void;
};

const pollEveryMs = 1000;

export function createJobChanges(app: App): JobChanges {
  const listeners = new Set<() => void>();
  let timer: Timer | null = null;
  let last: string | null = null;

  async function poll(): Promise<void> {
    try {
      const now = await stateOf(app);
      if (last !== null && last !== now) for (const notify of listeners) notify();
      last = now;
    } catch (error) {
      app.log.warn("jobs.not_seen", { reason: messageOf(error) });
    }
    timer = listeners.size > 0 ? setTimeout(poll, pollEveryMs) : null;
    if (timer === null) last = null;
  }

  return {
    listen(notify) {
      listeners.add(notify);
      timer ??= setTimeout(poll, 0);
      return () => void listeners.delete(notify);
    },
    close() {
      listeners.clear();
      if (timer) clearTimeout(timer);
      timer = null;
    },
  };
}

/** What waits, and what each worker does and has done; not its heartbeat, which always changes. */
async function stateOf(app: App): Promise<string> {
  const [counts, paused, workers] = await Promise.all([
    app.jobs.countsByName(),
    app.jobs.paused(),
    listWorkers(app.db),
  ]);
  const places = workers.map(({ id, places, slots }) => [id, places, slots]);
  return JSON.stringify([counts, paused, places]);
}
