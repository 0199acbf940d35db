// Blobs of a backup: named by their content, compressed where that helps, and encrypted in pieces of 64 KB. Name and
// key follow from the content and the encryption key of the installation, so that each content is stored once.
import { createCipheriv, createDecipheriv, createHash, createHmac, hkdfSync, randomBytes } from "node:crypto";
import { gunzipSync, gzipSync } from "node:zlib";
import { unavailable } from "../errors.ts";

export type Vault = {
  /** Where the content with this SHA-256 is: `blobs/ab/cdef…`. It does not show what the content is. */
  nameOf(sha256: string): string;
  seal(sha256: string, content: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
  /** Fails as `unavailable` at the first byte that has changed, or that another key has sealed. */
  open(sha256: string, sealed: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array>;
};

const magic = Buffer.from("PRCBLOB1");
const saltBytes = 16;
const headBytes = magic.length + 1 + saltBytes;
const pieceBytes = 64 * 1024;
const tagBytes = 16;
const [isSealed, isPlain] = [1, 0];

/** `key` is that of the installation; null leaves the blobs readable for everybody. */
export function createVault(key: Uint8Array | null): Vault {
  const secret = (purpose: string) =>
    key === null ? null : Buffer.from(hkdfSync("sha256", key, new Uint8Array(0), `pricore ${purpose}`, 32));
  const [naming, sealing] = [secret("backup names"), secret("backup blobs")];
  const keyOf = (sha256: string, salt: Uint8Array) =>
    Buffer.from(hkdfSync("sha256", sealing ?? "", salt, `blob ${sha256}`, 32));
  return {
    nameOf(sha256) {
      const name = naming === null ? sha256 : createHmac("sha256", naming).update(sha256).digest("hex");
      return `blobs/${name.slice(0, 2)}/${name.slice(2)}`;
    },
    async *seal(sha256, content) {
      const salt = randomBytes(saltBytes);
      const head = Buffer.concat([magic, Buffer.from([sealing === null ? isPlain : isSealed]), salt]);
      yield head;
      if (sealing === null) return yield* content;
      const blobKey = keyOf(sha256, salt);
      for await (const { piece, at, isLast } of piecesOf(content, pieceBytes)) {
        const cipher = createCipheriv("aes-256-gcm", blobKey, nonceOf(at, isLast)).setAAD(head);
        yield Buffer.concat([cipher.update(piece), cipher.final(), cipher.getAuthTag()]);
      }
    },
    async *open(sha256, sealed) {
      const { head, rest } = await headOf(sealed);
      const hash = createHash("sha256");
      for await (const bytes of opened(head, rest, (salt) =>
        sealing === null ? null : keyOf(sha256, salt),
      )) {
        hash.update(bytes);
        yield bytes;
      }
      if (hash.digest("hex") !== sha256) throw damaged();
    },
  };
}

async function* opened(
  head: Buffer,
  rest: AsyncIterable<Uint8Array>,
  keyFor: (salt: Uint8Array) => Buffer | null,
): AsyncGenerator<Uint8Array> {
  const key = keyFor(head.subarray(magic.length + 1));
  // A readable blob is no answer where a sealed one is expected.
  if ((head[magic.length] === isPlain) !== (key === null)) throw damaged();
  if (key === null) return yield* rest;
  for await (const { piece, at, isLast } of piecesOf(rest, pieceBytes + tagBytes)) {
    try {
      const cipher = createDecipheriv("aes-256-gcm", key, nonceOf(at, isLast)).setAAD(head);
      cipher.setAuthTag(piece.subarray(-tagBytes));
      yield Buffer.concat([cipher.update(piece.subarray(0, -tagBytes)), cipher.final()]);
    } catch {
      throw damaged();
    }
  }
}

async function headOf(sealed: AsyncIterable<Uint8Array>) {
  const chunks = sealed[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  while (start.length < headBytes) {
    const next = await chunks.next();
    if (next.done) throw damaged();
    start = Buffer.concat([start, next.value]);
  }
  const head = start.subarray(0, headBytes);
  if (!head.subarray(0, magic.length).equals(magic)) throw damaged();
  async function* rest() {
    yield start.subarray(headBytes);
    for (let next = await chunks.next(); !next.done; next = await chunks.next()) yield next.value;
  }
  return { head, rest: rest() };
}

type Piece = { piece: Buffer; at: number; isLast: boolean };

/** Pieces of the same size; the last one may be shorter, and there is always one. */
async function* piecesOf(content: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Piece> {
  let [waiting, at] = [Buffer.alloc(0), 0];
  for await (const chunk of content) {
    waiting = Buffer.concat([waiting, chunk]);
    let from = 0;
    for (; waiting.length - from > size; from += size)
      yield { piece: waiting.subarray(from, from + size), at: at++, isLast: false };
    waiting = waiting.subarray(from);
  }
  yield { piece: waiting, at, isLast: true };
}

/** A counter, and whether it is the last piece: pieces cannot be exchanged or cut off. */
function nonceOf(at: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(12);
  nonce.writeUIntBE(at, 5, 6);
  nonce[11] = isLast ? 1 : 0;
  return nonce;
}

function damaged() {
  return unavailable("A part of the backup is damaged, or was made with another key.", {
    code: "backup_damaged",
  });
}

/** A small content in memory, compressed before it is sealed. Its name is that of the content itself. */
export async function sealBytes(vault: Vault, bytes: Uint8Array): Promise<Blob> {
  const packed = gzipSync(bytes, { level: 1 });
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  for await (const chunk of vault.seal(hashOf(packed), one(packed))) chunks.push(new Uint8Array(chunk));
  return new Blob([Buffer.from(hashOf(packed), "hex"), ...chunks]);
}

/** Fails as `unavailable` when it is not what `sha256` names. */
export async function openBytes(vault: Vault, sha256: string, sealed: Uint8Array): Promise<Uint8Array> {
  const packedHash = Buffer.from(sealed.subarray(0, 32)).toString("hex");
  const chunks: Uint8Array[] = [];
  for await (const chunk of vault.open(packedHash, one(sealed.subarray(32)))) chunks.push(chunk);
  const bytes = gunzipSync(Buffer.concat(chunks), { maxOutputLength: maxBytes });
  if (hashOf(bytes) !== sha256) throw damaged();
  return bytes;
}

/** No part that is kept in memory is larger. */
const maxBytes = 256 * 1024 * 1024;

async function* one(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

export function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
