// A body of unknown size, read no further than it may go.

export type BodyLimits = {
  limitBytes: number;
  /** Asked once, as soon as a body is larger than this: whether there is room for it. */
  largeBytes: number;
  admitLarge: () => boolean;
};

/** What is too much is not kept. */
export async function readBody(
  request: Request,
  { limitBytes, largeBytes, admitLarge }: BodyLimits,
): Promise<Uint8Array<ArrayBuffer> | "too large" | "no room" | "cut off"> {
  const announced = request.headers.get("content-length");
  if (announced !== null) {
    if (Number(announced) > limitBytes) return "too large";
    if (Number(announced) > largeBytes && !admitLarge()) return "no room";
    return (await request.bytes().catch(() => null)) ?? "cut off";
  }
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const part of request.body ?? []) {
      const isFirstLarge = size <= largeBytes && size + part.length > largeBytes;
      size += part.length;
      if (size > limitBytes) return "too large";
      if (isFirstLarge && !admitLarge()) return "no room";
      parts.push(part);
    }
  } catch {
    return "cut off";
  }
  return new Uint8Array(Buffer.concat(parts));
}
