// For people without a password: what shows who is there instead.
import type { App } from "../../app.ts";
import { forbidden } from "../../errors.ts";
import { hasApp, wrongCode } from "./second-factor.ts";
import { isConfirmed, type Viewer } from "./sessions.ts";
import { limitTries, secondFactorKey } from "./sign-in-limits.ts";
import { consumeCode } from "./totp.ts";
import { isPasswordHash } from "./password-forms.ts";

/** Fails as `invalid` for a wrong code, and for whoever has no app. */
export async function confirmWithCode(app: App, { user, session }: Viewer, code: string): Promise<void> {
  const wasRight = await limitTries(app, secondFactorKey(user), session.address);
  const isRight = hasApp(user) && (await app.db.transaction((db) => consumeCode(app, db, user, code)));
  if (!isRight) throw wrongCode();
  await wasRight();
}

/** Whoever has no password to give has shown a short while ago who is there. Fails as `forbidden`. */
export function mustBeSure(app: App, viewer: Viewer): void {
  if (!isPasswordHash(viewer.user.password_hash) && !isConfirmed(app, viewer))
    throw forbidden("Show again that it is you to go on.", { code: "confirmation_needed" });
}
