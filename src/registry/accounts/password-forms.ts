// The forms in which password hashes of other registries come here, and what each of them compares. A hash of any other
// form opens nothing: its owner has no password and chooses one by mail.
import { createHash, timingSafeEqual } from "node:crypto";

/** The bytes of a password that bcrypt uses; PHP ignores the rest. */
const bcryptBytes = 72;
/** One check at a higher cost takes more than four seconds. */
const maxBcryptCost = 16;
/** Two checks at once must fit into a small machine: 256 MiB each. */
const maxArgonKiB = 262_144;
const maxArgonRounds = 16;

const argon =
  /^\$argon2id?\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}$/;
const bcrypt = /^\$2[aby]\$(\d\d)\$[./A-Za-z0-9]{53}$/;
/** One round, hexadecimal; with its salt behind a colon when there is one. */
const sha512 = /^([0-9a-f]{128})(?::(.{1,255}))?$/is;

/** Whether any password can match this hash. */
export function isPasswordHash(hash: string | null): hash is string {
  return hash !== null && formOf(hash) !== null;
}

/** Ours are made with these parameters; others are replaced after the first right password. */
export function isOurs(hash: string): boolean {
  return hash.startsWith("$argon2id$v=19$m=65536,t=3,p=1$");
}

export function formOf(hash: string): "argon2" | "bcrypt" | "sha512" | null {
  const [, memory, rounds] = argon.exec(hash) ?? [];
  if (memory !== undefined)
    return Number(memory) <= maxArgonKiB && Number(rounds) <= maxArgonRounds ? "argon2" : null;
  const cost = bcrypt.exec(hash)?.[1];
  if (cost !== undefined) return Number(cost) <= maxBcryptCost ? "bcrypt" : null;
  return sha512.test(hash) ? "sha512" : null;
}

/**
 * What may have been hashed for this password: PHP cuts it at 72 bytes for bcrypt; Symfony hashes a longer one, or one
 * with a NUL byte, with SHA-512 first and cuts the base64 of that.
 */
export function inputsOf(password: string, hash: string): Uint8Array[] {
  const whole = Buffer.from(password);
  if (formOf(hash) !== "bcrypt" || (whole.length <= bcryptBytes && !whole.includes(0))) return [whole];
  const digest = createHash("sha512").update(whole).digest("base64");
  return [whole.subarray(0, bcryptBytes), Buffer.from(digest).subarray(0, bcryptBytes)];
}

export function isSha512Of(password: string, hash: string): boolean {
  const [, digest = "", salt] = sha512.exec(hash) ?? [];
  const text = salt === undefined ? password : `${password}{${salt}}`;
  const expected = Buffer.from(digest, "hex");
  return expected.length === 64 && timingSafeEqual(createHash("sha512").update(text).digest(), expected);
}
