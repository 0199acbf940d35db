// Refresh tokens of credentials: who may use one, and what becomes of it. Each change names the token that it is about,
// so that nothing is written over one that is newer.
import type { Db } from "../engine/database.ts";
import type { CredentialRow } from "../schema.ts";

/** True for one of several callers at once, which may use the refresh token until `until`, or `endRenewal`. */
export function claimRenewal(
  db: Db,
  organizationId: string,
  claim: { id: string; refreshSecret: string; now: number; until: number },
): Promise<boolean> {
  const { id, refreshSecret: was, now, until } = claim;
  const query = withRefreshToken(db, organizationId, { id, was, set: { renewal_until: until } });
  return changedOne(
    query.where(({ eb, or }) => or([eb("renewal_until", "is", null), eb("renewal_until", "<=", now)])),
  );
}

type Renewed = Pick<CredentialRow, "secret" | "refresh_secret" | "expires_at">;

/** Returns false and changes nothing when the refresh token is not `was` any more. */
export function saveRenewed(
  db: Db,
  organizationId: string,
  { id, was, ...renewed }: Renewed & { id: string; was: string },
): Promise<boolean> {
  const set = { ...renewed, renewal_until: null, refused_at: null, error: null };
  return changedOne(withRefreshToken(db, organizationId, { id, was, set }));
}

/** Ends the claim of a caller that could not renew, so that the next may try. */
export async function endRenewal(
  db: Db,
  organizationId: string,
  { id, was }: { id: string; was: string },
): Promise<void> {
  await withRefreshToken(db, organizationId, { id, was, set: { renewal_until: null } }).execute();
}

/** Removes the refresh token, on the condition of `saveRenewed`. */
export function voidRefreshToken(
  db: Db,
  organizationId: string,
  { id, was }: { id: string; was: string },
): Promise<boolean> {
  const set = { refresh_secret: null, renewal_until: null };
  return changedOne(withRefreshToken(db, organizationId, { id, was, set }));
}

function withRefreshToken(
  db: Db,
  organizationId: string,
  { id, was, set }: { id: string; was: string; set: Partial<CredentialRow> },
) {
  return db.write
    .updateTable("credentials")
    .set(set)
    .where("organization_id", "=", organizationId)
    .where("id", "=", id)
    .where("refresh_secret", "=", was);
}

async function changedOne(query: {
  executeTakeFirst(): Promise<{ numUpdatedRows: bigint } | undefined>;
}): Promise<boolean> {
  return Number((await query.executeTakeFirst())?.numUpdatedRows ?? 0) === 1;
}
