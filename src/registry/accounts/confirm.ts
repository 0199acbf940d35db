// How people without a password confirm who they are.
import type { App } from "../../app.ts";
import { forbidden } from "../../errors.ts";
import { hasApp, wrongCode } from "./second-factor.ts";
import { isConfirmed, type Viewer } from "./sessions.ts";
import { limitTries } from "./sign-in-limits.ts";
import { consumeCode } from "./totp.ts";
import { isPasswordHash } from "./password-forms.ts";

/** Fails as `invalid` for a wrong code, and when the account has no code app. */
export async function confirmWithCode(app: App, { user, session }: Viewer, code: string): Promise<void> {
  const { address } = session;
  const attempt = await limitTries(app, "second factor", { userId: user.id, address });
  const isRight = hasApp(user) && (await app.db.transaction((db) => consumeCode(app, db, user, code)));
  if (!isRight) throw wrongCode();
  await attempt.succeeded();
}

/** An account without a password must have been confirmed a short while ago. Fails as `forbidden`. */
export function mustBeSure(app: App, viewer: Viewer): void {
  if (!isPasswordHash(viewer.user.password_hash) && !isConfirmed(app, viewer))
    throw forbidden("Confirm it's you to continue.", { code: "confirmation_needed" });
}
