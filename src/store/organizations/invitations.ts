// Invitations. The secrets of the links are never stored, only their SHA-256.
import { notFound } from "../../errors.ts";
import type { Db } from "../engine/database.ts";
import type { InvitationRow } from "../schema.ts";

export type Invitation = InvitationRow;

export async function addInvitation(
  db: Db,
  invitation: Omit<InvitationRow, "id" | "accepted_at" | "revoked_at">,
): Promise<Invitation> {
  const row = { ...invitation, id: Bun.randomUUIDv7(), accepted_at: null, revoked_at: null };
  await db.write.insertInto("invitations").values(row).execute();
  return row;
}

/** Open invitations with their sender, newest first, also expired ones. */
export function listInvitations(db: Db, organizationId: string) {
  return open(db)
    .where("invitations.organization_id", "=", organizationId)
    .leftJoin("users", "users.id", "invitations.invited_by")
    .select(["invitations.id", "invitations.email", "invitations.role", "invitations.sent_at"])
    .select(["invitations.expires_at", "users.name as inviter"])
    .orderBy("invitations.id", "desc")
    .execute();
}

export async function findOpenInvitation(
  db: Db,
  organizationId: string,
  email: string,
): Promise<Invitation | null> {
  const query = open(db).selectAll("invitations").where("organization_id", "=", organizationId);
  return (await query.where("email", "=", email).executeTakeFirst()) ?? null;
}

/** Fails as `notFound`, also for an invitation of another organization. */
export async function getInvitation(db: Db, organizationId: string, id: string): Promise<Invitation> {
  const query = open(db).selectAll("invitations").where("organization_id", "=", organizationId);
  const row = await query.where("id", "=", id).executeTakeFirst();
  if (!row) throw notFound("There is no page at this address.");
  return row;
}

/** By the secret of either link, in any state. */
export async function findInvitationByHash(db: Db, hash: string): Promise<Invitation | null> {
  const query = db.read.selectFrom("invitations").selectAll();
  const row = await query
    .where((e) => e.or([e("hash", "=", hash), e("mail_hash", "=", hash)]))
    .executeTakeFirst();
  return row ?? null;
}

/** Saves new links; the old ones become void. */
export async function renewInvitation(
  db: Db,
  id: string,
  change: Pick<InvitationRow, "hash" | "mail_hash" | "invited_by" | "sent_at" | "expires_at">,
): Promise<void> {
  await db.write.updateTable("invitations").set(change).where("id", "=", id).execute();
}

/** True for one of several callers at once, also between accepting and revoking. */
export async function consumeInvitation(
  db: Db,
  { id, hash, now }: { id: string; hash: string; now: number },
): Promise<boolean> {
  const query = db.write.updateTable("invitations").set({ accepted_at: now }).where("id", "=", id);
  const result = await query
    .where((e) => e.or([e("hash", "=", hash), e("mail_hash", "=", hash)]))
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** Returns whether it was still open. */
export async function revokeInvitation(db: Db, id: string, now: number): Promise<boolean> {
  const query = db.write.updateTable("invitations").set({ revoked_at: now }).where("id", "=", id);
  const result = await query
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** Revokes the invitations of somebody who may not invite any more, in one organization or in all. */
export async function revokeInvitationsBy(
  db: Db,
  { userId, organizationId, now }: { userId: string; organizationId: string | null; now: number },
): Promise<void> {
  let query = db.write.updateTable("invitations").set({ revoked_at: now }).where("invited_by", "=", userId);
  if (organizationId !== null) query = query.where("organization_id", "=", organizationId);
  await query.where("accepted_at", "is", null).where("revoked_at", "is", null).execute();
}

function open(db: Db) {
  return db.read
    .selectFrom("invitations")
    .where("invitations.accepted_at", "is", null)
    .where("invitations.revoked_at", "is", null);
}
