// Saving an account at a forge for the organization: it is tried at the forge first.
import type { App } from "../../app.ts";
import { Failure, invalid } from "../../errors.ts";
import { forgeNames, type ForgeAccount, type ForgeName } from "../../forges/forge.ts";
import { addActivity, userIdOf } from "../../store/organizations/activity.ts";
import { addCredential, updateCredential, type Credential } from "../../store/repositories/credentials.ts";
import type { Db } from "../../store/engine/database.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import type { CredentialRow } from "../../store/schema.ts";
import { checkedName } from "./credentials.ts";
import { bitbucketTokenUser } from "../forges/access.ts";
import { logRefusal } from "../security-log.ts";
import { refreshRow } from "../forges/renew.ts";
import { syncFailedOf } from "./replace.ts";
import { withoutInvisible } from "../../printable.ts";

/** Their names as the pages show them. */
export const forgeText: Record<ForgeName, string> = {
  github: "GitHub",
  gitlab: "GitLab",
  bitbucket: "Bitbucket",
  gitea: "Gitea",
};

/** The form with a pasted token. */
type PastedToken = {
  provider: string;
  /** The address of a self-hosted forge; empty for the one that is configured or public. */
  address: string;
  /** Empty for `ann at github.com`. */
  name: string;
  /** The account's address, which Bitbucket needs beside the token. */
  email: string;
  token: string;
};

/** An account that the forge has confirmed. */
export type ForgeHolder = {
  provider: ForgeName;
  origin: string;
  account: ForgeAccount;
  /** The login of the account there. */
  login: string;
  /** The user name that git sends with the token. */
  gitUser: string;
  token: string;
  /** The refresh token; null for a pasted token. */
  refreshToken: string | null;
  /** Whether it was granted at the forge by OAuth; otherwise it was pasted. */
  isGranted: boolean;
};

/**
 * Asks the forge whose token it is, and saves it. Fails as `invalid` beside a field: for a token that the forge
 * refuses, an address where there is no forge, or one that the registry does not reach out to.
 */
export async function connectForge(
  app: App,
  organization: Organization,
  { input, actor }: { input: PastedToken; actor: string },
): Promise<ForgeHolder> {
  const provider = forgeNames.find((each) => each === input.provider);
  if (!provider) throw invalid("Choose the kind of Git host.", { field: "provider" });
  const origin = originOf(app, provider, input.address);
  const holder = await tried(app, {
    provider,
    origin,
    input,
    fields: { organization: organization.slug, actor },
  });
  const name = checkedName(input.name.trim() || `${holder.account.login} at ${new URL(origin).host}`);
  await app.db.transaction(async (db) => {
    await saveForgeAccount(app, db, { organization, holder, name, actor });
  });
  return holder;
}

/** Replaces the token for everything that uses it; the new one may belong to another account at the same forge. */
export async function replaceForgeToken(
  app: App,
  organization: Organization,
  request: { credential: Credential; input: Pick<PastedToken, "name" | "email" | "token">; actor: string },
): Promise<ForgeHolder> {
  const { credential, input, actor } = request;
  const name = checkedName(input.name);
  const provider = credential.provider as ForgeName;
  const origin = credential.origin ?? "";
  const holder = await tried(app, {
    provider,
    origin,
    input,
    fields: { organization: organization.slug, actor },
  });
  await replaceForgeAccount(app, organization, { id: credential.id, holder, name, actor });
  return holder;
}

/** Replaces the account and syncs the repositories that failed with the old one. */
export async function replaceForgeAccount(
  app: App,
  organization: Organization,
  { id, holder, name, actor }: { id: string; holder: ForgeHolder; name: string; actor: string },
): Promise<void> {
  await app.db.transaction(async (db) => {
    await updateCredential(db, organization.id, { id, name, ...columnsOf(app, id, holder) });
    const entry = { organizationId: organization.id, actor, now: app.now() };
    await addActivity(db, { ...entry, action: "credential.replaced", subject: name });
  });
  await syncFailedOf(app, { organizationId: organization.id, credentialId: id, actor });
}

