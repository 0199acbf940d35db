// Ports for those who cannot take port 0 and tell which one they got: a server that comes back where it was, programs
// that do not print it, and addresses where nobody listens.

/** Below those that the system gives to outgoing connections: one of those could take it before the server is there. */
const [lowest, ranges, rangeSize] = [10_000, 400, 50] as const;

let first: number | null = null;
let used = 0;

/** A port of the loopback address that no other test process hands out, and that nobody listens on now. */
export function reservedPort(): number {
  first ??= reserveRange();
  for (let attempt = 0; attempt < rangeSize; attempt++) {
    const port = first + 1 + (used++ % (rangeSize - 1));
    const held = hold(port);
    held?.stop(true);
    if (held !== null) return port;
  }
  throw new Error(`All ports from ${first} on are taken.`);
}

/** Whoever listens on the first port of a range has the range, until its process ends. */
function reserveRange(): number {
  for (;;) {
    const port = lowest + rangeSize * Math.floor(Math.random() * ranges);
    const held = hold(port);
    if (held === null) continue;
    held.unref();
    return port;
  }
}

function hold(port: number) {
  try {
    return Bun.listen({ hostname: "127.0.0.1", port, exclusive: true, socket: { data() {} } });
  } catch {
    return null;
  }
}
