// What Composer asks of an organization while somebody looks at its start page. It is kept here, not in the database,
// and forgotten when nobody has looked for a while.
import type { App } from "../../app.ts";
import type { SeenRequest } from "../../registry/organizations/first-install.ts";

export type RecentRequests = {
  /** What was asked since somebody began to look, oldest first; looking goes on for ten minutes. */
  of(organizationId: string): SeenRequest[];
};

const keptRequests = 40;
const watchedMs = 10 * 60_000;

export function createRecentRequests({ events }: Pick<App, "events">): RecentRequests {
  const watched = new Map<string, { requests: SeenRequest[]; stop: () => void; timer: Timer }>();

  function begin(organizationId: string) {
    const requests: SeenRequest[] = [];
    const listener = events.subscribe(
      organizationId,
      (event) => {
        if (event.kind === "request") requests.push(event.request);
        if (requests.length > keptRequests) requests.shift();
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
