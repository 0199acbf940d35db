// Access tokens. The token itself is never stored: `hash` is its SHA-256.
import type { Statement } from "bun:sqlite";
import { sql } from "kysely";
import { notFound } from "../errors.ts";
import type { Db } from "./engine/database.ts";
import type { TokenRow } from "./schema.ts";

export type Token = TokenRow;

/** What a request may see: the requested organization, and which of its packages. */
export type TokenRights = {
  tokenId: string;
  organizationId: string;
  /** JSON list of package patterns, or null for all. */
  packages: string | null;
  expiresAt: number | null;
  lastUsedAt: number | null;
  organizationCreatedAt: number;
};

export async function addToken(
  db: Db,
  token: Omit<TokenRow, "id" | "last_used_at" | "revoked_at">,
): Promise<Token> {
  const row = { ...token, id: Bun.randomUUIDv7(), last_used_at: null, revoked_at: null };
  await db.write.insertInto("tokens").values(row).execute();
  return row;
}

/** Tokens of organizations and users with their owners, newest first. */
export function listTokens(db: Db, organizationId?: string) {
  let query = db.read
    .selectFrom("tokens")
    .leftJoin("organizations", "organizations.id", "tokens.organization_id")
    .leftJoin("users", "users.id", "tokens.user_id")
    .selectAll("tokens")
    .select(["organizations.slug as organization", "users.email as user"])
    .orderBy("tokens.id", "desc");
  if (organizationId) query = query.where("tokens.organization_id", "=", organizationId);
  return query.execute();
}

export type TokenOwner = { organizationId: string } | { userId: string };

/** Tokens that are not revoked and did not expire before `expiredAfter`, with their creators' names, newest first. */
export function listTokensOf(db: Db, owner: TokenOwner, expiredAfter: number) {
  return ownedBy(db, owner)
    .leftJoin("users", "users.id", "tokens.created_by")
    .selectAll("tokens")
    .select("users.name as creator")
    .where("tokens.revoked_at", "is", null)
    .where((e) => e.or([e("tokens.expires_at", "is", null), e("tokens.expires_at", ">", expiredAfter)]))
    .orderBy("tokens.id", "desc")
    .execute();
}

/** null for a token that does not exist, is revoked, or belongs to somebody else. */
export async function findTokenOf(db: Db, owner: TokenOwner, id: string): Promise<Token | null> {
  const query = ownedBy(db, owner).selectAll("tokens").where("tokens.id", "=", id);
  return (await query.where("tokens.revoked_at", "is", null).executeTakeFirst()) ?? null;
}

/**
 * The organization's tokens by id or name, also revoked ones, and its members' by id; usable ones first, then the
 * newest.
 */
export async function findTokensCalled(db: Db, organizationId: string, idOrName: string): Promise<Token[]> {
  const rows = await db.read
    .selectFrom("tokens")
    .selectAll()
    .where((e) =>
      e.or([
        e.and([
          e("organization_id", "=", organizationId),
          e.or([e("id", "=", idOrName), e("name", "=", idOrName)]),
        ]),
        e.and([
          e("id", "=", idOrName),
          e.exists(
            e
              .selectFrom("members")
              .select("members.user_id")
              .whereRef("members.user_id", "=", "tokens.user_id")
              .where("members.organization_id", "=", organizationId),
          ),
        ]),
      ]),
    )
    .orderBy("id", "desc")
    .execute();
  return rows.toSorted((a, b) => Number(a.revoked_at !== null) - Number(b.revoked_at !== null));
}

