// Who is asking: a Composer token in whatever form clients send it.
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
  /** Whether the token may know of the package. */
  sees(name: string): boolean;
  seesEverything: boolean;
  /** Whether the token is good at this moment still; that counts as a use of it. */
  isUsable(): boolean;
};

/** `moved`: the token is good, but the organization has another address now. */
export type Refused = { refused: "unknown" | "expired" } | { refused: "moved"; slug: string };

export type TokenAuth = {
  /**
   * Looks at the request's token for this organization; revoking works on the very next call. No promise where the
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
/** Of one network, for the log: whose bad token it was. */
const lookUpsPerMinute = 60;

/** What is known of one Authorization header, while no other connection has committed anything. */
type Known = { access: TokenRights; reader: TokenAccess; version: DataVersion; touchAt: number };

export function createTokenAuth(app: App): TokenAuth {
  const remembered = new Map<string, Known>();
  const used = new Set<string>();
  const { admits: isLookedUp } = createRateLimit({ limit: lookUpsPerMinute, windowMs: 60_000, now: app.now });
  /** Never goes back: a token that has expired stays so when the clock is set back, until the next start. */
  let latest = 0;

  function judge(known: Known, { address }: RequestContext): TokenAccess | Refused {
    if (!use(known)) {
      app.log.info("token.bad", { reason: "expired", token: known.access.tokenId, address });
      return { refused: "expired" };
    }
    return known.reader;
  }

  /** False when the token has expired. */
  function use(known: Known): boolean {
    const now = (latest = Math.max(latest, app.now()));
    if (known.access.expiresAt !== null && known.access.expiresAt <= now) return false;
    if (now >= known.touchAt) {
      used.add(known.access.tokenId);
      known.touchAt = now + usedEveryMs;
    }
    return true;
  }

  function learn(
    key: string,
    access: TokenRights,
    { context, version }: { context: RequestContext; version: DataVersion },
  ): TokenAccess | Refused {
    const touchAt = Math.max((access.lastUsedAt ?? 0) + usedEveryMs, remembered.get(key)?.touchAt ?? 0);
    const known: Known = { access, version, touchAt, reader: readerOf(access, () => use(known)) };
    if (remembered.size >= rememberedTokens) remembered.clear();
    remembered.set(key, known);
    return judge(known, context);
  }

  return {
    read(slug, context, version) {
      const header = context.request.headers.get("authorization");
      const key = `${slug} ${header}`;
      const known = remembered.get(key);
      if (known && version !== null && known.version === version) return judge(known, context);
      const token = tokenIn(header);
      if (token === null) return { refused: "unknown" };
      const hash = hashToken(token);
      return thenMaybe(findAccess(app.db, slug, hash), (access) => {
        if (access) return learn(key, access, { context, version });
        return refuse(app, { slug, hash, address: context.address, isLookedUp });
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

type Bad = { slug: string; hash: string; address: string; isLookedUp: (network: string) => boolean };

/** A former address is told to nobody but to whom the organization's tokens are known. */
async function refuse(app: App, bad: Bad): Promise<Refused> {
  const { slug, hash } = bad;
  const moved = await findMovedSlugForToken(app.db, { slug, hash, now: app.now() });
  if (moved !== null) return { refused: "moved", slug: moved };
  void tellWhose(app, bad);
  return { refused: "unknown" };
}

/** The answer to all of these is the same; whose token it was is for the operator alone. */
async function tellWhose({ db, log }: App, { slug, hash, address, isLookedUp }: Bad): Promise<void> {
  const organization = slug.slice(0, 40);
  const place = { organization, address };
  if (!isLookedUp(networkOf(address))) return log.info("token.bad", { reason: "one of many", ...place });
  try {
    const token = await findTokenByHash(db, hash);
    if (!token) log.info("token.bad", { reason: "unknown", ...place });
    else if (token.revoked_at !== null) log.info("token.revoked_use", { ...place, token: token.id });
    else log.warn("authz.denied", { ...place, token: token.id });
  } catch (error) {
    log.warn("token.not_looked_up", { ...place, reason: messageOf(error) });
  }
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

function readerOf(access: TokenRights, isUsable: () => boolean): TokenAccess {
  const patterns = access.packages === null ? null : (JSON.parse(access.packages) as string[]);
  return {
    tokenId: access.tokenId,
    organizationId: access.organizationId,
    organizationCreatedAt: access.organizationCreatedAt,
    seesEverything: patterns === null,
    isUsable,
    sees: (name) => patterns === null || patterns.some((pattern) => matchesPattern(pattern, name)),
  };
}
