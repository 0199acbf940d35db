// Garbage is collected soon after memory has grown. The engine waits until its heap has doubled, which after a peak
// takes long: what a crowd left behind would stay until the next one comes on top of it.

const checkEveryMs = 200;
const growthBytes = 24 * 1024 * 1024;

/** Runs until the returned function is called. */
export function watchMemory(): () => void {
  let settled = process.memoryUsage.rss();
  const timer = setInterval(() => {
    const held = process.memoryUsage.rss();
    if (held < settled) settled = held;
    if (held - settled < growthBytes) return;
    Bun.gc(true);
    settled = process.memoryUsage.rss();
  }, checkEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}
