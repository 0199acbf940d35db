// Archives in an S3 bucket, under `dists/`. Clients get a signed URL, so that the bytes do not pass through this server.
import { rm } from "node:fs/promises";
import { messageOf, unavailable } from "../errors.ts";
import { listObjects, openS3Client, within, type S3Access } from "./s3-client.ts";
import type { Storage } from "./storage.ts";

type S3Options = S3Access & { linkSeconds: number };

/** Shorter than the idle timeout of a client's connection. */
const questionMs = 15_000;
/** The slowest upload that is accepted: 256 KB a second. */
const uploadBytesPerMs = 256;

export function createS3Storage({ linkSeconds, ...access }: S3Options): Storage {
  const client = openS3Client(access);
  const keyOf = (sha256: string) => `dists/${sha256}.zip`;
  return {
    async put(sha256, path) {
      const file = Bun.file(path);
      const patienceMs = questionMs + file.size / uploadBytesPerMs;
      await answered(client.write(keyOf(sha256), file, { type: "application/zip" }), patienceMs);
      const { size } = await answered(client.stat(keyOf(sha256)));
      if (size !== file.size)
        throw unavailable("The bucket kept fewer bytes than it was sent.", { code: "s3" });
      await rm(path, { force: true });
    },
    async get(sha256) {
      return (await answered(client.exists(keyOf(sha256)))) ? client.file(keyOf(sha256)) : null;
    },
    isSound: (sha256) => answered(client.exists(keyOf(sha256))),
    link(sha256, filename) {
      return client.presign(keyOf(sha256), {
        expiresIn: linkSeconds,
        method: "GET",
        contentDisposition: `attachment; filename="${filename}"`,
      });
    },
    async remove(sha256) {
      await answered(client.delete(keyOf(sha256)));
    },
    async *list() {
      for await (const { key, storedAt } of listObjects(client, "dists/", (request) => answered(request())))
        yield { sha256: key.slice("dists/".length, -".zip".length), storedAt };
    },
  };
}

async function answered<T>(work: Promise<T>, patienceMs = questionMs): Promise<T> {
  try {
    return await within(work, patienceMs);
  } catch (error) {
    throw unavailable(`The S3 bucket does not respond correctly: ${messageOf(error)}`, {
      code: "s3",
      advice: "Check S3_ENDPOINT, S3_BUCKET and the keys.",
      retryAfterSeconds: 30,
    });
  }
}
