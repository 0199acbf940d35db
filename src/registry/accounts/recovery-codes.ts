// Ten codes to keep in a safe place, each of 80 bits, shown once.
import { randomBytes } from "node:crypto";
import type { App } from "../../app.ts";
import type { Db } from "../../store/engine/database.ts";
import { replaceRecoveryCodes, consumeRecoveryCode } from "../../store/accounts/recovery-codes.ts";
import type { User } from "../../store/accounts/users.ts";
import { hashOfSecret } from "../one-time-secrets.ts";

const howMany = 10;
/** The alphabet, without letters that look alike. */
const alphabet = "abcdefghjkmnpqrstuvwxyz023456789";

/** Returns the codes' text; older codes become void. */
export async function makeRecoveryCodes(db: Db, userId: string): Promise<string[]> {
  const codes = Array.from({ length: howMany }, newCode);
  await replaceRecoveryCodes(
    db,
    userId,
    codes.map((code) => hashOf(userId, code)),
  );
  return codes;
}

/** Belongs in the transaction of what the code allows. False for a code that is wrong or was used before. */
export function redeemRecoveryCode(app: App, db: Db, { id }: User, typed: string): Promise<boolean> {
  return consumeRecoveryCode(db, id, { hash: hashOf(id, typed), now: app.now() });
}

/** `abcd-efgh-jkmn-pqrs`: 16 characters of 5 bits. */
function newCode(): string {
  const text = [...randomBytes(16)].map((byte) => alphabet[byte & 31]).join("");
  return text.replace(/(.{4})(?=.)/g, "$1-");
}

function hashOf(userId: string, typed: string): string {
  return hashOfSecret(`${userId} ${typed.toLowerCase().replace(/[^a-z0-9]/g, "")}`);
}
