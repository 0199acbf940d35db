// Authenticates Composer tokens, in each form in which clients send them.
import type { App } from "../../app.ts";
import { matchesPattern } from "../../composer/name.ts";
import { messageOf } from "../../errors.ts";
import { networkOf } from "../../net.ts";
import { hashToken } from "../../registry/tokens.ts";
import type { DataVersion } from "../../store/engine/data-version.ts";
import { findMovedSlugForToken } from "../../store/organizations/former-slugs.ts";
import { findAccess, findTokenByHash, markTokensUsed, type TokenRights } from "../../store/tokens.ts";
import type { RequestContext } from "../request/context.ts";
import { createRateLimit } from "../webhooks/rate-limit.ts";
import { thenMaybe } from "./maybe-async.ts";

export type TokenAccess = {
  tokenId: string;
  organizationId: string;
  organizationCreatedAt: number;
  /** Whether the token may see the package. */
  sees(name: string): boolean;
  seesEverything: boolean;
  /** Whether the token is still valid now; counts as a use of it. */
  isUsable(): boolean;
};

/** `moved`: the token is valid, but the organization has another address now. */
export type Refused = { refused: "unknown" | "expired" } | { refused: "moved"; slug: string };

export type TokenAuth = {
  /**
   * Checks the request's token for this organization; a revoked one fails on the very next call. No promise where the
   * database answers at once: on SQLite, and that is what makes the hot routes fast.
   */
  read(
    slug: string,
    context: RequestContext,
    version: DataVersion,
  ): TokenAccess | Refused | Promise<TokenAccess | Refused>;
  /** Writes when tokens were last used, at most once a minute each. */
  flush(): Promise<void>;
};

const maxTokenLength = 512;
const usedEveryMs = 60_000;
const rememberedTokens = 10_000;
/** Lookups of one network's bad tokens, for the log: whose they were. */
const lookupsPerMinute = 60;

/** What one Authorization header stands for, valid until another connection commits. */
type Known = { rights: TokenRights; token: TokenAccess; version: DataVersion; touchAt: number };

export function createTokenAuth(app: App): TokenAuth {
  const remembered = new Map<string, Known>();
  const used = new Set<string>();
  const { admits: shouldLookUp } = createRateLimit({
    limit: lookupsPerMinute,
    windowMs: 60_000,
    now: app.now,
  });
  /** Never goes back: an expired token stays expired when the clock is set back, until the next start. */
  let latest = 0;

  function check(known: Known, { address }: RequestContext): TokenAccess | Refused {
    if (!use(known)) {
      app.log.info("token.bad", { reason: "expired", token: known.rights.tokenId, address });
      return { refused: "expired" };
    }
    return known.token;
  }

  /** False when the token has expired. */
  function use(known: Known): boolean {
    const now = (latest = Math.max(latest, app.now()));
    if (known.rights.expiresAt !== null && known.rights.expiresAt <= now) return false;
    if (now >= known.touchAt) {
      used.add(known.rights.tokenId);
      known.touchAt = now + usedEveryMs;
    }
    return true;
  }

  function remember(
    key: string,
    rights: TokenRights,
    { context, version }: { context: RequestContext; version: DataVersion },
  ): TokenAccess | Refused {
    const touchAt = Math.max((rights.lastUsedAt ?? 0) + usedEveryMs, remembered.get(key)?.touchAt ?? 0);
    const known: Known = { rights, version, touchAt, token: accessOf(rights, () => use(known)) };
    if (remembered.size >= rememberedTokens) remembered.clear();
    remembered.set(key, known);
    return check(known, context);
  }

  return {
    read(slug, context, version) {
      const header = context.request.headers.get("authorization");
      const key = `${slug} ${header}`;
      const known = remembered.get(key);
      if (known && version !== null && known.version === version) return check(known, context);
      const text = tokenIn(header);
      if (text === null) return { refused: "unknown" };
      const hash = hashToken(text);
      return thenMaybe(findAccess(app.db, slug, hash), (rights) => {
        if (rights) return remember(key, rights, { context, version });
        return refuse(app, { slug, hash, address: context.address, shouldLookUp });
      });
    },
    async flush() {
      if (used.size === 0) return;
      const ids = [...used];
      used.clear();
      try {
        await markTokensUsed(app.db, ids, app.now());
      } catch (error) {
        app.log.warn("tokens.use_not_written", { reason: messageOf(error) });
      }
    },
  };
}

type Bad = { slug: string; hash: string; address: string; shouldLookUp: (network: string) => boolean };

/** Names the new address only to a client that has one of the organization's tokens. */
async function refuse(app: App, bad: Bad): Promise<Refused> {
  const { slug, hash } = bad;
  const moved = await findMovedSlugForToken(app.db, { slug, hash, now: app.now() });
  if (moved !== null) return { refused: "moved", slug: moved };
  void logWhose(app, bad);
  return { refused: "unknown" };
}

/** Logs whose token it was, for the operator; the answer to the client is the same for all of these. */
async function logWhose({ db, log }: App, { slug, hash, address, shouldLookUp }: Bad): Promise<void> {
  const organization = slug.slice(0, 40);
  const where = { organization, address };
  if (!shouldLookUp(networkOf(address))) return log.info("token.bad", { reason: "one of many", ...where });
  try {
    const token = await findTokenByHash(db, hash);
    if (!token) log.info("token.bad", { reason: "unknown", ...where });
    else if (token.revoked_at !== null) log.info("token.revoked_use", { ...where, token: token.id });
    else log.warn("authz.denied", { ...where, token: token.id });
  } catch (error) {
    log.warn("token.not_looked_up", { ...where, reason: messageOf(error) });
  }
}

/** The token of a Basic header, as its password or as its user with an empty password, or of a Bearer header. */
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

function accessOf(rights: TokenRights, isUsable: () => boolean): TokenAccess {
  const patterns = rights.packages === null ? null : (JSON.parse(rights.packages) as string[]);
  return {
    tokenId: rights.tokenId,
    organizationId: rights.organizationId,
    organizationCreatedAt: rights.organizationCreatedAt,
    seesEverything: patterns === null,
    isUsable,
    sees: (name) => patterns === null || patterns.some((pattern) => matchesPattern(pattern, name)),
  };
}
