// The first `composer require` of an organization: a token made for it, shown until it was used or an hour is over.
import type { App } from "../../app.ts";
import { addOneTimeSecret, findOneTimeSecret, voidOneTimeSecrets } from "../../store/one-time-secrets.ts";
import type { Organization } from "../../store/organizations.ts";
import type { User } from "../../store/users.ts";
import { hashOfSecret } from "../people/one-time-secrets.ts";
import { createToken } from "../tokens.ts";

const shownMs = 3_600_000;
const tokenLastsMs = 90 * 24 * 3_600_000;
const purpose = "first-install";

/** Named `first-install`, for 90 days; its text is kept encrypted for as long as the page may show it. */
export async function makeFirstToken(app: App, organization: Organization, user: User): Promise<void> {
  const now = app.now();
  const { text } = await createToken(app, {
    owner: { organizationId: organization.id },
    name: purpose,
    expiresAt: now + tokenLastsMs,
    packages: [],
    actor: `user:${user.id}`,
  });
  const key = keyOf(organization, user);
  await app.db.transaction(async (db) => {
    await voidOneTimeSecrets(db, { userId: user.id, purpose });
    await addOneTimeSecret(db, {
      hash: hashOfSecret(key),
      purpose,
      user_id: user.id,
      data: app.secrets.seal(purpose, key, text),
      created_at: now,
      expires_at: now + shownMs,
    });
  });
}

/** The token's text for the one who had it made; null when it is no longer shown. */
export async function findFirstToken(
  app: App,
  organization: Organization,
  user: User,
): Promise<string | null> {
  const key = keyOf(organization, user);
  const found = await findOneTimeSecret(app.db, { hash: hashOfSecret(key), purpose, now: app.now() });
  return found && app.secrets.open(purpose, key, found.data);
}

/** It works, so nothing has to show it any more. */
export async function forgetFirstToken(app: App, user: User): Promise<void> {
  await voidOneTimeSecrets(app.db, { userId: user.id, purpose });
}

function keyOf(organization: Organization, user: User): string {
  return `${purpose} ${organization.id} ${user.id}`;
}
