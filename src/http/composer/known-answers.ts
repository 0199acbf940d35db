// The shortest way to a document: who sent this very header to this very address before, and got it, gets it again, as
// long as nobody has committed anything and the token has not expired. On SQLite only, where that costs nothing to know.
import type { DataVersion } from "../../store/engine/data-version.ts";
import type { TokenAccess } from "./token-auth.ts";
import { documentAnswer, type CachedDocument } from "./document-cache.ts";

export type KnownAnswers = {
  /** `version` is what the database said at the start of this request. */
  find(request: Request, version: DataVersion): Response | Promise<Response> | null;
  keep(
    request: Request,
    known: { reader: TokenAccess; document: CachedDocument; version: DataVersion },
  ): void;
  /** How many were given since the start. */
  given(): number;
  /** Documents that nobody keeps must not be kept here. */
  forget(): void;
};

type Known = { host: string | null; reader: TokenAccess; document: CachedDocument };

const mostKept = 20_000;

export function createKnownAnswers(): KnownAnswers {
  const entries = new Map<string, Known>();
  let versionOfAll: DataVersion = null;
  let given = 0;
  const keyOf = ({ headers, url }: Request) => `${headers.get("authorization")} ${url}`;
  return {
    find(request, version) {
      if (version === null || version !== versionOfAll) return null;
      const known = entries.get(keyOf(request));
      // The address names one host even when a request names two.
      if (!known || request.headers.get("host") !== known.host || request.method !== "GET") return null;
      if (!known.reader.isUsable()) return null;
      given++;
      return documentAnswer(known.document, request);
    },
    keep(request, { reader, document, version }) {
      if (version === null || request.method !== "GET" || request.url.includes("?")) return;
      if (version !== versionOfAll || entries.size >= mostKept) entries.clear();
      versionOfAll = version;
      entries.set(keyOf(request), { host: request.headers.get("host"), reader, document });
    },
    given: () => given,
    forget: () => entries.clear(),
  };
}
