// Codes of an app: RFC 6238 with SHA-1, six digits, thirty seconds, which every app can do. One step before and after
// is accepted, for clocks that are not quite right, and each step once.
import { generateSecret, generateURI, verifySync } from "otplib";
import { encode } from "uqr";
import type { App } from "../../app.ts";
import type { Db } from "../../store/engine/database.ts";
import { consumeTotpStep, type User } from "../../store/accounts/users.ts";

const stepSeconds = 30;

type Enrolment = {
  /** For typing, in groups of four. */
  key: string;
  /** `otpauth:` address. */
  address: string;
  /** Dark modules of the QR code of that address, row by row; quiet zone included. */
  modules: boolean[][];
};

/** A new secret, as it is stored with this person. */
export function newTotpSecret(app: App, { id }: User): string {
  return app.secrets.seal("totp", id, generateSecret());
}

/** What the app needs to know; null when no setup was started. */
export function enrolmentOf(app: App, user: User): Enrolment | null {
  if (user.totp_secret === null) return null;
  const secret = app.secrets.open("totp", user.id, user.totp_secret);
  const address = generateURI({ issuer: app.config.appName, label: user.email, secret });
  return {
    key: secret.replace(/(.{4})(?=.)/g, "$1 "),
    address,
    modules: encode(address, { ecc: "M", border: 4 }).data,
  };
}

/** The time step of a code that is valid now; the step is not used up yet. */
function stepOf(app: App, user: User, typed: string): number | null {
  const code = typed.replace(/\D/g, "");
  // Empty when the encryption key was replaced: the app is still asked for, and must be set up again.
  if (user.totp_secret === null || user.totp_secret === "" || !/^\d{6}$/.test(code)) return null;
  const secret = app.secrets.open("totp", user.id, user.totp_secret);
  const epoch = Math.floor(app.now() / 1000);
  const result = verifySync({ secret, token: code, epoch, epochTolerance: stepSeconds });
  return result.valid ? Math.floor(epoch / stepSeconds) + result.delta : null;
}

/** Belongs in the transaction of what the code allows. False for a code that is wrong or was used before. */
export async function consumeCode(app: App, db: Db, user: User, typed: string): Promise<boolean> {
  const step = stepOf(app, user, typed);
  return step !== null && (await consumeTotpStep(db, user.id, step));
}
