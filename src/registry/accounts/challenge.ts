// The challenge between the password and the second factor: its secret stands for somebody who is not signed in yet.
import type { App } from "../../app.ts";
import { invalid } from "../../errors.ts";
import type { Db } from "../../store/engine/database.ts";
import { findUserById, type User } from "../../store/accounts/users.ts";
import { findSecret, issueSecret, redeemSecret } from "../one-time-secrets.ts";
import { sendSoon } from "../mail.ts";
import { redeemRecoveryCode } from "./recovery-codes.ts";
import { wrongCode } from "./second-factor.ts";
import { noteSecurityChange } from "./security-notices.ts";
import type { Browser } from "./sessions.ts";
import { limitTries } from "./sign-in-limits.ts";
import { consumeCode } from "./totp.ts";

export const challengeSeconds = 600;

/** `via`: the provider of the first step, as people call it; null for a password. */
export type Challenge = { user: User; isRemembered: boolean; via: string | null };

type StoredChallenge = Omit<Challenge, "user"> & { generation?: string };

/** Returns the secret for the browser's cookie, which is valid for the second step alone. */
export function startChallenge(app: App, { user, ...challenge }: Challenge): Promise<string> {
  const lastsMs = challengeSeconds * 1000;
  const data = { ...challenge, generation: user.session_generation };
  return issueSecret(app, app.db, { purpose: "sign-in", userId: user.id, data, lastsMs });
}

export async function findChallenge(app: App, secret: string | null): Promise<Challenge | null> {
  const found = secret === null ? null : await findSecret(app, "sign-in", secret);
  const user = found?.user_id ? await findUserById(app.db, found.user_id) : null;
  if (!found || !user || user.deleted_at !== null) return null;
  const { isRemembered, via, generation } = JSON.parse(found.data) as StoredChallenge;
  // The first step was made before all sessions of the person ended: it ended with them.
  if ((generation ?? "") !== user.session_generation) return null;
  return { user, isRemembered, via };
}

export type Proof = { kind: "code" | "recovery"; typed: string };

/** Fails as `invalid` for a wrong code and as `tooMany` after five of them. */
export async function finishSignIn(
  app: App,
  {
    secret,
    pending: { user },
    proof,
    browser,
  }: { secret: string; pending: Challenge; proof: Proof; browser: Browser },
): Promise<void> {
  const { address } = browser;
  const attempt = await limitTries(app, "second factor", { userId: user.id, address });
  await app.db.transaction(async (db) => {
    await (proof.kind === "code" ? useCode : useRecoveryCode)(app, db, user, proof.typed);
    await consumeChallenge(app, db, secret);
  });
  await attempt.succeeded();
  if (proof.kind === "recovery") await sendSoon(app);
}

/** Belongs in the transaction that ends the sign-in. */
export async function consumeChallenge(app: App, db: Db, secret: string): Promise<void> {
  if (!(await redeemSecret(app, db, { purpose: "sign-in", text: secret })))
    throw invalid("This sign-in has expired. Start again with your password.", { code: "sign_in_over" });
}

async function useCode(app: App, db: Db, user: User, typed: string): Promise<void> {
  if (!(await consumeCode(app, db, user, typed))) throw wrongCode();
}

async function useRecoveryCode(app: App, db: Db, user: User, typed: string): Promise<void> {
  if (!(await redeemRecoveryCode(app, db, user, typed)))
    throw invalid("This recovery code was not accepted. Each code works only once.", {
      code: "code_refused",
      field: "code",
    });
  await noteSecurityChange(app, db, user, {
    action: "two_factor.recovery_used",
    sentence: "A recovery code was used to sign in.",
  });
}
