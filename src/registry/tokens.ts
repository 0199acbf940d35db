// Access tokens: `prc_`, 40 characters, and a checksum of 6, so that a truncated paste is noticed.
import { createHash } from "node:crypto";
import type { App } from "../app.ts";
import { packageNameProblem } from "../composer/name.ts";
import { invalid } from "../errors.ts";
import { addActivity, userIdOf } from "../store/organizations/activity.ts";
import { checkLine } from "./names.ts";
import { addToken, revokeToken as revoke, type Token } from "../store/tokens.ts";

const patternLimit = 50;

const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

type TokenRequest = {
  /** Exactly one of the two. */
  owner: { organizationId: string } | { userId: string };
  name: string;
  expiresAt: number | null;
  /** `acme/blog` or `acme/*`; empty sees everything. */
  packages: string[];
  actor: string;
};

/** Returns the token's text, once: the database stores its SHA-256. */
export async function createToken(app: App, request: TokenRequest): Promise<{ token: Token; text: string }> {
  const name = checkLine(request.name, {
    field: "name",
    wrongLength: "Enter a name of up to 100 characters for the token.",
  });
  if (request.packages.length > patternLimit)
    throw invalid(`A token can have up to ${patternLimit} packages or patterns.`, { field: "packages" });
  for (const pattern of request.packages) checkPattern(pattern);
  if (request.expiresAt !== null && request.expiresAt <= app.now())
    throw invalid("This date is in the past. Choose a later one.", { field: "date" });
  const text = newToken();
  const now = app.now();
  const organizationId = "organizationId" in request.owner ? request.owner.organizationId : null;
  const token = await app.db.transaction(async (db) => {
    const added = await addToken(db, {
      organization_id: organizationId,
      user_id: "userId" in request.owner ? request.owner.userId : null,
      name,
      hash: hashToken(text),
      packages: request.packages.length > 0 ? JSON.stringify(request.packages) : null,
      created_at: now,
      expires_at: request.expiresAt,
      created_by: userIdOf(request.actor),
    });
    await addActivity(db, {
      organizationId,
      actor: request.actor,
      action: "token.created",
      subject: added.name,
      details: { token: added.id },
      now,
    });
    return added;
  });
  return { token, text };
}

/** Every process refuses the token from the next request on. */
export async function revokeToken(app: App, id: string, actor: string): Promise<void> {
  const now = app.now();
  await app.db.transaction(async (db) => {
    const token = await revoke(db, id, now);
    const organizationId = token.organization_id;
    await addActivity(db, { organizationId, actor, action: "token.revoked", subject: token.name, now });
  });
}

/** SHA-256 in hex, as PHP Pricore stores it, so that its tokens can be imported. */
export function hashToken(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

export function newToken(): string {
  const body = `prc_${randomCharacters(40)}`;
  return body + checksum(body);
}

/** CRC-32 of everything before, in base 62, six characters. */
export function checksum(text: string): string {
  let rest = Bun.hash.crc32(text);
  let digits = "";
  for (let i = 0; i < 6; i++, rest = Math.floor(rest / 62)) digits = alphabet[rest % 62] + digits;
  return digits;
}

function randomCharacters(count: number): string {
  let text = "";
  // 248 = 4 × 62: bytes above are thrown away, so that every character is equally likely.
  while (text.length < count)
    for (const byte of crypto.getRandomValues(new Uint8Array(64)))
      if (byte < 248 && text.length < count) text += alphabet[byte % 62];
  return text;
}

function checkPattern(pattern: string): void {
  if (pattern.length > 191 || !/^[a-z0-9*][a-z0-9*._-]*\/[a-z0-9*][a-z0-9*._-]*$/.test(pattern))
    throw invalid(`"${pattern}" is not a package or pattern like acme/blog or acme/*.`, {
      field: "packages",
    });
  if (!pattern.includes("*") && packageNameProblem(pattern))
    throw invalid(`"${pattern}" is not a package name: ${packageNameProblem(pattern)}`, {
      field: "packages",
    });
}
