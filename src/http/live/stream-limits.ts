// Limits the event streams: in all, and of a browser, a user and a network. Whoever has many of one kind
// leaves the rest to others.
import { unavailable } from "../../errors.ts";
import { networkOf } from "../../net.ts";

export const defaultStreamLimits = { inAll: 500, ofSession: 6, ofPerson: 18, ofNetwork: 200 };

type StreamOwner = { sessionId: string; userId: string; address: string };

/** Claims a place, and returns how to release it; fails as `unavailable` when there is none. */
export function createStreamLimits(limits: typeof defaultStreamLimits): (owner: StreamOwner) => () => void {
  const taken = new Map<string, number>();
  const add = (key: string, change: number) => {
    const count = (taken.get(key) ?? 0) + change;
    if (count > 0) taken.set(key, count);
    else taken.delete(key);
  };
  return ({ sessionId, userId, address }) => {
    const counted: [key: string, limit: number, message: string][] = [
      ["all", limits.inAll, "Too many pages have live updates open."],
      [`session ${sessionId}`, limits.ofSession, `A browser can have ${limits.ofSession} live pages.`],
      [`person ${userId}`, limits.ofPerson, `A user can have ${limits.ofPerson} live pages.`],
      [
        `network ${networkOf(address)}`,
        limits.ofNetwork,
        `A network can have ${limits.ofNetwork} live pages.`,
      ],
    ];
    for (const [key, limit, message] of counted)
      if ((taken.get(key) ?? 0) >= limit)
        throw unavailable(`${message} The page works without live updates.`);
    for (const [key] of counted) add(key, 1);
    return () => {
      for (const [key] of counted) add(key, -1);
    };
  };
}
