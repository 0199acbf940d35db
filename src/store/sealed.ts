// Everything that is encrypted with the application key, for when that key is lost. What is encrypted
// in a cookie ends by itself.
import type { Db } from "./engine/database.ts";

/** Replaces a value that was encrypted with a lost key; see `secrets.ts`. */
const forgotten = "";

/** Passwords, tokens and SSH keys of every organization. */
export function listSealedCredentials(db: Db) {
  return db.read
    .selectFrom("credentials")
    .innerJoin("organizations", "organizations.id", "credentials.organization_id")
    .select(["credentials.id", "credentials.kind", "credentials.name", "credentials.username"])
    .select(["credentials.host", "organizations.slug"])
    .orderBy("credentials.id")
    .execute();
}

/** `reason` is shown beside each until it is entered again. */
export async function forgetPasswords(
  db: Db,
  { now, reason }: { now: number; reason: string },
): Promise<void> {
  await db.write
    .updateTable("credentials")
    .set({ secret: forgotten, refresh_secret: null, renewal_until: null, refused_at: now, error: reason })
    .where("kind", "=", "basic")
    .execute();
}

/** `secret` is encrypted by the caller. */
export async function replaceKeyPair(
  db: Db,
  { id, secret, publicKey }: { id: string; secret: string; publicKey: string },
): Promise<void> {
  await db.write
    .updateTable("credentials")
    .set({ secret, public_key: publicKey })
    .where("id", "=", id)
    .execute();
}

export function listSealedWebhooks(db: Db) {
  return db.read
    .selectFrom("webhooks")
    .innerJoin("repositories", "repositories.id", "webhooks.repository_id")
    .innerJoin("organizations", "organizations.id", "webhooks.organization_id")
    .select(["webhooks.repository_id", "webhooks.state", "repositories.name", "organizations.slug"])
    .orderBy("webhooks.repository_id")
    .execute();
}

/** For every user with a code app: it is still asked for, and no code is accepted. */
export async function forgetCodeApps(db: Db): Promise<string[]> {
  await db.write
    .updateTable("users")
    .set({ totp_secret: null })
    .where("totp_confirmed_at", "is", null)
    .where("totp_secret", "is not", null)
    .execute();
  const query = db.write.updateTable("users").set({ totp_secret: forgotten, totp_last_step: null });
  await query.where("totp_confirmed_at", "is not", null).execute();
  const rows = await db.read
    .selectFrom("users")
    .select("email")
    .where("totp_confirmed_at", "is not", null)
    .where("deleted_at", "is", null)
    .orderBy("email")
    .execute();
  return rows.map(({ email }) => email);
}

/** Returns how many were waiting; the others only lose their text. */
export async function forgetMails(db: Db, reason: string): Promise<number> {
  const failed = { state: "failed", error: reason } as const;
  const query = db.write.updateTable("mails").set(failed).where("state", "=", "waiting");
  const { numUpdatedRows } = await query.executeTakeFirst();
  await db.write.updateTable("mails").set({ body: null }).where("body", "is not", null).execute();
  return Number(numUpdatedRows);
}

/** Returns how many hooks are left at their forges. */
export async function forgetWebhookRemovals(db: Db): Promise<number> {
  const { numDeletedRows } = await db.write.deleteFrom("webhook_removals").executeTakeFirst();
  return Number(numDeletedRows);
}

/** Removes secrets with encrypted data: they are void. */
export async function forgetOneTimeSecrets(db: Db): Promise<void> {
  const sealed = ["setup", "oauth", "first-install"];
  await db.write.deleteFrom("one_time_secrets").where("purpose", "in", sealed).execute();
}

/** Another certificate is ordered at the next start, with a new account. */
export async function forgetCertificates(db: Db): Promise<void> {
  for (const table of ["certificates", "acme_accounts", "acme_challenges"] as const)
    await db.write.deleteFrom(table).execute();
}
