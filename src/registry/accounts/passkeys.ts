// Passkeys: a key pair on the user's device, for this origin alone. They sign in without a password,
// since the device itself asks for a finger, a face or a code (user verification is demanded), and they are a second
// factor beside the password.
import { isIP, networkOf } from "../../net.ts";
import type { App } from "../../app.ts";
import { invalid, notFound, tooMany } from "../../errors.ts";
import type { Db } from "../../store/engine/database.ts";
import { addOneTimeSecret } from "../../store/accounts/one-time-secrets.ts";
import {
  addPasskey,
  findPasskey,
  listPasskeys,
  markPasskeyUsed,
  removePasskey,
  type Passkey,
} from "../../store/accounts/passkeys.ts";
import { countAgainst } from "../../store/accounts/throttles.ts";
import { findUserById, type User } from "../../store/accounts/users.ts";
import { sendSoon } from "../mail.ts";
import { checkLine } from "../names.ts";
import { hashOfSecret, newSecret, redeemSecret } from "../one-time-secrets.ts";
import { codesForTheFirst, removeCodesAfterTheLast, type Changed } from "./second-factor.ts";
import { noteSecurityChange } from "./security-notices.ts";
import { endAllSessionsBut, type Renewed, type Viewer } from "./sessions.ts";

/** The purpose of a challenge; an answer counts for this purpose alone. */
type Use = "add" | "sign-in" | "second-factor" | "confirm";

const challengeMs = 5 * 60_000;
const maxPasskeys = 20;
const maxAnswerLength = 16_384;
const challengesPerAddress = { limit: 60, windowMs: 15 * 60_000 };

/** Browsers allow passkeys for host names only, over TLS or on this machine. */
export function canHavePasskeys({ config }: App): boolean {
  const { protocol, hostname } = new URL(config.appUrl);
  const isName = isIP(hostname.replace(/^\[|\]$/g, "")) === 0;
  return isName && (protocol === "https:" || hostname === "localhost" || hostname.endsWith(".localhost"));
}

