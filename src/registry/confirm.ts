// For people without a password: a code of their app shows who is there.
import type { App } from "../app.ts";
import { hasApp, secondFactorKey, wrongCode } from "./second-factor.ts";
import type { Viewer } from "./sessions.ts";
import { limitTries } from "./sign-in-limits.ts";
import { takeCode } from "./totp.ts";

/** Fails as `invalid` for a wrong code, and for whoever has no app. */
export async function confirmWithCode(app: App, { user, session }: Viewer, code: string): Promise<void> {
  const wasRight = await limitTries(app, secondFactorKey(user), session.address);
  const isRight = hasApp(user) && (await app.db.transaction((db) => takeCode(app, db, user, code)));
  if (!isRight) throw wrongCode();
  await wasRight();
}
