// Events across processes, over Redis pub/sub. A process listens to the channels of those organizations that somebody
// polls at there. Stored data is not sent: after a commit a process sends "poll", and the poll of the database
// is the truth, so that a lost message costs the second until the next poll.
import { messageOf } from "../errors.ts";
import type { Log } from "../log.ts";
import type { ListenOnRedis, RedisClient, RedisConnection } from "../redis/connection.ts";
import type { Event, Events } from "./events.ts";

type RedisEventsOptions = {
  /** Tells the listeners of this process, and polls at the database for them. */
  local: Events;
  redis: RedisConnection;
  /** Opens another connection, since one that listens cannot ask. */
  listen: ListenOnRedis;
  /** In front of the names of channels. */
  prefix: string;
  log: Pick<Log, "debug">;
};

/** Without an event it asks for a poll. `from` is the sending process, which has notified its own listeners already. */
type Message = { from: string; event?: Event };

/** How often each process checks which organizations are watched elsewhere, and that its subscription still works. */
const askEveryMs = 1000;
/** A sync commits often; other processes are notified at most this often. */
const tellEveryMs = 100;

export function createRedisEvents({ local, redis, listen, prefix, log }: RedisEventsOptions): Events {
  const own = crypto.randomUUID();
  const polls = `${prefix}polls`;
  const eventsOf = (organizationId: string) => `${prefix}events:${organizationId}`;
  const requestsOf = (organizationId: string) => `${prefix}requests:${organizationId}`;
  /** Channels by how many listeners of this process need them. */
  const wanted = new Map<string, number>();
  let watchedElsewhere = new Set<string>();
  let watchesRequests = false;
  let telling: Timer | null = null;
  let toldAt = 0;
  const quietly = (work: Promise<unknown>) =>
    void work.catch((error: unknown) => log.debug("events.not_sent", { reason: messageOf(error) }));

  const listening = listen((client) => {
    client.off("message", hear).on("message", hear);
    // When it fails, the connection does, and comes back here.
    if (wanted.size > 0) quietly(client.subscribe(...wanted.keys()));
    local.pollNow();
  });

  function hear(channel: string, text: string): void {
    const message = understood(text);
    if (message === null || message.from === own) return;
    if (channel === polls) local.pollNow();
    else if (message.event) local.publish(message.event);
  }

  function send(channel: string, event?: Event): void {
    const message: Message = { from: own, ...(event ? { event } : {}) };
    quietly(redis.ask((client) => client.publish(channel, JSON.stringify(message))));
  }

  function count(channel: string, change: 1 | -1): void {
    const users = (wanted.get(channel) ?? 0) + change;
    if (users > 0) wanted.set(channel, users);
    else wanted.delete(channel);
    if (users === 1 && change === 1) quietly(listening.ask((client) => client.subscribe(channel)));
    if (users === 0) quietly(listening.ask((client) => client.unsubscribe(channel)));
  }

  function judge(): void {
    watchesRequests = local.watchesRequests || watchedElsewhere.size > 0;
  }

  /** A process that ends takes its channels along, so nobody has to be believed for long. */
  async function askWhoWatches(): Promise<void> {
    const pattern = requestsOf("*");
    const channels = await redis
      .ask((client) => Promise.all(serversOf(client).map((server) => server.pubsub("CHANNELS", pattern))))
      .catch(() => []);
    watchedElsewhere = new Set(
      channels.flat().map((channel) => String(channel).slice(requestsOf("").length)),
    );
    judge();
    // A connection that hears nothing because its other end is gone would not be noticed otherwise.
    if (wanted.size > 0) quietly(listening.ask((client) => client.ping()));
  }

  const timer = setInterval(() => void askWhoWatches(), askEveryMs);
  timer.unref();

  return {
    publish(event) {
      local.publish(event);
      const { organizationId, kind } = event;
      if (kind !== "request") send(eventsOf(organizationId), event);
      else if (watchedElsewhere.has(organizationId)) send(requestsOf(organizationId), event);
    },
    pollNow() {
      local.pollNow();
      telling ??= setTimeout(
        () => {
          telling = null;
          toldAt = performance.now();
          send(polls);
        },
        Math.max(0, toldAt + tellEveryMs - performance.now()),
      );
    },
    get watchesRequests() {
      return watchesRequests;
    },
    watchesRequestsOf: (organizationId) =>
      local.watchesRequestsOf(organizationId) || watchedElsewhere.has(organizationId),
    subscribe(organizationId, listener, options = { withRequests: false }) {
      const leave = local.subscribe(organizationId, listener, options);
      const channels = [polls, eventsOf(organizationId)];
      if (options.withRequests) channels.push(requestsOf(organizationId));
      for (const channel of channels) count(channel, 1);
      judge();
      let isHere = true;
      return () => {
        if (!isHere) return;
        isHere = false;
        leave();
        for (const channel of channels) count(channel, -1);
        judge();
      };
    },
    async close() {
      clearInterval(timer);
      if (telling) {
        clearTimeout(telling);
        send(polls);
      }
      wanted.clear();
      watchedElsewhere.clear();
      watchesRequests = false;
      await Promise.all([local.close(), listening.close()]);
    },
  };
}

/** In a cluster each node knows only the channels of its own clients. */
function serversOf(client: RedisClient) {
  return "nodes" in client ? client.nodes("all") : [client];
}

function understood(text: string): Message | null {
  try {
    return JSON.parse(text) as Message | null;
  } catch {
    return null;
  }
}
