// The first `composer require` of an organization: a token made for it, shown until it was used or an hour is over.
import type { App } from "../../app.ts";
import { conflict } from "../../errors.ts";
import type { RequestEvent } from "../../events/events.ts";
import { hasInstalls } from "../../store/packages/downloads.ts";
import {
  addOneTimeSecret,
  findOneTimeSecret,
  voidOneTimeSecrets,
} from "../../store/accounts/one-time-secrets.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { findSetting, setSetting } from "../../store/settings.ts";
import { findTokenByHash, findTokenOf, type Token } from "../../store/tokens.ts";
import type { User } from "../../store/accounts/users.ts";
import { createTurns } from "../../turns.ts";
import { hashOfSecret } from "../one-time-secrets.ts";
import { createToken, hashToken, revokeToken } from "../tokens.ts";
import { actorOf } from "../../store/organizations/activity.ts";

/** What a Composer client asked. */
export type SeenRequest = RequestEvent["request"];

const shownMs = 3_600_000;
const tokenLastsMs = 90 * 24 * 3_600_000;
const purpose = "first-install";
/** Two requests at the same time would not see each other's token to revoke it. */
const inTurn = createTurns(1);

/**
 * Named `first-install`, for 90 days; its text is kept encrypted for as long as the page may show it. The one before is
 * revoked. Fails as `conflict` once Composer has installed something.
 */
export function makeFirstToken(app: App, organization: Organization, user: User): Promise<void> {
  return inTurn(() => replaceFirstToken(app, organization, user));
}

async function replaceFirstToken(app: App, organization: Organization, user: User): Promise<void> {
  if (await hasInstalls(app.db, organization.id))
    throw conflict("Composer has already installed packages from here. Create tokens in the settings.", {
      code: "installed_already",
    });
  const now = app.now();
  const actor = actorOf(user.id);
  await revokeLast(app, organization, actor);
  const { token, text } = await createToken(app, {
    owner: { organizationId: organization.id },
    name: purpose,
    expiresAt: now + tokenLastsMs,
    packages: [],
    actor,
  });
  const key = keyOf(organization, user);
  await app.db.transaction(async (db) => {
    await setSetting(db, settingOf(organization), token.id);
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

/** False while an earlier token still works: somebody may use it in a project already. */
export async function needsFirstToken(app: App, organization: Organization): Promise<boolean> {
  const last = await findLast(app, organization);
  const works = last !== null && (last.expires_at ?? 0) > app.now();
  return !works && !(await hasInstalls(app.db, organization.id));
}

async function revokeLast(app: App, organization: Organization, actor: string): Promise<void> {
  const last = await findLast(app, organization);
  if (last) await revokeToken(app, last.id, actor);
}

async function findLast(app: App, organization: Organization): Promise<Token | null> {
  const id = await findSetting(app.db, settingOf(organization));
  return id === null ? null : findTokenOf(app.db, { organizationId: organization.id }, id);
}

/** The token's text for the user who made it; null when it is not shown any more, or is not valid. */
export async function findFirstToken(
  app: App,
  organization: Organization,
  user: User,
): Promise<string | null> {
  const key = keyOf(organization, user);
  const found = await findOneTimeSecret(app.db, { hash: hashOfSecret(key), purpose, now: app.now() });
  const text = found && app.secrets.open(purpose, key, found.data);
  const token = text && (await findTokenByHash(app.db, hashToken(text)));
  return token && token.revoked_at === null ? text : null;
}

/** Deletes the text of a token that was used: it need not be shown any more. */
export async function forgetFirstToken(app: App, user: User): Promise<void> {
  await voidOneTimeSecrets(app.db, { userId: user.id, purpose });
}

const settingOf = ({ id }: Organization) => `first_install_token ${id}` as const;

function keyOf(organization: Organization, user: User): string {
  return `${purpose} ${organization.id} ${user.id}`;
}
