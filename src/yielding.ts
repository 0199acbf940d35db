// Long work on the thread that serves gives way to requests: whatever has a loop over many rows asks here in each round.

/** What a reader may have to wait for one piece of work. */
const longestMs = 8;

/** When work began since the thread last looked for requests; null while nothing did. */
let began: number | null = null;

/** Nothing to wait for, or a promise that is kept once waiting requests had their turn. */
export function yieldWhenDue(): Promise<void> | undefined {
  const now = performance.now();
  if (began === null) {
    began = now;
    setImmediate(() => {
      began = null;
    });
    return undefined;
  }
  if (now - began < longestMs) return undefined;
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Does all of `work`, which comes in short pieces, and gives way between them. */
export async function inTurns<Result>(work: Generator<void, Result>): Promise<Result> {
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
    await yieldWhenDue();
  }
}
