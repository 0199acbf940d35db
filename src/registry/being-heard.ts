// A sync makes itself heard while it runs, so that it can be told from one that was cut off whoever runs it.
import type { App } from "../app.ts";
import { messageOf } from "../errors.ts";
import { prolongExpected } from "../store/repositories.ts";

/** Longer than a process may be busy with something else, and short beside an interval of polling. */
export const heardWithinMs = 60_000;
const everyMs = 5000;

export function expectedBy(now: number): number {
  return now + heardWithinMs;
}

/** Until it is stopped. A database that is away for a moment is no reason to give the sync up. */
export function keepHeard({ db, now, log }: App, repositoryId: string): { stop(): void } {
  const say = () =>
    prolongExpected(db, repositoryId, expectedBy(now())).catch((error: unknown) =>
      log.debug("sync.not_heard", { reason: messageOf(error) }),
    );
  const timer = setInterval(say, everyMs);
  return { stop: () => clearInterval(timer) };
}