/** Returns the id of its row. */
export async function saveForgeAccount(
  app: App,
  db: Db,
  request: { organization: Organization; holder: ForgeHolder; name: string; actor: string },
): Promise<string> {
  const { organization, holder, name, actor } = request;
  const id = Bun.randomUUIDv7();
  const now = app.now();
  await addCredential(db, {
    id,
    organization_id: organization.id,
    kind: "basic",
    host: new URL(holder.origin).host,
    public_key: null,
    created_at: now,
    created_by: userIdOf(actor),
    name,
    ...columnsOf(app, id, holder),
  });
  const details = { forge: forgeText[holder.provider], account: holder.account.login };
  const entry = { organizationId: organization.id, actor, now };
  await addActivity(db, { ...entry, action: "credential.connected", subject: name, details });
  return id;
}

function columnsOf(app: App, id: string, holder: ForgeHolder) {
  const { account, refreshToken } = holder;
  return {
    provider: holder.provider,
    origin: holder.origin,
    account: holder.login,
    username: holder.gitUser,
    secret: app.secrets.seal("credentials", id, holder.token),
    refresh_secret:
      refreshToken === null ? null : app.secrets.seal("credentials", refreshRow(id), refreshToken),
    granted_at: holder.isGranted ? app.now() : null,
    renewal_until: null,
    scopes: account.scopes && JSON.stringify(account.scopes),
    expires_at: account.expiresAt,
    refused_at: null,
    error: null,
    rate_limit: null,
    rate_remaining: null,
    rate_resets_at: null,
  } satisfies Partial<CredentialRow>;
}

type Trial = {
  provider: ForgeName;
  origin: string;
  input: Pick<PastedToken, "email" | "token">;
  fields: { organization: string; actor: string };
};

async function tried(app: App, { provider, origin, input, fields }: Trial): Promise<ForgeHolder> {
  const token = input.token.trim();
  const email = input.email.trim();
  if (token === "") throw invalid("Enter a token.", { field: "token" });
  if (/[^\x21-\x7e]/.test(token))
    throw invalid("This is not a token: it contains spaces or other invalid characters.", { field: "token" });
  const isBitbucket = provider === "bitbucket";
  if (isBitbucket && !/^[^\s:@]+@[^\s:@]+$/.test(email))
    throw invalid("Enter the email address of the Atlassian account that the token belongs to.", {
      field: "email",
    });
  const access = { token, username: isBitbucket ? email : null, limits: null };
  try {
    const found = await app.forges.at(provider, origin).findAccount(access);
    const account = { ...found, login: withoutInvisible(found.login) };
    if (account.login === "") throw notThat(provider, origin);
    const login = isBitbucket ? email : account.login;
    return {
      provider,
      origin,
      account,
      login,
      gitUser: gitUserOf(provider, login),
      token,
      refreshToken: null,
      isGranted: false,
    };
  } catch (error) {
    logRefusal(app.log, error, fields);
    const isElsewhere = error instanceof Failure && error.code === "forge_not_found";
    throw isElsewhere ? notThat(provider, origin) : besideItsField(error);
  }
}

/** The user name for git: GitHub and GitLab check the token alone. */
export function gitUserOf(provider: ForgeName, login: string): string {
  if (provider === "github") return "x-access-token";
  if (provider === "gitlab") return "oauth2";
  return provider === "bitbucket" ? bitbucketTokenUser : login;
}

function notThat(provider: ForgeName, origin: string): Failure {
  return invalid(`${new URL(origin).host} does not respond like ${forgeText[provider]}.`, {
    code: "forge_not_found",
    field: "address",
    advice: "Check the address and the kind of Git host.",
  });
}

/** Shows a forge that cannot be reached as a wrong address, beside that field. */
function besideItsField(error: unknown): unknown {
  if (!(error instanceof Failure) || error.field === "token") return error;
  const { code, advice, message } = error;
  if (error.kind === "tooMany") return error;
  return invalid(message, { code, field: "address", ...(advice === undefined ? {} : { advice }) });
}

/** The origin of the forge: from the address, or its public one. Fails as `invalid` beside the address. */
export function originOf(app: App, provider: ForgeName, address: string): string {
  const text = address.trim();
  const known = app.config.forges[provider].origin;
  if (text === "" && known !== null) return known;
  if (text === "") throw invalid("Enter its address, like https://git.example.com.", { field: "address" });
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`)
    throw invalid("Enter only the address of the Git host, like https://git.example.com.", {
      field: "address",
    });
  return url.origin;
}
