import { conflict, notFound } from "../../errors.ts";
import type { Db } from "../engine/database.ts";
import type { UserRow } from "../schema.ts";

export type User = UserRow;
export type NewUser = {
  email: string;
  name: string;
  passwordHash: string | null;
  isAdmin: boolean;
  /** When the address was verified; omitted for an unverified one. */
  verifiedAt?: number;
  now: number;
};

/** Fails as `conflict` when the address is taken. */
export async function addUser(db: Db, user: NewUser): Promise<User> {
  const email = user.email.toLowerCase();
  if (await findUser(db, email))
    throw conflict(`There is a user with the address ${email} already.`, {
      code: "email_taken",
      field: "email",
    });
  const row: User = {
    id: Bun.randomUUIDv7(),
    email,
    name: user.name,
    password_hash: user.passwordHash,
    is_admin: user.isAdmin ? 1 : 0,
    created_at: user.now,
    email_verified_at: user.verifiedAt ?? null,
    deleted_at: null,
    theme: null,
    totp_secret: null,
    totp_confirmed_at: null,
    totp_last_step: null,
    session_generation: "",
  };
  await db.write.insertInto("users").values(row).execute();
  return row;
}

export async function findUser(db: Db, email: string): Promise<User | null> {
  const query = db.read.selectFrom("users").selectAll().where("email", "=", email.toLowerCase());
  return (await query.executeTakeFirst()) ?? null;
}

export async function getUser(db: Db, email: string): Promise<User> {
  const user = await findUser(db, email);
  if (!user)
    throw notFound(`There is no user with the address ${email}.`, {
      remedy: { do: "list", what: "users", organization: null },
    });
  return user;
}

export function listUsers(db: Db): Promise<User[]> {
  return db.read.selectFrom("users").selectAll().where("deleted_at", "is", null).orderBy("email").execute();
}

/** Only `setNewPassword` calls it, which also ends the sessions of the old password. */
export async function setPassword(db: Db, userId: string, passwordHash: string | null): Promise<void> {
  await db.write.updateTable("users").set({ password_hash: passwordHash }).where("id", "=", userId).execute();
}

/** Stores another hash of the same password, unless a new one was set meanwhile. */
export async function replacePasswordHash(
  db: Db,
  userId: string,
  { old, hash }: { old: string; hash: string },
): Promise<void> {
  const query = db.write.updateTable("users").set({ password_hash: hash }).where("id", "=", userId);
  await query.where("password_hash", "=", old).execute();
}

export async function findUserById(db: Db, id: string): Promise<User | null> {
  return (await db.read.selectFrom("users").selectAll().where("id", "=", id).executeTakeFirst()) ?? null;
}

export async function updateUser(
  db: Db,
  id: string,
  change: Partial<Omit<UserRow, "id" | "created_at">>,
): Promise<void> {
  await db.write.updateTable("users").set(change).where("id", "=", id).execute();
}

/** The names of users by id; deleted users are left out. */
export async function listUserNames(db: Db, ids: string[]): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db.read.selectFrom("users").select(["id", "name"]).where("id", "in", ids).execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

export async function hasUsers(db: Db): Promise<boolean> {
  return (await db.read.selectFrom("users").select("id").limit(1).executeTakeFirst()) !== undefined;
}

/** Uses a time step of a code app up: of two requests with the same code, one gets true. */
export async function consumeTotpStep(db: Db, id: string, step: number): Promise<boolean> {
  const query = db.write.updateTable("users").set({ totp_last_step: step }).where("id", "=", id);
  const isLater = query.where(({ eb, or }) =>
    or([eb("totp_last_step", "is", null), eb("totp_last_step", "<", step)]),
  );
  return Number((await isLater.executeTakeFirst()).numUpdatedRows) === 1;
}

/** The number of administrators. */
export async function countAdministrators(db: Db): Promise<number> {
  const row = await db.read
    .selectFrom("users")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("is_admin", "=", 1)
    .where("deleted_at", "is", null)
    .executeTakeFirstOrThrow();
  return row.count;
}

/** Deletes the user: the name stays in the activity, the address is free again. */
export async function markDeleted(db: Db, id: string, now: number): Promise<void> {
  await updateUser(db, id, {
    email: `${id}@deleted.invalid`,
    password_hash: null,
    is_admin: 0,
    email_verified_at: null,
    theme: null,
    totp_secret: null,
    totp_confirmed_at: null,
    totp_last_step: null,
    deleted_at: now,
  });
}

export function listMailRecipients(db: Db, ids: string[]): Promise<{ email: string }[]> {
  const query = db.read.selectFrom("users").select("email").where("id", "in", ids);
  return query.where("deleted_at", "is", null).execute();
}

/** Administrators, and users with one of these verified addresses, in lower case. */
export function listOperators(db: Db, emails: string[]): Promise<{ email: string }[]> {
  return db.read
    .selectFrom("users")
    .select("email")
    .where("deleted_at", "is", null)
    .where((e) =>
      e.or([
        e("is_admin", "=", 1),
        ...(emails.length === 0
          ? []
          : [
              e.and([
                e("email_verified_at", "is not", null),
                e(e.fn<string>("lower", ["email"]), "in", emails),
              ]),
            ]),
      ]),
    )
    .orderBy("email")
    .execute();
}
