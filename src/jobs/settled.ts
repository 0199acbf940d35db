/** Resolves when all of the work has ended, or the time is over. */
export async function settledWithin(timeoutMs: number, work: Promise<void>[]): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, timeoutMs);
  await Promise.race([Promise.all(work), promise]);
  clearTimeout(timer);
}
