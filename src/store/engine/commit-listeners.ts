// Listeners for commits that `change-feed.ts` reports: progress of a sync, new activity.

export type CommitListeners = {
  /** Sets the listener that is called after each commit. */
  whenRecorded(listener: () => void): void;
};

/** `outside` is for writes without a transaction; a transaction notifies once it is committed. */
export function createCommitListeners() {
  let notify = () => {};
  return {
    outside: {
      recorded: () => notify(),
      whenRecorded: (listener: () => void) => void (notify = listener),
    },
    async afterCommit<Result>(work: (recorded: () => void) => Promise<Result>): Promise<Result> {
      let isNews = false;
      const result = await work(() => void (isNews = true));
      if (isNews) notify();
      return result;
    },
  };
}
