// Subscribers of this process. What is durable (syncs, activity) may come from any process of the same data, so it is
// not published by whoever did it: while somebody listens, the database is looked at for what is new.
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Changes, Event, Events, Listener, Look } from "./events.ts";

type Subscriber = { listener: Listener; withRequests: boolean };

export function createInProcessEvents({
  changes,
  log,
}: {
  changes: Changes;
  log: Pick<Log, "warn">;
}): Events {
  const organizations = new Map<string, Set<Subscriber>>();
  let requestWatchers = 0;
  let stopLooking: (() => void) | null = null;

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
    stopLooking?.();
    stopLooking = null;
  }

  return {
    publish,
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
      stopLooking ??= lookAgainAndAgain({ changes, log, publish });
      return () => remove(organizationId, subscriber);
    },
    close() {
      stopLooking?.();
      stopLooking = null;
      organizations.clear();
      requestWatchers = 0;
    },
  };
}

/** Answers how to stop it. */
function lookAgainAndAgain(of: {
  changes: Changes;
  log: Pick<Log, "warn">;
  publish: (event: Event) => void;
}): () => void {
  const { changes, log, publish } = of;
  let stopped = false;
  let timer: Timer | undefined;
  const look: Look = changes.begin();
  const next = async () => {
    try {
      for (const event of await look()) if (!stopped) publish(event);
    } catch (error) {
      log.warn("events.not_seen", { reason: messageOf(error) });
    }
    if (!stopped) timer = setTimeout(next, changes.everyMs);
  };
  void next();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
