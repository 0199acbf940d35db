// The heartbeat of a running sync: it extends the deadline, so that a sync whose process died is noticed, and it checks
// whether somebody has cancelled the sync.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { findCanceller, extendDeadline } from "../../store/syncs/requests.ts";
import { deadlineAfter } from "../sync-requests.ts";

const checkEveryMs = 1000;
/** In checks: every fifth check also extends the deadline. */
const extendEveryChecks = 5;

type Heartbeat = {
  /** Aborted when somebody has cancelled the sync. */
  cancelled: AbortSignal;
  stop(): void;
};

/** Runs until it is stopped. A database that is away for a moment is no reason to give the sync up. */
export function startHeartbeat({ db, now, log }: App, repositoryId: string): Heartbeat {
  const cancelling = new AbortController();
  let checks = 0;
  const check = async () => {
    if (++checks % extendEveryChecks === 0) await extendDeadline(db, repositoryId, deadlineAfter(now()));
    if ((await findCanceller(db, repositoryId)) !== null)
      cancelling.abort(new Error("This sync was cancelled."));
  };
  const timer = setInterval(
    () => check().catch((error: unknown) => log.debug("sync.not_heard", { reason: messageOf(error) })),
    checkEveryMs,
  );
  return { cancelled: cancelling.signal, stop: () => clearInterval(timer) };
}

/** Rejects with the signal's reason as soon as it is aborted; the work then ends by itself, and nobody waits for it. */
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
