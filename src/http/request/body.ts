// Bodies of requests, read piece by piece into a bounded room that all of them share.

/** The memory for the bodies of all requests together, whose senders are not known yet. */
const roomBytes = 48 * 1024 * 1024;
/** Of that, reserved for the first piece of each body: a form or a report gets through while others fill the rest. */
const firstBytes = 16 * 1024;
const firstRoomBytes = 16 * 1024 * 1024;
/** A larger body needs the one buffer for large bodies. */
const largeBytes = 256 * 1024;
const maxReadMs = 30_000;
/** After so many bytes the pieces are collected: the engine would leave them in memory. */
const collectedBytes = 8 * 1024 * 1024;

/** Why a body was not read. */
export type BodyRefusal = "too large" | "no room" | "cut off";

type BodyRoom = {
  /**
   * What `work` makes of the whole body, which is its own only until then: the memory of a large one is used again.
   */
  withBody<Result>(
    request: Request,
    limitBytes: number,
    work: (body: Uint8Array<ArrayBuffer>) => Promise<Result>,
  ): Promise<Result | BodyRefusal>;
};

/** One for the whole server. `largestBytes` is the largest body that any route takes. */
export function createBodyRoom(largestBytes: number): BodyRoom {
  let firstTaken = 0;
  let restTaken = 0;
  let large: Uint8Array<ArrayBuffer> | null = null;
  let isLargeTaken = false;
  let uncollected = 0;

  function openShare() {
    let [first, rest, isLarge] = [0, 0, false];
    return {
      /** A buffer of at least `bytes`, or null when there is no room for it. */
      grow(bytes: number): Uint8Array<ArrayBuffer> | null {
        if (bytes > largeBytes) {
          if (isLargeTaken) return null;
          isLarge = true;
          isLargeTaken = true;
          return (large ??= new Uint8Array(largestBytes));
        }
        const more = [Math.min(bytes, firstBytes) - first, Math.max(0, bytes - firstBytes) - rest] as const;
        if (firstTaken + more[0] > firstRoomBytes) return null;
        if (restTaken + more[1] > roomBytes - firstRoomBytes - largestBytes) return null;
        [first, rest] = [first + more[0], rest + more[1]];
        [firstTaken, restTaken] = [firstTaken + more[0], restTaken + more[1]];
        return new Uint8Array(bytes);
      },
      giveBack() {
        [firstTaken, restTaken] = [firstTaken - first, restTaken - rest];
        if (isLarge) isLargeTaken = false;
      },
    };
  }

  function count(bytes: number): void {
    uncollected += bytes;
    if (uncollected < collectedBytes) return;
    uncollected = 0;
    Bun.gc(true);
  }

  return {
    async withBody(request, limitBytes, work) {
      const share = openShare();
      try {
        const body = await read(request, { limitBytes, grow: share.grow, count });
        return typeof body === "string" ? body : await work(body);
      } finally {
        share.giveBack();
      }
    },
  };
}

/** Whether a request brings a body with it. */
export function hasBody({ headers }: Request): boolean {
  return Number(headers.get("content-length") ?? 0) !== 0 || headers.has("transfer-encoding");
}

type Reading = {
  limitBytes: number;
  grow: (bytes: number) => Uint8Array<ArrayBuffer> | null;
  count: (bytes: number) => void;
};

/** Reads into one growing buffer, since a client may send pieces of one byte each. */
async function read(
  request: Request,
  { limitBytes, grow, count }: Reading,
): Promise<Uint8Array<ArrayBuffer> | BodyRefusal> {
  const reader = (request.body ?? new Blob([]).stream()).getReader();
  let isLate = false;
  const late = setTimeout(() => {
    isLate = true;
    void reader.cancel().catch(() => {});
  }, maxReadMs);
  let body = new Uint8Array(0);
  let size = 0;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return isLate ? "cut off" : body.subarray(0, size);
      count(value.length);
      if (size + value.length > limitBytes) return "too large";
      if (size + value.length > body.length) {
        const larger = grow(Math.min(limitBytes, Math.max(size + value.length, body.length * 2)));
        if (larger === null) return "no room";
        if (larger.length <= largeBytes) count(larger.length);
        larger.set(body.subarray(0, size));
        body = larger;
      }
      body.set(value, size);
      size += value.length;
    }
  } catch {
    return "cut off";
  } finally {
    clearTimeout(late);
    void reader.cancel().catch(() => {});
  }
}
