// Waiting for what happens by itself, a moment later.

/** `what` is what should happen, for whoever reads that it did not; without it they read the condition itself. */
export type Patience = { what?: string; withinMs?: number };

const pauseMs = 25;

/** Asks again until it holds; fails with what did not happen. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  { what, withinMs = 30_000 }: Patience = {},
): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await holds())) {
    if (performance.now() > deadline)
      throw new Error(`Not within ${withinMs / 1000} s: ${what ?? holds.toString()}`);
    await Bun.sleep(pauseMs);
  }
}
