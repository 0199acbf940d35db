import type { Db } from "../engine/database.ts";
import type { CredentialRow } from "../schema.ts";

export type Credential = CredentialRow;

/** Omitted columns are null: only an account at a forge has them. */
type NewCredential = Pick<
  CredentialRow,
  | "id"
  | "organization_id"
  | "kind"
  | "username"
  | "secret"
  | "public_key"
  | "created_at"
  | "name"
  | "host"
  | "created_by"
> &
  Partial<CredentialRow>;

/** `secret` is encrypted by the caller, who also makes the id: it is part of the encryption. */
export async function addCredential(db: Db, row: NewCredential): Promise<void> {
  await db.write.insertInto("credentials").values(row).execute();
}

export async function findCredential(
  db: Db,
  organizationId: string,
  id: string,
): Promise<CredentialRow | null> {
  const query = db.read.selectFrom("credentials").selectAll().where("organization_id", "=", organizationId);
  return (await query.where("id", "=", id).executeTakeFirst()) ?? null;
}

/** Names are not unique: returns the oldest. */
export async function findCredentialByName(
  db: Db,
  organizationId: string,
  name: string,
): Promise<CredentialRow | null> {
  const query = db.read.selectFrom("credentials").selectAll().where("organization_id", "=", organizationId);
  return (await query.where("name", "=", name).orderBy("id").limit(1).executeTakeFirst()) ?? null;
}

/** Credentials of one kind or all, oldest first, without their secrets. */
export function listCredentials(db: Db, organizationId: string, kind?: CredentialRow["kind"]) {
  let query = db.read
    .selectFrom("credentials")
    .select(["id", "kind", "name", "username", "host", "public_key", "created_at", "created_by"])
    .select(["provider", "origin", "account", "scopes", "expires_at", "refused_at", "error", "granted_at"])
    .select(["rate_limit", "rate_remaining", "rate_resets_at"])
    .where("organization_id", "=", organizationId)
    .orderBy("id");
  if (kind) query = query.where("kind", "=", kind);
  return query.execute();
}

/** Accounts at forges, the oldest first. */
export function listForgeCredentials(db: Db, organizationId: string) {
  return db.read
    .selectFrom("credentials")
    .select(["id", "kind", "name", "username", "host", "provider", "account"])
    .where("organization_id", "=", organizationId)
    .where("provider", "is not", null)
    .orderBy("id")
    .execute();
}

export type ListedCredential = Awaited<ReturnType<typeof listCredentials>>[number];

/** Every repository that has a credential, with the credential's id. */
export function listCredentialUses(db: Db, organizationId: string) {
  return db.read
    .selectFrom("repositories")
    .select(["repositories.name", "repositories.credential_id"])
    .where("organization_id", "=", organizationId)
    .where("credential_id", "is not", null)
    .orderBy("name")
    .execute();
}

export async function countCredentialUses(db: Db, organizationId: string, id: string): Promise<number> {
  const row = await db.read
    .selectFrom("repositories")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("organization_id", "=", organizationId)
    .where("credential_id", "=", id)
    .executeTakeFirstOrThrow();
  return row.count;
}

export async function updateCredential(
  db: Db,
  organizationId: string,
  { id, ...change }: Pick<CredentialRow, "id"> & Partial<Omit<CredentialRow, "organization_id" | "kind">>,
): Promise<void> {
  const query = db.write.updateTable("credentials").set(change).where("organization_id", "=", organizationId);
  await query.where("id", "=", id).execute();
}

/** What an account at a forge has granted to the organization. */
export async function findGranted(
  db: Db,
  organizationId: string,
  account: { provider: string; origin: string; account: string },
): Promise<CredentialRow | null> {
  const query = db.read.selectFrom("credentials").selectAll().where("organization_id", "=", organizationId);
  const row = await query
    .where("provider", "=", account.provider)
    .where("origin", "=", account.origin)
    .where("account", "=", account.account)
    .where("granted_at", "is not", null)
    .orderBy("id")
    .executeTakeFirst();
  return row ?? null;
}

/** Saves the forge's message; returns whether this is the first refusal. */
export async function markRefused(
  db: Db,
  organizationId: string,
  { id, now, error }: { id: string; now: number; error: string },
): Promise<boolean> {
  const query = db.write
    .updateTable("credentials")
    .set({ refused_at: now, error })
    .where("organization_id", "=", organizationId)
    .where("id", "=", id);
  const { numUpdatedRows } = await query.where("refused_at", "is", null).executeTakeFirst();
  if (Number(numUpdatedRows) === 1) return true;
  await updateCredential(db, organizationId, { id, error });
  return false;
}

export async function endRefusal(db: Db, organizationId: string, id: string): Promise<void> {
  await updateCredential(db, organizationId, { id, refused_at: null, error: null });
}

export async function removeCredential(db: Db, organizationId: string, id: string): Promise<void> {
  const query = db.write.deleteFrom("credentials").where("organization_id", "=", organizationId);
  await query.where("id", "=", id).execute();
}