/** Whether Composer could use any token: one of the organization, or a personal one of this member. */
export async function hasToken(db: Db, organizationId: string, userId: string): Promise<boolean> {
  const row = await db.read
    .selectFrom("tokens")
    .select("id")
    .where("revoked_at", "is", null)
    .where((e) => e.or([e("organization_id", "=", organizationId), e("user_id", "=", userId)]))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The names of tokens by id, revoked ones too. */
export async function listTokenNames(db: Db, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.read.selectFrom("tokens").select(["id", "name"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** The organization's valid tokens. */
export async function countUsableTokens(db: Db, organizationId: string, now: number): Promise<number> {
  const row = await ownedBy(db, { organizationId })
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("tokens.revoked_at", "is", null)
    .where((e) => e.or([e("tokens.expires_at", "is", null), e("tokens.expires_at", ">", now)]))
    .executeTakeFirstOrThrow();
  return row.count;
}

function ownedBy(db: Db, owner: TokenOwner) {
  const tokens = db.read.selectFrom("tokens");
  return "organizationId" in owner
    ? tokens.where("tokens.organization_id", "=", owner.organizationId)
    : tokens.where("tokens.user_id", "=", owner.userId);
}

/** Also revoked tokens, of any owner. */
export async function findTokenByHash(db: Db, hash: string): Promise<Token | null> {
  const query = db.read.selectFrom("tokens").selectAll().where("hash", "=", hash);
  return (await query.executeTakeFirst()) ?? null;
}

/** The token's name; null when it does not exist any more. */
export async function findTokenName(db: Db, id: string): Promise<string | null> {
  const query = db.read.selectFrom("tokens").select("name").where("id", "=", id);
  return (await query.executeTakeFirst())?.name ?? null;
}

/** Revokes the token from the next request on. Fails as `notFound`. */
export async function revokeToken(db: Db, id: string, now: number): Promise<Token> {
  const token = await db.read.selectFrom("tokens").selectAll().where("id", "=", id).executeTakeFirst();
  if (!token)
    throw notFound(`There is no token with the id ${id}.`, {
      remedy: { do: "list", what: "tokens", organization: null },
    });
  const revoked = db.write.updateTable("tokens").set({ revoked_at: now });
  await revoked.where("id", "=", id).where("revoked_at", "is", null).execute();
  return token;
}

/** Revokes all personal tokens of the user. */
export async function revokePersonalTokens(db: Db, userId: string, now: number): Promise<void> {
  const query = db.write.updateTable("tokens").set({ revoked_at: now }).where("user_id", "=", userId);
  await query.where("revoked_at", "is", null).execute();
}

/** Revokes the personal tokens that were made at `since` or later. */
export async function revokePersonalTokensSince(
  db: Db,
  userId: string,
  { since, now }: { since: number; now: number },
): Promise<void> {
  const query = db.write.updateTable("tokens").set({ revoked_at: now }).where("user_id", "=", userId);
  await query.where("revoked_at", "is", null).where("created_at", ">=", since).execute();
}

/** Sets when tokens were last used; older times never overwrite newer ones. */
export async function markTokensUsed(db: Db, ids: string[], now: number): Promise<void> {
  await db.write
    .updateTable("tokens")
    .set({ last_used_at: now })
    .where("id", "in", ids)
    .where((e) => e.or([e("last_used_at", "is", null), e("last_used_at", "<", now)]))
    .execute();
}

// One statement answers "who is asking, for which organization, and may they": a token of that organization,
// or a personal token of one of its members. It runs on every request, hence the prepared form for SQLite.
const accessSql = (slug: string, hash: string) => sql<TokenRights>`
  select t.id as "tokenId", o.id as "organizationId", t.packages as "packages", t.expires_at as "expiresAt",
    t.last_used_at as "lastUsedAt", o.created_at as "organizationCreatedAt"
  from tokens t join organizations o on o.slug = ${slug}
  where t.hash = ${hash} and t.revoked_at is null and (t.organization_id = o.id or exists (
    select 1 from members m where m.organization_id = o.id and m.user_id = t.user_id))`;

const prepared = new WeakMap<object, Statement<TokenRights, [string, string]>>();

/** null for an unknown organization, an unknown or revoked token, and a token of somebody else. */
export function findAccess(
  db: Db,
  slug: string,
  hash: string,
): TokenRights | null | Promise<TokenRights | null> {
  if (!db.sqlite)
    return accessSql(slug, hash)
      .execute(db.read)
      .then(({ rows }) => rows[0] ?? null);
  let statement = prepared.get(db.sqlite);
  if (!statement) {
    const { sql: text } = accessSql("", "").compile(db.read);
    prepared.set(db.sqlite, (statement = db.sqlite.prepare<TokenRights, [string, string]>(text)));
  }
  return statement.get(slug, hash);
}
