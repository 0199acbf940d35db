// Subscribers of this process. Stored changes (syncs, activity) may come from any process of the same data, so their
// writer does not publish them: while there are subscribers, the database is polled for changes.
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { ChangePolling, Event, Events, Listener } from "./events.ts";

type Subscriber = { listener: Listener; withRequests: boolean };
type Looking = { soon(): void; stop(): void };

export function createInProcessEvents({
  changes,
  log,
}: {
  changes: ChangePolling;
  log: Pick<Log, "warn">;
}): Events {
  const organizations = new Map<string, Set<Subscriber>>();
  let requestWatchers = 0;
  let looking: Looking | null = null;

  function publish(event: Event): void {
    for (const { listener, withRequests } of organizations.get(event.organizationId) ?? [])
      if (event.kind !== "request" || withRequests) listener(event);
  }

  function remove(organizationId: string, subscriber: Subscriber): void {
    const subscribers = organizations.get(organizationId);
    if (!subscribers?.delete(subscriber)) return;
    if (subscriber.withRequests) requestWatchers -= 1;
    if (subscribers.size === 0) organizations.delete(organizationId);
    if (organizations.size > 0) return;
    looking?.stop();
    looking = null;
  }

  return {
    publish,
    pollNow: () => looking?.soon(),
    get watchesRequests() {
      return requestWatchers > 0;
    },
    watchesRequestsOf: (organizationId) =>
      [...(organizations.get(organizationId) ?? [])].some(({ withRequests }) => withRequests),
    subscribe(organizationId, listener, { withRequests } = { withRequests: false }) {
      const subscriber = { listener, withRequests };
      const subscribers = organizations.get(organizationId) ?? new Set();
      organizations.set(organizationId, subscribers.add(subscriber));
      if (withRequests) requestWatchers += 1;
      looking ??= pollRepeatedly({ changes, log, publish });
      return () => remove(organizationId, subscriber);
    },
    close() {
      looking?.stop();
      looking = null;
      organizations.clear();
      requestWatchers = 0;
    },
  };
}

/** A sync writes often; requested polls are at least this far apart. */
const soonMs = 100;

function pollRepeatedly(options: {
  changes: ChangePolling;
  log: Pick<Log, "warn">;
  publish: (event: Event) => void;
}): Looking {
  const { changes, log, publish } = options;
  const poll = changes.begin();
  const soonest = Math.min(soonMs, changes.everyMs);
  let lookedAt = 0;
  let timer: Timer | undefined;
  let isStopped = false;
  let isLooking = false;
  let isAskedFor = false;

  function plan(): void {
    clearTimeout(timer);
    const waitMs = isAskedFor ? Math.max(0, lookedAt + soonest - performance.now()) : changes.everyMs;
    if (!isStopped) timer = setTimeout(next, waitMs);
  }

  async function next(): Promise<void> {
    isLooking = true;
    isAskedFor = false;
    lookedAt = performance.now();
    try {
      for (const event of await poll()) if (!isStopped) publish(event);
    } catch (error) {
      log.warn("events.not_seen", { reason: messageOf(error) });
    }
    isLooking = false;
    plan();
  }

  void next();
  return {
    soon() {
      if (isAskedFor) return;
      isAskedFor = true;
      if (!isLooking) plan();
    },
    stop() {
      isStopped = true;
      clearTimeout(timer);
    },
  };
}