/** The options for `navigator.credentials.create`. */
export async function askForNewPasskey(app: App, { user }: Viewer) {
  const known = await listPasskeys(app.db, user.id);
  if (known.length >= maxPasskeys)
    throw invalid(`An account can have ${maxPasskeys} passkeys. Remove one first.`, {
      code: "passkeys_full",
    });
  const { generateRegistrationOptions } = await webAuthn();
  return generateRegistrationOptions({
    rpName: app.config.appName,
    rpID: placeOf(app).id,
    userName: user.email,
    userDisplayName: user.name,
    userID: new Uint8Array(Buffer.from(user.id)),
    challenge: await newChallenge(app, "add", user.id),
    excludeCredentials: known.map(({ id }) => ({ id })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
  });
}

/** The options for `navigator.credentials.get`; `userId` is null for a sign-in. */
export async function askForPasskey(
  app: App,
  { use, userId, address }: { use: Use; userId: string | null; address: string },
) {
  const now = app.now();
  const waitMs = await countAgainst(app.db, `passkey:${networkOf(address)}`, {
    ...challengesPerAddress,
    now,
  });
  if (waitMs > 0)
    throw tooMany("Too many passkey requests. Try again in a few minutes.", {
      code: "sign_in_throttled",
      retryAfterSeconds: Math.ceil(waitMs / 1000),
    });
  const keys = userId === null ? [] : await listPasskeys(app.db, userId);
  const { generateAuthenticationOptions } = await webAuthn();
  return generateAuthenticationOptions({
    rpID: placeOf(app).id,
    challenge: await newChallenge(app, use, userId),
    allowCredentials: keys.map(({ id }) => ({ id })),
    userVerification: "required",
  });
}

export async function addNewPasskey(
  app: App,
  viewer: Viewer,
  { name, answer }: { name: string; answer: string },
): Promise<Changed> {
  const { user } = viewer;
  const wrongLength = "Names can have up to 100 characters.";
  const called = checkLine(name.trim() || "Passkey", { field: "name", wrongLength });
  const made = await verified(app, async () => {
    const { verifyRegistrationResponse } = await webAuthn();
    const result = await verifyRegistrationResponse({
      response: JSON.parse(answer.slice(0, maxAnswerLength)),
      expectedChallenge: (challenge) => consumeChallenge(app, challenge, { use: "add", userId: user.id }),
      expectedOrigin: placeOf(app).origin,
      expectedRPID: placeOf(app).id,
      requireUserVerification: true,
    });
    return result.verified ? result.registrationInfo.credential : null;
  });
  const changed = await app.db.transaction(async (db) => {
    const codes = await codesForTheFirst(db, user);
    await addPasskey(db, {
      id: made.id,
      user_id: user.id,
      name: called,
      public_key: Buffer.from(made.publicKey).toString("base64url"),
      counter: made.counter,
      transports: JSON.stringify(made.transports ?? []),
      created_at: app.now(),
    });
    const sentence = `A passkey was added: ${called.replace(/[^\p{L}\p{N} ._'-]/gu, "")}.`;
    await noteSecurityChange(app, db, user, { action: "passkey.added", sentence });
    return { codes, goOn: await endAllSessionsBut(app, db, viewer) };
  });
  await sendSoon(app);
  return { codes: changed.codes, session: await changed.goOn() };
}

/** Returns the user who answered the challenge. Fails as `invalid` without one, or for another one than `userId`. */
export async function checkPasskey(
  app: App,
  { use, userId, answer }: { use: Use; userId: string | null; answer: string },
): Promise<User> {
  const found = await verified(app, async () => {
    const response = JSON.parse(answer.slice(0, maxAnswerLength));
    const passkey = await findPasskey(app.db, String(response.id).slice(0, 1400));
    if (!passkey || (userId !== null && passkey.user_id !== userId)) return null;
    const { verifyAuthenticationResponse } = await webAuthn();
    const result = await verifyAuthenticationResponse({
      response,
      expectedChallenge: (challenge) => consumeChallenge(app, challenge, { use, userId }),
      expectedOrigin: placeOf(app).origin,
      expectedRPID: placeOf(app).id,
      requireUserVerification: true,
      credential: {
        id: passkey.id,
        publicKey: new Uint8Array(Buffer.from(passkey.public_key, "base64url")),
        counter: passkey.counter,
      },
    });
    return result.verified ? { passkey, counter: result.authenticationInfo.newCounter } : null;
  });
  const user = await findUserById(app.db, found.passkey.user_id);
  if (!user || user.deleted_at !== null) throw refused();
  await markPasskeyUsed(app.db, found.passkey.id, { counter: found.counter, now: app.now() });
  return user;
}

export async function removeOwnPasskey(app: App, viewer: Viewer, id: string): Promise<Renewed> {
  const { user } = viewer;
  const { name } = await getOwnPasskey(app, viewer, id);
  const goOn = await app.db.transaction(async (db) => {
    await removePasskey(db, user.id, id);
    await removeCodesAfterTheLast(db, user);
    const sentence = `A passkey was removed: ${name.replace(/[^\p{L}\p{N} ._'-]/gu, "")}.`;
    await noteSecurityChange(app, db, user, { action: "passkey.removed", sentence });
    return endAllSessionsBut(app, db, viewer);
  });
  await sendSoon(app);
  return goOn();
}

/** A passkey of somebody else counts as not found. */
export async function getOwnPasskey(app: App, { user }: Viewer, id: string): Promise<Passkey> {
  const passkey = await findPasskey(app.db, id);
  if (passkey?.user_id !== user.id) throw notFound("This passkey does not exist.");
  return passkey;
}

/** Loads the large library when a passkey is used; `reflect-metadata` must be loaded before it. */
async function webAuthn() {
  await import("reflect-metadata");
  return import("@simplewebauthn/server");
}

function placeOf({ config }: App): { id: string; origin: string } {
  return { id: new URL(config.appUrl).hostname, origin: config.appUrl };
}

/** Several challenges may be open at once: unlike a link in a mail, a new one voids none. */
async function newChallenge(app: App, use: Use, userId: string | null): Promise<Uint8Array<ArrayBuffer>> {
  const text = newSecret();
  await addOneTimeSecret(app.db, {
    hash: hashOfSecret(text),
    purpose: "passkey",
    user_id: userId,
    data: JSON.stringify({ use }),
    created_at: app.now(),
    expires_at: app.now() + challengeMs,
  });
  return new Uint8Array(Buffer.from(text, "base64url"));
}

async function consumeChallenge(
  app: App,
  challenge: string,
  { use, userId }: { use: Use; userId: string | null },
): Promise<boolean> {
  const found = await app.db.transaction((db: Db) =>
    redeemSecret(app, db, { purpose: "passkey", text: challenge }),
  );
  return found !== null && found.user_id === userId && (JSON.parse(found.data) as { use: Use }).use === use;
}

/** The library throws for every problem; the response does not say which. */
async function verified<Result>(app: App, work: () => Promise<Result | null>): Promise<Result> {
  try {
    const result = await work();
    if (result !== null) return result;
  } catch (error) {
    app.log.debug("passkey.refused", { reason: String(error).slice(0, 300) });
  }
  throw refused();
}

function refused(): Error {
  return invalid("The passkey was not accepted. Try again or sign in another way.", {
    code: "passkey_refused",
  });
}
