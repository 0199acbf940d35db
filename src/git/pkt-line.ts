// git's pkt-line framing: four hex digits of length, then the line; "0000" is a flush. gitprotocol-common(5).

import { unavailable } from "../errors.ts";

/** Raw lines including the line feed; null is a flush. Ends with the stream. */
export type PktLines = AsyncGenerator<Buffer | null, void, undefined>;

export const flush: Buffer = Buffer.from("0000");

export function pktLine(line: Uint8Array | string): Buffer {
  const body = Buffer.from(line as Uint8Array);
  return Buffer.concat([Buffer.from((body.length + 4).toString(16).padStart(4, "0")), body]);
}

/** Throws unavailable for bytes that are not pkt-lines and for a stream that ends inside one. */
export async function* readPktLines(chunks: AsyncIterable<Uint8Array>): PktLines {
  let buffer: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const view = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    buffer = buffer.length === 0 ? view : Buffer.concat([buffer, view]);
    let offset = 0;
    while (buffer.length - offset >= 4) {
      const length = lengthAt(buffer, offset);
      if (buffer.length - offset < length) break;
      yield length === 0 ? null : buffer.subarray(offset + 4, offset + length);
      offset += Math.max(length, 4);
    }
    buffer = buffer.subarray(offset);
  }
  if (buffer.length > 0) throw protocolFailure("The answer breaks off in the middle of a line.");
}

export function protocolFailure(message: string) {
  return unavailable(message, { code: "git_protocol" });
}

function lengthAt(buffer: Buffer, offset: number): number {
  const digits = buffer.toString("latin1", offset, offset + 4);
  const length = /^[0-9a-f]{4}$/i.test(digits) ? Number.parseInt(digits, 16) : -1;
  if (length !== 0 && length < 4) throw protocolFailure("The answer is not in git's protocol.");
  return length;
}
