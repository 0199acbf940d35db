// As much of S3 as an archive store needs, in memory. Like the real ones it refuses a request that is not signed,
// and one that carries two kinds of credentials. Signatures are not verified.

export type S3Request = { method: string; path: string; headers: Record<string, string>; status: number };

/** It refuses everybody, never answers, says 500, or thanks for an object and forgets it. */
export type Fault = "forbidden" | "silent" | "broken" | "forgetful";

export type S3Server = {
  endpoint: string;
  /** Environment of a registry that keeps its archives here. */
  environment: Record<string, string>;
  objects: Map<string, Uint8Array<ArrayBuffer>>;
  requests: S3Request[];
  fault: Fault | null;
  stop(): Promise<void>;
};

export function startS3(bucket = "archives"): S3Server {
  const objects = new Map<string, Uint8Array<ArrayBuffer>>();
  const requests: S3Request[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 60,
    async fetch(request) {
      if (s3.fault === "silent") return new Promise(() => {});
      if (s3.fault === "broken") return failure(500, "InternalError", "We encountered an internal error.");
      if (s3.fault === "forbidden") return failure(403, "AccessDenied", "Access Denied");
      if (s3.fault === "forgetful" && request.method === "PUT") return forgotten(request);
      const response = refusal(request) ?? (await answer(objects, bucket, request));
      const { pathname } = new URL(request.url);
      const headers = Object.fromEntries(request.headers);
      requests.push({ method: request.method, path: pathname, headers, status: response.status });
      return response;
    },
  });
  const endpoint = `http://127.0.0.1:${server.port}`;
  const s3: S3Server = {
    fault: null,
    endpoint,
    environment: {
      DIST_DISK: "s3",
      S3_ACCESS_KEY_ID: "key",
      S3_SECRET_ACCESS_KEY: "secret",
      S3_BUCKET: bucket,
      S3_ENDPOINT: endpoint,
      S3_USE_PATH_STYLE_ENDPOINT: "true",
    },
    objects,
    requests,
    stop: () => server.stop(true),
  };
  return s3;
}

async function forgotten(request: Request): Promise<Response> {
  await request.bytes();
  return new Response(null, { headers: { ETag: '"etag"' } });
}

function refusal({ headers, url }: Request): Response | null {
  const isSignedInQuery = new URL(url).searchParams.has("X-Amz-Signature");
  const authorization = headers.get("Authorization");
  if (isSignedInQuery && authorization !== null) {
    return failure(400, "InvalidArgument", "Only one auth mechanism allowed");
  }
  const isSigned = isSignedInQuery || (authorization?.startsWith("AWS4-HMAC-SHA256") ?? false);
  return isSigned ? null : failure(403, "AccessDenied", "Access Denied");
}

async function answer(
  objects: Map<string, Uint8Array<ArrayBuffer>>,
  bucket: string,
  request: Request,
): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  if (searchParams.has("list-type")) return list(objects, bucket, searchParams);
  const key = decodeURIComponent(pathname).replace(`/${bucket}/`, "");
  if (searchParams.has("uploads") || searchParams.has("uploadId")) return upload(objects, key, request);
  if (request.method === "PUT") {
    objects.set(key, await request.bytes());
    return new Response(null, { headers: { ETag: '"etag"' } });
  }
  if (request.method === "DELETE") {
    objects.delete(key);
    return new Response(null, { status: 204 });
  }
  const object = objects.get(key);
  if (!object) return failure(404, "NoSuchKey", "The specified key does not exist.");
  const headers = { ETag: '"etag"', "Content-Type": "application/zip" };
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("Range") ?? "");
  if (!range) return new Response(object, { headers });
  const [start, end] = [Number(range[1]), range[2] ? Number(range[2]) : object.length - 1];
  const part = { ...headers, "Content-Range": `bytes ${start}-${end}/${object.length}` };
  return new Response(object.slice(start, end + 1), { status: 206, headers: part });
}

/** An object in parts: begun, each part, and put together; parts of others at the same time are not told apart. */
async function upload(
  objects: Map<string, Uint8Array<ArrayBuffer>>,
  key: string,
  request: Request,
): Promise<Response> {
  const { searchParams } = new URL(request.url);
  const xml = (body: string) => new Response(body, { headers: { "Content-Type": "application/xml" } });
  const part = (number: number | string) => `${key} part ${number}`;
  if (request.method === "PUT") {
    objects.set(part(searchParams.get("partNumber") ?? ""), await request.bytes());
    return new Response(null, { headers: { ETag: '"etag"' } });
  }
  if (searchParams.has("uploads"))
    return xml(`<InitiateMultipartUploadResult><UploadId>one</UploadId></InitiateMultipartUploadResult>`);
  const parts: Uint8Array<ArrayBuffer>[] = [];
  for (let number = 1; objects.has(part(number)); number++) {
    parts.push(objects.get(part(number)) ?? new Uint8Array());
    objects.delete(part(number));
  }
  objects.set(key, new Uint8Array(await new Blob(parts).arrayBuffer()));
  return xml(`<CompleteMultipartUploadResult><ETag>"etag"</ETag></CompleteMultipartUploadResult>`);
}

/** Two keys a page, so that whoever lists must go on asking. */
function list(objects: Map<string, unknown>, bucket: string, query: URLSearchParams): Response {
  const [prefix, after] = [query.get("prefix") ?? "", query.get("start-after") ?? ""];
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > after).toSorted();
  const contents = keys
    .slice(0, 2)
    .map(
      (key) =>
        `<Contents><Key>${key}</Key><LastModified>${new Date().toISOString()}</LastModified></Contents>`,
    );
  const head = `<Name>${bucket}</Name><IsTruncated>${keys.length > 2}</IsTruncated>`;
  const body = `<?xml version="1.0"?>\n<ListBucketResult>${head}${contents.join("")}</ListBucketResult>`;
  return new Response(body, { headers: { "Content-Type": "application/xml" } });
}

function failure(status: number, code: string, message: string): Response {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  return new Response(body, { status, headers: { "Content-Type": "application/xml" } });
}
