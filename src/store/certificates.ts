// Certificates from an authority, the accounts that they were ordered with, and the challenges that are open. Every
// secret is encrypted by the caller.
import { insertNew, upsert, type Db } from "./engine/database.ts";
import type { AcmeChallengeRow, CertificateRow } from "./schema.ts";

export type StoredCertificate = CertificateRow;

const listed = 10;

/** The newest first. */
export function listCertificates(db: Db): Promise<StoredCertificate[]> {
  const query = db.read.selectFrom("certificates").selectAll();
  return query.orderBy("created_at", "desc").orderBy("id", "desc").limit(listed).execute();
}

/** Adds one, and removes all but the newest few. */
export async function addCertificate(db: Db, row: CertificateRow): Promise<void> {
  await db.write.insertInto("certificates").values(row).execute();
  const kept = (await listCertificates(db)).slice(0, 3).map(({ id }) => id);
  await db.write
    .deleteFrom("certificates")
    .where("id", "not in", [row.id, ...kept])
    .execute();
}

/** The encrypted key of the account at this directory; null when there is none. */
export async function findAcmeAccount(db: Db, directory: string): Promise<string | null> {
  const query = db.read.selectFrom("acme_accounts").select("private_key").where("directory", "=", directory);
  return (await query.executeTakeFirst())?.private_key ?? null;
}

/** Of two callers at once the first one's stays. */
export async function addAcmeAccount(
  db: Db,
  { directory, privateKey, now }: { directory: string; privateKey: string; now: number },
): Promise<void> {
  const row = { directory, private_key: privateKey, created_at: now };
  await insertNew(db, "acme_accounts", row, ["directory"]);
}

export async function putChallenge(db: Db, row: AcmeChallengeRow): Promise<void> {
  await upsert(db, "acme_challenges", row, { key: ["token"], update: ["authorization", "created_at"] });
}

/** The encrypted answer; null when no order expects this challenge. */
export async function findChallenge(db: Db, token: string): Promise<string | null> {
  const query = db.read.selectFrom("acme_challenges").select("authorization").where("token", "=", token);
  return (await query.executeTakeFirst())?.authorization ?? null;
}

export async function removeChallenge(db: Db, token: string): Promise<void> {
  await db.write.deleteFrom("acme_challenges").where("token", "=", token).execute();
}

/** Those that a killed process left. */
export async function pruneChallenges(db: Db, before: number): Promise<void> {
  await db.write.deleteFrom("acme_challenges").where("created_at", "<", before).execute();
}
