// Lets requests in between long work on the serving thread: a loop over many rows calls this in each round.

/** The longest that a request may wait for one piece of work. */
const longestMs = 8;

/** When work started since the event loop last ran; null while there is none. */
let began: number | null = null;

/** Answers nothing, or a promise that resolves once waiting requests have run. */
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
