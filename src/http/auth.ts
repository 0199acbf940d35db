// Who is asking: a Composer token in whatever form clients send it.
import type { App } from "../app.ts";
import { matchesPattern } from "../composer/name.ts";
import { hashToken } from "../registry/tokens.ts";
import { dataVersion } from "../store/data-version.ts";
import { findAccess, markTokensUsed, type Access } from "../store/tokens.ts";

export type Reader = {
  tokenId: string;
  organizationId: string;
  organizationCreatedAt: number;
  /** Whether the token may know of the package. */
  sees(name: string): boolean;
  seesEverything: boolean;
};

export type Refused = { refused: "unknown" | "expired" };

export type TokenGate = {
  /** Looks at the request's token for this organization; revoking works on the very next call. */
  read(slug: string, request: Request): Promise<Reader | Refused>;
  /** Writes when tokens were last used, at most once a minute each. */
  flush(): Promise<void>;
};

const maxTokenLength = 512;
const usedEveryMs = 60_000;
const rememberedTokens = 10_000;

export function createTokenGate(app: App): TokenGate {
  // Holds only while no other connection has committed anything, so a revoked token is never found here.
  const remembered = new Map<string, { access: Access; reader: Reader; version: number }>();
  const used = new Map<string, number>();
  const written = new Map<string, number>();

  function touch(access: Access, now: number): void {
    const last = Math.max(access.lastUsedAt ?? 0, written.get(access.tokenId) ?? 0);
    if (now - last >= usedEveryMs) used.set(access.tokenId, now);
  }

  return {
    async read(slug, request) {
      const token = tokenIn(request.headers.get("authorization"));
      if (token === null) return { refused: "unknown" };
      const hash = hashToken(token);
      const version = dataVersion(app.db);
      const key = `${slug} ${hash}`;
      let known = remembered.get(key);
      if (!known || version === null || known.version !== version) {
        const access = await findAccess(app.db, slug, hash);
        if (!access) return { refused: "unknown" };
        known = { access, reader: readerOf(access), version: version ?? 0 };
        if (remembered.size >= rememberedTokens) remembered.clear();
        remembered.set(key, known);
      }
      const now = app.now();
      const { expiresAt } = known.access;
      if (expiresAt !== null && Number(expiresAt) <= now) return { refused: "expired" };
      touch(known.access, now);
      return known.reader;
    },
    async flush() {
      if (used.size === 0) return;
      const now = app.now();
      const ids = [...used.keys()];
      used.clear();
      try {
        await markTokensUsed(app.db, ids, now);
        for (const id of ids) written.set(id, now);
      } catch (error) {
        app.log.warn("tokens.use_not_written", { reason: String(error) });
      }
    },
  };
}

/** Basic with the token as password, or as user with an empty password; or Bearer. */
export function tokenIn(header: string | null): string | null {
  if (header === null || header.length > maxTokenLength * 2) return null;
  const [scheme = "", value = ""] = header.split(/ +/, 2);
  let token = "";
  if (scheme.toLowerCase() === "bearer") token = value;
  if (scheme.toLowerCase() === "basic") {
    const text = Buffer.from(value, "base64").toString("utf8");
    const colon = text.indexOf(":");
    const [user, password] = colon < 0 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
    token = password === "" || password === "x-oauth-basic" ? user : password;
  }
  return token === "" || token.length > maxTokenLength ? null : token;
}

function readerOf(access: Access): Reader {
  const patterns = access.packages === null ? null : (JSON.parse(access.packages) as string[]);
  return {
    tokenId: access.tokenId,
    organizationId: access.organizationId,
    organizationCreatedAt: Number(access.organizationCreatedAt),
    seesEverything: patterns === null,
    sees: (name) => patterns === null || patterns.some((pattern) => matchesPattern(pattern, name)),
  };
}
