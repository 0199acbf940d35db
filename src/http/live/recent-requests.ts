// Composer's requests to an organization while its start page is open. They are kept in memory, not in the database,
// and forgotten when the page has been closed for a while.
import type { App } from "../../app.ts";
import type { SeenRequest } from "../../registry/organizations/first-install.ts";

export type RecentRequests = {
  /** The requests since the start page was opened, oldest first; recording goes on for ten minutes after each call. */
  of(organizationId: string): SeenRequest[];
};

const maxRequests = 40;
const watchedMs = 10 * 60_000;

export function createRecentRequests({ events }: Pick<App, "events">): RecentRequests {
  const watched = new Map<string, { requests: SeenRequest[]; stop: () => void; timer: Timer }>();

  function begin(organizationId: string) {
    const requests: SeenRequest[] = [];
    const listener = events.subscribe(
      organizationId,
      (event) => {
        if (event.kind === "request") requests.push(event.request);
        if (requests.length > maxRequests) requests.shift();
      },
      { withRequests: true },
    );
    const entry = { requests, stop: listener, timer: endLater(organizationId) };
    watched.set(organizationId, entry);
    return entry;
  }

  function endLater(organizationId: string): Timer {
    const timer = setTimeout(() => {
      watched.get(organizationId)?.stop();
      watched.delete(organizationId);
    }, watchedMs);
    timer.unref();
    return timer;
  }

  return {
    of(organizationId) {
      const entry = watched.get(organizationId) ?? begin(organizationId);
      clearTimeout(entry.timer);
      entry.timer = endLater(organizationId);
      return entry.requests;
    },
  };
}
