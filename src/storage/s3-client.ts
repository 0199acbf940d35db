// A bucket as Bun's client sees it, and what every use of it needs: a time limit, and all pages of a list.

export type S3Access = {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  bucket: string;
  endpoint: string | null;
  virtualHosted: boolean;
};

export function openS3Client({ endpoint, virtualHosted, ...access }: S3Access): Bun.S3Client {
  return new Bun.S3Client({
    ...access,
    ...(endpoint ? { endpoint } : {}),
    virtualHostedStyle: virtualHosted && endpoint === null,
  });
}

/** `key` is the whole one; the time is that of the listing where the bucket says none. */
type S3Object = { key: string; sizeBytes: number; storedAt: number };

/** `ask` limits each request, and may repeat it. */
export async function* listObjects(
  client: Bun.S3Client,
  prefix: string,
  ask: <T>(request: () => Promise<T>) => Promise<T>,
): AsyncGenerator<S3Object> {
  for (let startAfter: string | undefined; ;) {
    const options = { prefix, ...(startAfter ? { startAfter } : {}) };
    const page = await ask(() => client.list(options));
    for (const { key, size, lastModified } of page.contents ?? [])
      yield { key, sizeBytes: size ?? 0, storedAt: lastModified ? Date.parse(lastModified) : Date.now() };
    startAfter = page.contents?.at(-1)?.key;
    if (!page.isTruncated || startAfter === undefined) return;
  }
}

/** Without a time limit, a silent bucket would block its caller forever. */
export async function within<T>(work: Promise<T>, limitMs: number): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const seconds = Math.ceil(limitMs / 1000);
  const timer = setTimeout(() => reject(new Error(`no answer within ${seconds} s`)), limitMs);
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
