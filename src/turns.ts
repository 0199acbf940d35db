// Runs a limited number at once; the others wait in order.

/** Urgent work runs before all waiting work. */
type InTurn = <Result>(work: () => Promise<Result>, isUrgent?: boolean) => Promise<Result>;

/** If nothing has ended for `stalledMs`, more work starts anyway: slow work delays what waits, but never blocks it. */
export function createTurns(atOnce: number, { stalledMs }: { stalledMs?: number } = {}): InTurn {
  const waiting: (() => void)[] = [];
  let running = 0;
  let ended = 0;
  let watch: Timer | null = null;

  function begin(most: number): void {
    for (const go of waiting.splice(0, most)) {
      running++;
      go();
    }
  }

  function watchFor(ms: number): Timer {
    const before = ended;
    return setTimeout(() => {
      if (ended === before) begin(atOnce);
      watch = waiting.length > 0 ? watchFor(ms) : null;
    }, ms);
  }

  return async (work, isUrgent = false) => {
    if (running >= atOnce) {
      if (stalledMs !== undefined) watch ??= watchFor(stalledMs);
      await new Promise<void>((resolve) => (isUrgent ? waiting.unshift(resolve) : waiting.push(resolve)));
    } else running++;
    try {
      return await work();
    } finally {
      running--;
      ended++;
      if (running < atOnce) begin(1);
    }
  };
}
