// An account at a forge that the organization keeps, ready to be asked with; what the forge says of it is remembered.
import type { App } from "../app.ts";
import { Failure, invalid, wordsOf } from "../errors.ts";
import type { ForgeAccess, ForgeName, KnownLimits, Provider, RateLimit } from "../providers/provider.ts";
import { addActivity } from "../store/activity.ts";
import { updateCredential, type Credential } from "../store/credentials.ts";
import { nameOfCredential } from "./credentials.ts";

/** As git knows the holder of a Bitbucket API token; its interface wants the account's e-mail address instead. */
export const bitbucketTokenUser = "x-bitbucket-api-token-auth";

/** What seals the refresh token of a credential: not what seals its secret, so that they cannot be exchanged. */
export const refreshRow = (id: string) => `${id} refresh`;

/** The token in clear. `credential` as it is in the database now. */
export async function accessOf(app: App, credential: Credential): Promise<ForgeAccess> {
  return {
    token: app.secrets.open("credentials", credential.id, credential.secret),
    username: userAt(credential),
    limits: limitsOf(app, credential),
  };
}

/** Null where the token is enough. */
export function userAt({ username, account }: Pick<Credential, "username" | "account">): string | null {
  return username === bitbucketTokenUser ? account : null;
}

/** Fails as `invalid` for a credential that is for git alone. */
export function forgeOf(app: App, { provider, origin }: Pick<Credential, "provider" | "origin">): Provider {
  if (provider === null || origin === null)
    throw invalid("That credential is for git alone, and not an account at a forge.", {
      field: "credential",
    });
  return app.providers.at(provider as ForgeName, origin);
}

/**
 * What `ask` answers. A refusal of the token is remembered, and forgotten by the first answer after it. Waits on the
 * network, so never within a transaction.
 */
export async function askForge<Result>(
  app: App,
  credential: Credential,
  ask: (provider: Provider, access: ForgeAccess) => Promise<Result>,
): Promise<Result> {
  const provider = forgeOf(app, credential);
  const access = await accessOf(app, credential);
  try {
    const result = await ask(provider, access);
    if (credential.refused_at !== null) await remember(app, credential, null);
    return result;
  } catch (error) {
    if (error instanceof Failure && error.code === "forge_credential_refused")
      await remember(app, credential, error);
    throw error;
  }
}

/** The first refusal of a row is told. */
async function remember(app: App, credential: Credential, refusal: Failure | null): Promise<void> {
  const { id, organization_id: organizationId } = credential;
  const now = app.now();
  await app.db.transaction(async (db) => {
    await updateCredential(db, organizationId, {
      id,
      refused_at: refusal ? (credential.refused_at ?? now) : null,
      error: refusal && wordsOf(refusal),
    });
    if (refusal === null || credential.refused_at !== null) return;
    const told = { organizationId, actor: "system", now, subject: nameOfCredential(credential) };
    await addActivity(db, { ...told, action: "credential.refused" });
  });
}

function limitsOf(app: App, credential: Credential): KnownLimits {
  const { rate_limit: limit, rate_remaining: remaining, rate_resets_at: resetsAt } = credential;
  let known: RateLimit | null =
    limit === null || remaining === null || resetsAt === null ? null : { limit, remaining, resetsAt };
  return {
    known: () => known,
    async tell(said) {
      known = said;
      await updateCredential(app.db, credential.organization_id, {
        id: credential.id,
        rate_limit: said.limit,
        rate_remaining: said.remaining,
        rate_resets_at: said.resetsAt,
      });
    },
  };
}
