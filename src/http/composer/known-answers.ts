// The shortest way to a document: the same Authorization header and address get the answer they got before, as long
// as nobody has committed anything and the token has not expired. On SQLite only, where that costs nothing to know.
import type { DataVersion } from "../../store/engine/data-version.ts";
import type { TokenAccess } from "./token-auth.ts";
import { documentAnswer, type CachedDocument } from "./document-cache.ts";

type KnownAnswers = {
  /** `version` is what the database said at the start of this request. */
  find(request: Request, version: DataVersion): Response | Promise<Response> | null;
  remember(
    request: Request,
    known: { token: TokenAccess; document: CachedDocument; version: DataVersion },
  ): void;
  /** How many were found since the start. */
  hits(): number;
  /** A document that left the cache must not stay here. */
  forget(): void;
};

type Known = { host: string | null; token: TokenAccess; document: CachedDocument };

const maxEntries = 20_000;

export function createKnownAnswers(): KnownAnswers {
  const entries = new Map<string, Known>();
  let versionOfAll: DataVersion = null;
  let hits = 0;
  const keyOf = ({ headers, url }: Request) => `${headers.get("authorization")} ${url}`;
  return {
    find(request, version) {
      if (version === null || version !== versionOfAll) return null;
      const known = entries.get(keyOf(request));
      // The address names one host even when a request names two.
      if (!known || request.headers.get("host") !== known.host || request.method !== "GET") return null;
      if (!known.token.isUsable()) return null;
      hits++;
      return documentAnswer(known.document, request);
    },
    remember(request, { token, document, version }) {
      if (version === null || request.method !== "GET" || request.url.includes("?")) return;
      if (version !== versionOfAll || entries.size >= maxEntries) entries.clear();
      versionOfAll = version;
      entries.set(keyOf(request), { host: request.headers.get("host"), token, document });
    },
    hits: () => hits,
    forget: () => entries.clear(),
  };
}
