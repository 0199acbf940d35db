// Requests to a forge with an account of the organization. Its refusals and rate limits are saved.
import type { App } from "../../app.ts";
import { Failure, invalid } from "../../errors.ts";
import type { ForgeCredential, ForgeName, KnownLimits, Forge, RateLimit } from "../../forges/forge.ts";
import { updateCredential, type Credential } from "../../store/repositories/credentials.ts";
import { forgetRefusal, rememberRefusal } from "./credential-state.ts";
import { afterRefusal, upToDate } from "./renew.ts";

export type { RateLimit } from "../../forges/forge.ts";

/**
 * The user name that git sends with a Bitbucket API token; Bitbucket's API wants the account's email address instead.
 */
export const bitbucketTokenUser = "x-bitbucket-api-token-auth";

/** The token in clear, renewed if it soon ends; `credential` as it is in the database now. Fails as `upToDate`. */
export async function accessOf(app: App, credential: Credential): Promise<ForgeCredential> {
  return accessBy(app, await upToDate(app, credential));
}

function accessBy(app: App, credential: Credential): ForgeCredential {
  return {
    token: app.secrets.open("credentials", credential.id, credential.secret),
    username: userAt(credential),
    limits: limitsOf(app, credential),
  };
}

/** The user name that the forge's API wants beside the token; null where the token is enough. */
export function userAt({ username, account }: Pick<Credential, "username" | "account">): string | null {
  return username === bitbucketTokenUser ? account : null;
}

/** Fails as `invalid` for a credential that is for git alone. */
export function forgeOf(app: App, { provider, origin }: Pick<Credential, "provider" | "origin">): Forge {
  if (provider === null || origin === null)
    throw invalid("This credential is not an account at a Git host.", {
      field: "credential",
    });
  return app.forges.at(provider as ForgeName, origin);
}

/**
 * Returns what `ask` returns. A token that the forge refuses is renewed where possible; otherwise the refusal is saved,
 * and cleared by the next successful request. Waits for the network, so never call it in a transaction.
 */
export async function askForge<Result>(
  app: App,
  credential: Credential,
  ask: (provider: Forge, access: ForgeCredential) => Promise<Result>,
): Promise<Result> {
  const provider = forgeOf(app, credential);
  const tryAs = async (row: Credential, orElse: (refusal: Failure) => Promise<Result>): Promise<Result> => {
    try {
      const result = await ask(provider, accessBy(app, row));
      await forgetRefusal(app, row);
      return result;
    } catch (error) {
      if (error instanceof Failure && error.code === "forge_credential_refused") return orElse(error);
      throw error;
    }
  };
  const current = await upToDate(app, credential);
  const giveUp = async (refusal: Failure): Promise<never> => {
    await rememberRefusal(app, current, { refusal });
    throw refusal;
  };
  return tryAs(current, async (refusal) => {
    const renewed = await afterRefusal(app, current);
    return renewed ? tryAs(renewed, giveUp) : giveUp(refusal);
  });
}

function limitsOf(app: App, credential: Credential): KnownLimits {
  const { rate_limit: limit, rate_remaining: remaining, rate_resets_at: resetsAt } = credential;
  let known: RateLimit | null =
    limit === null || remaining === null || resetsAt === null ? null : { limit, remaining, resetsAt };
  return {
    known: () => known,
    async tell(limits) {
      known = limits;
      await updateCredential(app.db, credential.organization_id, {
        id: credential.id,
        rate_limit: limits.limit,
        rate_remaining: limits.remaining,
        rate_resets_at: limits.resetsAt,
      });
    },
  };
}
