// Writes packs by hand, object by object, and packs of an existing repository. gitformat-pack(5).

import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import type { BareRepository } from "./bare-repository.ts";

export const packTypes = { commit: 1, tree: 2, blob: 3, offsetDelta: 6, referenceDelta: 7 } as const;

/** All objects of one commit. */
export async function packOf({ path, git }: BareRepository, reference: string): Promise<Buffer> {
  const listed = await git("rev-list", "--objects", reference);
  const names = listed.split("\n").map((line) => line.slice(0, 40));
  const child = Bun.spawn(["git", "-C", path, "pack-objects", "--stdout", "-q"], {
    stdin: Buffer.from(`${names.join("\n")}\n`),
  });
  return Buffer.from(await new Response(child.stdout).arrayBuffer());
}

export function packWith(objects: Buffer[]): Buffer {
  return sealed(Buffer.concat([packHeader(objects.length), ...objects]));
}

/** `count` may be false. */
export function packHeader(count: number): Buffer {
  const bytes = Buffer.from("PACK\0\0\0\u0002\0\0\0\0", "latin1");
  bytes.writeUInt32BE(count, 8);
  return bytes;
}

/** Appends the checksum that ends a pack. */
export function sealed(body: Buffer): Buffer {
  return Buffer.concat([body, createHash("sha1").update(body).digest()]);
}

/** `size` may be false; `base` is between the size and the content of a delta. */
export function packedObject(
  type: number,
  content: Buffer,
  { size = content.length, base }: { size?: number; base?: Buffer } = {},
): Buffer {
  const head = [(type << 4) | (size & 15)];
  for (let rest = size >> 4; rest > 0; rest >>= 7) {
    head[head.length - 1] = (head.at(-1) ?? 0) | 128;
    head.push(rest & 127);
  }
  return Buffer.concat([Buffer.from(head), base ?? Buffer.alloc(0), deflateSync(content, { level: 1 })]);
}

/** The encoded offset of a delta's base. */
export function offsetBack(distance: number): Buffer {
  const bytes = [distance & 127];
  for (let rest = distance >> 7; rest > 0; rest >>= 7) bytes.unshift(128 | (--rest & 127));
  return Buffer.from(bytes);
}

export function objectName(type: string, content: Buffer): string {
  return createHash("sha1").update(`${type} ${content.length}\0`).update(content).digest("hex");
}
