// Documents in memory, bounded in bytes, and their answers. A copy is used only after the database said that it
// is the newest: on SQLite "nobody has committed since" is enough, elsewhere Last-Modified is compared.
import { gunzipSync } from "node:zlib";
import { dataVersion } from "../store/data-version.ts";
import type { Database } from "../store/database.ts";
import { findDocument, findLastModified } from "../store/documents.ts";

export type CachedDocument = {
  lastModified: number;
  date: string;
  gzipped: Uint8Array<ArrayBuffer>;
  plainHeaders: Record<string, string>;
  gzipHeaders: Record<string, string>;
  version: number | null;
};

export type DocumentCache = { find(organizationId: string, name: string): Promise<CachedDocument | null> };

export function createDocumentCache(db: Database, maxBytes: number): DocumentCache {
  const entries = new Map<string, CachedDocument>();
  let bytes = 0;

  function keep(key: string, entry: CachedDocument): void {
    forget(key);
    entries.set(key, entry);
    bytes += entry.gzipped.length;
    for (const [oldest] of entries) {
      if (bytes <= maxBytes) break;
      forget(oldest);
    }
  }

  function forget(key: string): void {
    bytes -= entries.get(key)?.gzipped.length ?? 0;
    entries.delete(key);
  }

  return {
    async find(organizationId, name) {
      const key = `${organizationId} ${name}`;
      const known = entries.get(key);
      const version = dataVersion(db);
      if (known && version !== null && known.version === version) return known;
      if (known && (await findLastModified(db, organizationId, name)) === known.lastModified) {
        known.version = version;
        return known;
      }
      const document = await findDocument(db, organizationId, name);
      if (!document) {
        forget(key);
        return null;
      }
      const entry = cached(document, version);
      keep(key, entry);
      return entry;
    },
  };
}

/** An equal `If-Modified-Since` gets an empty 304; gzip goes out as it lies in the database. */
export function documentAnswer(document: CachedDocument, request: Request): Response {
  if (request.headers.get("if-modified-since") === document.date)
    return new Response(null, { status: 304, headers: document.plainHeaders });
  const acceptsGzip = request.headers.get("accept-encoding")?.includes("gzip") ?? false;
  if (acceptsGzip) return new Response(document.gzipped, { headers: document.gzipHeaders });
  return new Response(gunzipSync(document.gzipped), { headers: document.plainHeaders });
}

function cached(
  { lastModified, body }: { lastModified: number; body: Uint8Array },
  version: number | null,
): CachedDocument {
  const date = new Date(Number(lastModified) * 1000).toUTCString();
  const plainHeaders = {
    "Content-Type": "application/json",
    "Last-Modified": date,
    "Cache-Control": "private, no-cache",
    "X-Content-Type-Options": "nosniff",
    Vary: "Accept-Encoding, Authorization",
  };
  return {
    lastModified: Number(lastModified),
    date,
    gzipped: new Uint8Array(body),
    plainHeaders,
    gzipHeaders: { ...plainHeaders, "Content-Encoding": "gzip" },
    version,
  };
}
