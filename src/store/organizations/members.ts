import { notFound } from "../../errors.ts";
import { holdsWord, upsert, type Db } from "../engine/database.ts";
import type { MemberRow, OrganizationRow, Role } from "../schema.ts";

type Member = MemberRow;
export type Membership = { organization: OrganizationRow; member: Member };

/** Adds the user to the organization, or changes the role. */
export async function setMember(
  db: Db,
  organizationId: string,
  { userId, role, now }: { userId: string; role: Role; now: number },
): Promise<void> {
  const row = {
    organization_id: organizationId,
    user_id: userId,
    role,
    created_at: now,
    seen_at: null,
    onboarding_dismissed_at: null,
  };
  await upsert(db, "members", row, { key: ["organization_id", "user_id"], update: ["role"] });
}

/** null for an organization that does not exist and for one where the user is no member. */
export async function findMembership(db: Db, slug: string, userId: string): Promise<Membership | null> {
  const organization = await db.read
    .selectFrom("organizations")
    .selectAll()
    .where("slug", "=", slug)
    .executeTakeFirst();
  if (!organization) return null;
  const member = await db.read
    .selectFrom("members")
    .selectAll()
    .where("organization_id", "=", organization.id)
    .where("user_id", "=", userId)
    .executeTakeFirst();
  return member ? { organization, member } : null;
}

/** The organizations of a user by name, with role and last visit. */
export function listMemberships(db: Db, userId: string) {
  return db.read
    .selectFrom("members")
    .innerJoin("organizations", "organizations.id", "members.organization_id")
    .select([
      "organizations.id",
      "organizations.slug",
      "organizations.name",
      "members.role",
      "members.seen_at",
    ])
    .where("members.user_id", "=", userId)
    .orderBy("organizations.name")
    .execute();
}

export async function countMembers(
  db: Db,
  organizationId: string,
  now: number,
): Promise<{ members: number; invited: number }> {
  const members = await db.read
    .selectFrom("members")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("organization_id", "=", organizationId)
    .executeTakeFirstOrThrow();
  const invited = await db.read
    .selectFrom("invitations")
    .select((e) => e.fn.countAll<number>().as("count"))
    .where("organization_id", "=", organizationId)
    .where("accepted_at", "is", null)
    .where("revoked_at", "is", null)
    .where("expires_at", ">", now)
    .executeTakeFirstOrThrow();
  return { members: members.count, invited: invited.count };
}

/** Saves the member's last visit, and when the first steps were dismissed. */
export async function updateMember(
  db: Db,
  organizationId: string,
  {
    userId,
    change,
  }: { userId: string; change: Partial<Pick<MemberRow, "seen_at" | "onboarding_dismissed_at">> },
): Promise<void> {
  const query = db.write.updateTable("members").set(change).where("organization_id", "=", organizationId);
  await query.where("user_id", "=", userId).execute();
}

/** The memberships of these users. */
export function listMembersAmong(db: Db, userIds: string[]) {
  const query = db.read.selectFrom("members").select(["organization_id", "user_id", "role"]);
  return query.where("user_id", "in", userIds).execute();
}

/** Organizations that nobody owns: commands made them. */
export function listOwnerless(db: Db): Promise<OrganizationRow[]> {
  return db.read
    .selectFrom("organizations")
    .selectAll()
    .where((e) =>
      e.not(
        e.exists(
          e
            .selectFrom("members")
            .select("members.user_id")
            .whereRef("members.organization_id", "=", "organizations.id")
            .where("members.role", "=", "owner"),
        ),
      ),
    )
    .orderBy("slug")
    .execute();
}

type MemberFilter = { terms: string[]; role: Role | null };

/**
 * The people of an organization: the owner, admins, members, each by name. Every word must stand in name or address.
 */
export function listMembers(db: Db, organizationId: string, { terms, role }: MemberFilter) {
  let query = db.read
    .selectFrom("members")
    .innerJoin("users", "users.id", "members.user_id")
    .select(["users.id", "users.name", "users.email", "members.role", "members.created_at"])
    .select("members.seen_at")
    .where("members.organization_id", "=", organizationId);
  if (role !== null) query = query.where("members.role", "=", role);
  for (const word of terms)
    query = query.where((e) => e.or([holdsWord("users.name", word), holdsWord("users.email", word)]));
  return query
    .orderBy((e) =>
      e
        .case()
        .when("members.role", "=", "owner")
        .then(0)
        .when("members.role", "=", "admin")
        .then(1)
        .else(2)
        .end(),
    )
    .orderBy("users.name")
    .execute();
}

export type ListedMember = Awaited<ReturnType<typeof listMembers>>[number];

/** Fails as `notFound`, with the same message for no member and for no user. */
export async function getMember(db: Db, organizationId: string, userId: string) {
  const member = await db.read
    .selectFrom("members")
    .innerJoin("users", "users.id", "members.user_id")
    .select(["users.id", "users.name", "users.email", "members.role", "members.created_at"])
    .where("members.organization_id", "=", organizationId)
    .where("members.user_id", "=", userId)
    .executeTakeFirst();
  if (!member) throw notFound("There is no page at this address.");
  return member;
}

/** Changes the role if it is still `from`; returns whether it was. */
export async function changeMemberRole(
  db: Db,
  organizationId: string,
  { userId, from, to }: { userId: string; from: Role; to: Role },
): Promise<boolean> {
  const query = db.write
    .updateTable("members")
    .set({ role: to })
    .where("organization_id", "=", organizationId);
  const result = await query.where("user_id", "=", userId).where("role", "=", from).executeTakeFirst();
  return Number(result.numUpdatedRows) === 1;
}

/** Returns whether there was one. Never removes an owner. */
export async function removeMember(db: Db, organizationId: string, userId: string): Promise<boolean> {
  const query = db.write.deleteFrom("members").where("organization_id", "=", organizationId);
  const result = await query.where("user_id", "=", userId).where("role", "!=", "owner").executeTakeFirst();
  return Number(result.numDeletedRows) === 1;
}

/** Removes every membership of a user, except ownerships. */
export async function removeMemberships(db: Db, userId: string): Promise<void> {
  await db.write.deleteFrom("members").where("user_id", "=", userId).where("role", "!=", "owner").execute();
}
