// Backups in an S3 bucket. Every request has a time limit, and is repeated when the bucket fails.
import { messageOf, unavailable } from "../errors.ts";
import { listObjects, openS3Client, within, type S3Access } from "../storage/s3-client.ts";
import type { Target } from "./target.ts";

/** `prefix` is without a slash at the end; "" for the bucket itself. */
type BucketOptions = S3Access & { prefix: string };

const attempts = 4;
const pauseMs = 250;
const questionMs = 20_000;
/** The slowest transfer that is accepted: 128 KB a second. */
const bytesPerMs = 128;

export function openBucket({ prefix, ...access }: BucketOptions): Target {
  const client = openS3Client(access);
  const base = prefix === "" ? "" : `${prefix}/`;
  const label = `s3://${access.bucket}/${prefix}`;
  const asked = <T>(work: () => Promise<T>, sizeBytes = 0) =>
    repeated(work, { label, limitMs: questionMs + sizeBytes / bytesPerMs });
  return {
    label,
    async put(name, content) {
      await asked(async () => {
        await client.write(base + name, content);
        const { size } = await client.stat(base + name);
        if (size !== content.size) throw new Error("it kept fewer bytes than it was sent");
      }, content.size);
    },
    async get(name) {
      if (!(await asked(() => client.exists(base + name)))) return null;
      const { size } = await asked(() => client.stat(base + name));
      return new Blob([await asked(() => wholeOf(client.file(base + name), size), size)]);
    },
    async *list(start) {
      for await (const { key, ...stored } of listObjects(client, base + start, asked))
        yield { name: key.slice(base.length), ...stored };
    },
    async remove(name) {
      await asked(() => client.delete(base + name));
    },
  };
}

/** A cut connection must not look like a shorter object. */
async function wholeOf(file: Blob, size: number): Promise<ArrayBuffer> {
  const bytes = await file.arrayBuffer();
  if (bytes.byteLength !== size) throw new Error("the connection was cut");
  return bytes;
}

async function repeated<T>(
  work: () => Promise<T>,
  { label, limitMs }: { label: string; limitMs: number },
): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await within(work(), limitMs);
    } catch (error) {
      if (attempt === attempts)
        throw unavailable(`The backup target ${label} does not respond correctly: ${messageOf(error)}.`, {
          code: "backup_target",
          advice: "Check the bucket, its endpoint and the keys.",
        });
      await Bun.sleep(pauseMs * 2 ** attempt);
    }
}
