// Documents in memory, bounded in bytes, and their answers. A copy is used only after the database said that it
// is the newest: on SQLite "nobody has committed since" is enough, elsewhere Last-Modified is compared.
import { gunzipSync } from "node:zlib";
import type { DataVersion } from "../../store/engine/data-version.ts";
import type { Database } from "../../store/engine/database.ts";
import { findLastModified, type Document } from "../../store/packages/documents.ts";
import type { LoadDocument } from "./load-document.ts";
import { thenMaybe } from "./maybe-async.ts";

export type CachedDocument = {
  lastModified: number;
  date: string;
  /** Gzipped. A Blob, since bytes are copied for every answer. */
  body: Blob;
  /** Made once: copying finished headers costs a third of making them from an object. */
  plainHeaders: Headers;
  gzipHeaders: Headers;
  /** Only the headers that RFC 9110 requires of a 304. */
  unchangedHeaders: Headers;
  version: DataVersion;
};

/** Counts since the start, and the bytes in memory now. */
export type CacheFigures = { hits: number; misses: number; bytes: number };

export type DocumentCache = {
  figures(): CacheFigures;
  /** `version` is what the database said at the start of this request. */
  find(
    organizationId: string,
    name: string,
    version: DataVersion,
  ): CachedDocument | null | Promise<CachedDocument | null>;
};

export function createDocumentCache(
  db: Database,
  { load, maxBytes, onForget = () => {} }: { load: LoadDocument; maxBytes: number; onForget?: () => void },
): DocumentCache {
  const entries = new Map<string, CachedDocument>();
  let bytes = 0;
  let hits = 0;
  let misses = 0;

  function add(key: string, entry: CachedDocument): void {
    forget(key);
    entries.set(key, entry);
    bytes += entry.body.size;
    for (const [oldest] of entries) {
      if (bytes <= maxBytes) break;
      forget(oldest);
    }
  }

  function forget(key: string): void {
    const entry = entries.get(key);
    if (!entry) return;
    bytes -= entry.body.size;
    entries.delete(key);
    onForget();
  }

  return {
    figures: () => ({ hits, misses, bytes }),
    find(organizationId, name, version) {
      const key = `${organizationId} ${name}`;
      const known = entries.get(key);
      if (known && version !== null && known.version === version) {
        hits++;
        return known;
      }
      const read = () => {
        misses++;
        return thenMaybe(load(organizationId, name), refresh);
      };
      const refresh = (document: Document | null) => {
        if (!document) {
          forget(key);
          return null;
        }
        const entry = cached(document, version);
        add(key, entry);
        return entry;
      };
      if (!known) return read();
      return thenMaybe(findLastModified(db, organizationId, name), (lastModified) => {
        if (lastModified !== known.lastModified) return read();
        hits++;
        known.version = version;
        return known;
      });
    },
  };
}

/** Answers an equal `If-Modified-Since` with an empty 304, and sends the gzip of the database as it is. */
export function documentAnswer(document: CachedDocument, request: Request): Response | Promise<Response> {
  const { headers } = request;
  if (headers.get("if-modified-since") === document.date)
    return new Response(null, { status: 304, headers: document.unchangedHeaders });
  const encodings = headers.get("accept-encoding") ?? "";
  const acceptsGzip = encodings.includes("gzip") && !/gzip\s*;\s*q=0(\.0*)?\s*(,|$)/.test(encodings);
  if (acceptsGzip) return new Response(document.body, { headers: document.gzipHeaders });
  return document.body
    .bytes()
    .then((gzipped) => new Response(gunzipSync(gzipped), { headers: document.plainHeaders }));
}

function cached({ lastModified, body }: Document, version: DataVersion): CachedDocument {
  const date = new Date(lastModified * 1000).toUTCString();
  const unchanged = {
    "Last-Modified": date,
    "Cache-Control": "private, no-cache",
    Vary: "Accept-Encoding, Authorization",
  };
  const plain = { ...unchanged, "Content-Type": "application/json", "X-Content-Type-Options": "nosniff" };
  return {
    lastModified,
    date,
    body: new Blob([new Uint8Array(body)]),
    unchangedHeaders: new Headers(unchanged),
    plainHeaders: new Headers(plain),
    gzipHeaders: new Headers({ ...plain, "Content-Encoding": "gzip" }),
    version,
  };
}
