// How many streams of events there may be: in all, for a browser, a person and a network. Who has many of one kind
// leaves the rest to others.
import { unavailable } from "../../errors.ts";
import { networkOf } from "../../net.ts";

export const defaultStreamLimits = { inAll: 500, ofSession: 6, ofPerson: 18, ofNetwork: 200 };

export type StreamOwner = { sessionId: string; userId: string; address: string };

/** Gives a place, and answers how to give it back; fails as `unavailable`. */
export function createStreamLimits(limits: typeof defaultStreamLimits): (owner: StreamOwner) => () => void {
  const taken = new Map<string, number>();
  const add = (key: string, change: number) => {
    const count = (taken.get(key) ?? 0) + change;
    if (count > 0) taken.set(key, count);
    else taken.delete(key);
  };
  return ({ sessionId, userId, address }) => {
    const wanted: [key: string, limit: number, message: string][] = [
      ["all", limits.inAll, "Too many pages are open for live updates."],
      [`session ${sessionId}`, limits.ofSession, `A browser gets ${limits.ofSession} live pages.`],
      [`person ${userId}`, limits.ofPerson, `One person gets ${limits.ofPerson} live pages.`],
      [`network ${networkOf(address)}`, limits.ofNetwork, `One network gets ${limits.ofNetwork} live pages.`],
    ];
    for (const [key, limit, message] of wanted)
      if ((taken.get(key) ?? 0) >= limit) throw unavailable(`${message} The page is right without them.`);
    for (const [key] of wanted) add(key, 1);
    return () => {
      for (const [key] of wanted) add(key, -1);
    };
  };
}
