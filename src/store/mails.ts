// Mail: waiting for a mail server, sent, kept for administrators, or given up.
import { notFound } from "../errors.ts";
import type { Db } from "./engine/database.ts";
import type { MailRow } from "./schema.ts";

export type StoredMail = MailRow;

export async function addMail(
  db: Db,
  mail: Pick<MailRow, "id" | "recipient" | "subject" | "body" | "created_at">,
): Promise<void> {
  const row = {
    ...mail,
    state: "waiting",
    error: null,
    next_try_at: mail.created_at,
    sent_at: null,
  } as const;
  await db.write.insertInto("mails").values(row).execute();
}

/** Waiting mails that are due, oldest first. */
export function listDueMails(db: Db, now: number, limit: number): Promise<StoredMail[]> {
  return db.read
    .selectFrom("mails")
    .selectAll()
    .where("state", "=", "waiting")
    .where("next_try_at", "<=", now)
    .orderBy("id")
    .limit(limit)
    .execute();
}

/** Newest first, without their text. `before` is the last id of the previous page. */
export function listMails(db: Db, { limit, before }: { limit: number; before: string | null }) {
  let query = db.read
    .selectFrom("mails")
    .select(["id", "recipient", "subject", "state", "error", "created_at", "next_try_at", "sent_at"]);
  if (before !== null) query = query.where("id", "<", before);
  return query.orderBy("id", "desc").limit(limit).execute();
}

/** Fails as `notFound`. */
export async function getMail(db: Db, id: string): Promise<StoredMail> {
  const mail = await db.read.selectFrom("mails").selectAll().where("id", "=", id).executeTakeFirst();
  if (!mail) throw notFound("There is no such mail.");
  return mail;
}

export async function updateMail(
  db: Db,
  id: string,
  change: Partial<Pick<MailRow, "state" | "error" | "body" | "next_try_at" | "sent_at">>,
): Promise<void> {
  await db.write.updateTable("mails").set(change).where("id", "=", id).execute();
}

/** Removes mails in any state: the links in them have long expired. */
export async function pruneMails(db: Db, before: number): Promise<void> {
  await db.write.deleteFrom("mails").where("created_at", "<", before).execute();
}
