// A sync makes itself heard while it runs, so that it can be told from one that was cut off whoever runs it; and it
// listens for whoever wants it to stop.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { findCanceller, extendDeadline } from "../../store/syncs/requests.ts";

/** Longer than a process may be busy with something else, and short beside an interval of polling. */
export const heartbeatMs = 60_000;
const lookEveryMs = 1000;
/** Looks. */
const sayEvery = 5;

export function deadlineAfter(now: number): number {
  return now + heartbeatMs;
}

export type Heartbeat = {
  /** Raised when somebody has cancelled the sync. */
  cancelled: AbortSignal;
  stop(): void;
};

/** Until it is stopped. A database that is away for a moment is no reason to give the sync up. */
export function startHeartbeat({ db, now, log }: App, repositoryId: string): Heartbeat {
  const cancelling = new AbortController();
  let looks = 0;
  const look = async () => {
    if (++looks % sayEvery === 0) await extendDeadline(db, repositoryId, deadlineAfter(now()));
    if ((await findCanceller(db, repositoryId)) !== null) cancelling.abort(new Error("It was cancelled."));
  };
  const timer = setInterval(
    () => look().catch((error: unknown) => log.debug("sync.not_heard", { reason: messageOf(error) })),
    lookEveryMs,
  );
  return { cancelled: cancelling.signal, stop: () => clearInterval(timer) };
}

/** Fails with the reason as soon as the signal is raised; what is under way ends by itself and is not waited for. */
export async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal): Promise<Result> {
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => reject(signal.reason);
  signal.throwIfAborted();
  signal.addEventListener("abort", abort);
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
