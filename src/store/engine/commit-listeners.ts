// Who is told that something was committed which `change-feed.ts` finds: a sync that moved, new activity.

export type CommitListeners = {
  /** Whom to tell, after each commit; the last one counts. */
  whenRecorded(listener: () => void): void;
};

/** `outside` is for what is written without a transaction; what one has recorded is told once it is true. */
export function createCommitListeners() {
  let tell = () => {};
  return {
    outside: {
      recorded: () => tell(),
      whenRecorded: (listener: () => void) => void (tell = listener),
    },
    async afterCommit<Result>(work: (recorded: () => void) => Promise<Result>): Promise<Result> {
      let isNews = false;
      const result = await work(() => void (isNews = true));
      if (isNews) tell();
      return result;
    },
  };
}
