// What happens in organizations, sent to the open pages of a browser: one stream of server-sent events for all its tabs
// (public/js/live.js). A named event becomes a DOM event of those that show its organization; what shows it asks
// for its part again.
import type { App } from "../../app.ts";
import { messageOf, notFound } from "../../errors.ts";
import type { Event } from "../../events/events.ts";
import { whoMayStay, type Listener } from "../../registry/accounts/live-access.ts";
import { mayOperate } from "../../registry/jobs/operators.ts";
import type { Viewer } from "../../registry/accounts/sessions.ts";
import { findMembership } from "../../store/organizations/members.ts";
import { routesOf } from "../access.ts";
import { pageHeaders } from "../answers.ts";
import { createJobChanges } from "./job-changes.ts";
import { createStreamLimits, defaultStreamLimits } from "./stream-limits.ts";

export type Live = {
  open(request: StreamRequest): Response;
  /** Ends every stream. */
  close(): void;
};

type StreamRequest = {
  viewer: Viewer;
  /** Of the browser. */
  address: string;
  /** By slug, as the pages call them. */
  organizations: Map<string, string>;
  isReconnect: boolean;
  withRequests: boolean;
  /** Also sends `jobs` when the queue has changed; the event does not say what is in it. */
  withJobs: boolean;
};

const defaults = {
  ...defaultStreamLimits,
  /** Each heartbeat also checks who may still listen, so that a stream ends soon after signing out. */
  heartbeatMs: 4000,
  maxMs: 3_600_000,
  /** A stream with more unread bytes than this is ended. */
  maxUnreadBytes: 64 * 1024,
};

/** One listener for each of its organizations. */
type Stream = { listeners: Listener[]; until: number; send(text: string): void; end(): void };

/** Of one stream. */
const maxOrganizations = 20;

export function liveRoutes(app: App, live: Live) {
  return routesOf(app, "live").get(
    "/live",
    async ({ context, viewer, query }) => {
      const { request, address } = context;
      const slugs = new URL(request.url).searchParams.getAll("organization").slice(0, maxOrganizations);
      const organizations = await organizationsOf(app, viewer, slugs);
      if (organizations.size === 0) throw notFound("There is no page at this address.");
      context.keepAlive();
      return live.open({
        viewer,
        address,
        organizations,
        isReconnect: request.headers.has("last-event-id"),
        withRequests: query["requests"] === "1",
        withJobs: query["jobs"] === "1" && mayOperate(app, viewer.user),
      });
    },
    { person: "signed-in" },
  );
}

/** The organizations that the viewer may see; a tab of one that they left does not end the stream of the others. */
async function organizationsOf(app: App, { user }: Viewer, slugs: string[]): Promise<Map<string, string>> {
  const organizations = new Map<string, string>();
  for (const slug of new Set(slugs)) {
    const membership = await findMembership(app.db, slug, user.id);
    if (membership) organizations.set(slug, membership.organization.id);
    else app.log.info("sse.denied", { organization: slug.slice(0, 40), user: user.id });
  }
  return organizations;
}

export function createLive(app: App, limits: Partial<typeof defaults> = {}): Live {
  const { heartbeatMs, maxMs, maxUnreadBytes, ...streamLimits } = { ...defaults, ...limits };
  const claim = createStreamLimits(streamLimits);
  const streams = new Set<Stream>();
  const jobs = createJobChanges(app);
  let timer: Timer | null = null;

  async function heartbeat(): Promise<void> {
    const current = [...streams];
    const listeners = current.flatMap((stream) => stream.listeners);
    const welcome = await whoMayStay(app, listeners).catch((error: unknown) => {
      app.log.warn("live.closed", { reason: messageOf(error) });
      return new Set<Listener>();
    });
    for (const stream of current)
      if (performance.now() > stream.until || !stream.listeners.every((each) => welcome.has(each)))
        stream.end();
      else stream.send(": still here\n\n");
    timer = streams.size > 0 ? setTimeout(heartbeat, heartbeatMs) : null;
  }

  return {
    open({ viewer, address, organizations, isReconnect, withRequests, withJobs }) {
      const who = { sessionId: viewer.session.id, userId: viewer.user.id };
      const listeners = [...organizations.values()].map((organizationId) => ({ ...who, organizationId }));
      const release = claim({ ...who, address });
      let end = () => {};
      let isLeft = false;
      const body = new ReadableStream<Uint8Array>(
        {
          start(controller) {
            const send = (text: string) => {
              if ((controller.desiredSize ?? 0) > 0) controller.enqueue(new TextEncoder().encode(text));
              else end();
            };
            const subscriptions = [...organizations].map(([slug, id]) =>
              app.events.subscribe(id, (event) => send(textOf(event, slug)), { withRequests }),
            );
            const unwatch = withJobs ? jobs.listen(() => send("event: jobs\ndata: {}\n\n")) : () => {};
            const stream = { listeners, until: performance.now() + maxMs, send, end: () => end() };
            end = () => {
              if (!streams.delete(stream)) return;
              release();
              for (const unsubscribe of subscriptions) unsubscribe();
              unwatch();
              if (!isLeft) controller.close();
            };
            streams.add(stream);
            timer ??= setTimeout(heartbeat, heartbeatMs);
            // With an id the browser says that it was connected before, and then requests what it missed.
            send(isReconnect ? "event: live\ndata: {}\nid: 1\n\n" : ": welcome\nid: 1\n\n");
          },
          cancel() {
            isLeft = true;
            end();
          },
        },
        { highWaterMark: maxUnreadBytes, size: (chunk) => chunk?.byteLength ?? 0 },
      );
      return new Response(body, { headers: { ...pageHeaders, ...streamHeaders } });
    },
    close() {
      for (const stream of streams) stream.end();
      jobs.close();
      if (timer) clearTimeout(timer);
    },
  };
}

const streamHeaders = {
  "Content-Type": "text/event-stream",
  "Cache-Control": "no-store",
  // nginx would hold the events back.
  "X-Accel-Buffering": "no",
};

/** Sends a sync twice: to lists of repositories, and under its own name to the page of that repository. */
function textOf(event: Event, slug: string): string {
  const data = JSON.stringify(event.kind === "request" ? event.request : { id: event.id });
  const names = event.kind === "sync" ? ["sync", `sync-${event.id}`] : [event.kind];
  return names.map((name) => `event: ${name}\norganization: ${slug}\ndata: ${data}\n\n`).join("");
}
