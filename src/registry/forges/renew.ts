// Access that was granted for a while is renewed before its end. Some forges take each refresh token once, and void the
// access before: so one process renews, under a lease in the database, and all others wait for what it gets.
import type { App } from "../../app.ts";
import { Failure, notFound, unavailable } from "../../errors.ts";
import type { Grant, OAuthForge } from "../../forges/oauth.ts";
import { findCredential, type Credential } from "../../store/repositories/credentials.ts";
import {
  endRenewal,
  saveRenewed,
  claimRenewal,
  voidRefreshToken,
} from "../../store/repositories/renewals.ts";
import { accessEnded, rememberRefusal } from "./credential-state.ts";

/** A token must be valid for so long, so that the work that starts with it can finish. */
const marginMs = 5 * 60_000;
/** Longer than a request to a forge can take; after it, another process renews instead of one that died. */
const leaseMs = 60_000;
const checkEveryMs = 200;
const maxWaitMs = 25_000;

/** What seals the refresh token of a credential: not what seals its secret, so that they cannot be exchanged. */
export const refreshRow = (id: string) => `${id} refresh`;

/**
 * The credential, good for some minutes. Fails as `invalid` with the code `forge_credential_refused` when the forge has
 * ended it, and as `unavailable` while the forge is away.
 */
export async function upToDate(app: App, credential: Credential): Promise<Credential> {
  const { granted_at, refresh_secret, expires_at } = credential;
  const now = app.now();
  if (granted_at === null || expires_at === null || expires_at - marginMs > now) return credential;
  if (refresh_secret !== null) return renew(app, credential);
  if (expires_at > now) return credential;
  throw accessEnded(credential);
}

/** A newer credential after the forge refused the token; null when there is none. */
export async function afterRefusal(app: App, credential: Credential): Promise<Credential | null> {
  const known = await findCredential(app.db, credential.organization_id, credential.id);
  if (known && known.secret !== credential.secret) return known;
  if (!known || known.granted_at === null || known.refresh_secret === null) return null;
  const renewed = await renew(app, known);
  return renewed.secret === known.secret ? null : renewed;
}

/** Renews the token in this process, or waits for the process that does. */
async function renew(app: App, before: Credential): Promise<Credential> {
  const { id, organization_id: organizationId } = before;
  for (let waitedMs = 0; ; waitedMs += checkEveryMs) {
    const row = await findCredential(app.db, organizationId, id);
    if (!row) throw notFound("This credential no longer exists.");
    if (row.secret !== before.secret) return row;
    if (row.refresh_secret === null) throw accessEnded(row);
    const now = app.now();
    const lease = { id, refreshSecret: row.refresh_secret, now, until: now + leaseMs };
    if (await claimRenewal(app.db, organizationId, lease)) return renewHere(app, row, row.refresh_secret);
    if (waitedMs >= maxWaitMs) return stillGood(app, row, renewedElsewhere(row));
    await Bun.sleep(checkEveryMs);
  }
}

async function renewHere(app: App, row: Credential, refreshSecret: string): Promise<Credential> {
  const { id, organization_id: organizationId } = row;
  try {
    const forge = forgeIn(app, row);
    const grant = await forge.refresh(app.secrets.open("credentials", refreshRow(id), refreshSecret));
    await saveRenewed(app.db, organizationId, { id, was: refreshSecret, ...sealed(app, row, grant) });
    app.log.info("forge.renewed", { credential: id, host: row.host });
    return (await findCredential(app.db, organizationId, id)) ?? row;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    app.log.warn("forge.not_renewed", { credential: id, host: row.host, code: error.code });
    if (error.code === "oauth_refused") return refuse(app, row, refreshSecret);
    await endRenewal(app.db, organizationId, { id, was: refreshSecret });
    return stillGood(app, row, error);
  }
}

/** Gives the refresh token up, unless the account was connected again meanwhile. */
async function refuse(app: App, row: Credential, refreshSecret: string): Promise<Credential> {
  const refusal = accessEnded(row);
  const { id, organization_id: organizationId } = row;
  await rememberRefusal(app, row, {
    refusal,
    before: (db) => voidRefreshToken(db, organizationId, { id, was: refreshSecret }),
  });
  const known = await findCredential(app.db, organizationId, id);
  if (known && known.secret !== row.secret) return known;
  throw refusal;
}

function sealed(app: App, { id, refresh_secret }: Credential, grant: Grant) {
  const { accessToken, refreshToken, expiresAt } = grant;
  return {
    secret: app.secrets.seal("credentials", id, accessToken),
    refresh_secret:
      refreshToken === null ? refresh_secret : app.secrets.seal("credentials", refreshRow(id), refreshToken),
    expires_at: expiresAt,
  };
}

function forgeIn({ oauth }: App, { provider, origin, host }: Credential): OAuthForge {
  const forge = oauth.forges.find((each) => each.name === provider && each.origin === origin);
  if (forge) return forge;
  throw unavailable(
    `This registry is no longer set up as an OAuth app for ${host}, so it cannot renew its access.`,
    {
      code: "oauth_not_set_up",
      advice:
        "An administrator can set the Git host's CLIENT_ID and CLIENT_SECRET again, or someone can enter a token.",
    },
  );
}

/** Uses the old token as long as it is valid. */
function stillGood({ now }: App, row: Credential, failure: Failure): Credential {
  if (row.expires_at !== null && row.expires_at > now()) return row;
  throw failure;
}

function renewedElsewhere({ host }: Credential): Failure {
  return unavailable(`The access to ${host} is still being renewed.`, {
    code: "forge_unavailable",
    advice: "Pricore tries again on its own.",
  });
}
