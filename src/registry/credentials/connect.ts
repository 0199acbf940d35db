// An account at a forge becomes the organization's: tried at the forge first, then kept, whoever brought it.
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

/** As people call them. */
export const forgeText: Record<ForgeName, string> = {
  github: "GitHub",
  gitlab: "GitLab",
  bitbucket: "Bitbucket",
  gitea: "Gitea",
};

/** What somebody pasted. */
export type PastedToken = {
  provider: string;
  /** Of one's own forge; empty for the one that the installation knows. */
  address: string;
  /** Empty for `ann at github.com`. */
  name: string;
  /** Of the account, which Bitbucket wants beside the token. */
  email: string;
  token: string;
};

/** An account that the forge has confirmed. */
export type ForgeHolder = {
  provider: ForgeName;
  origin: string;
  account: ForgeAccount;
  /** What one signs in with there. */
  login: string;
  /** As whom git gives the token. */
  gitUser: string;
  token: string;
  /** What gets the next token; null for one that was pasted. */
  refreshToken: string | null;
  /** At the forge, by whoever is signed in there; else it was pasted. */
  isGranted: boolean;
};

/**
 * Asks the forge whose token it is, and keeps it. Fails as `invalid` beside a field: what the forge refuses, an address
 * where there is no forge, or one that the registry does not reach out to.
 */
export async function connectForge(
  app: App,
  organization: Organization,
  { given, actor }: { given: PastedToken; actor: string },
): Promise<ForgeHolder> {
  const provider = forgeNames.find((each) => each === given.provider);
  if (!provider) throw invalid("Say which kind of forge it is.", { field: "provider" });
  const origin = originOf(app, provider, given.address);
  const holder = await tried(app, {
    provider,
    origin,
    given,
    told: { organization: organization.slug, actor },
  });
  const name = checkedName(given.name.trim() || `${holder.account.login} at ${new URL(origin).host}`);
  await app.db.transaction(async (db) => {
    await saveForgeAccount(app, db, { organization, holder, name, actor });
  });
  return holder;
}

/** Another token in the place of the old one, for all that uses it; one of another account of the same forge, too. */
export async function replaceForgeToken(
  app: App,
  organization: Organization,
  of: { credential: Credential; given: Pick<PastedToken, "name" | "email" | "token">; actor: string },
): Promise<ForgeHolder> {
  const { credential, given, actor } = of;
  const name = checkedName(given.name);
  const provider = credential.provider as ForgeName;
  const origin = credential.origin ?? "";
  const holder = await tried(app, {
    provider,
    origin,
    given,
    told: { organization: organization.slug, actor },
  });
  await replaceForgeAccount(app, organization, { id: credential.id, holder, name, actor });
  return holder;
}

/** What waits for it need not wait for its next poll. */
export async function replaceForgeAccount(
  app: App,
  organization: Organization,
  { id, holder, name, actor }: { id: string; holder: ForgeHolder; name: string; actor: string },
): Promise<void> {
  await app.db.transaction(async (db) => {
    await updateCredential(db, organization.id, { id, name, ...columnsOf(app, id, holder) });
    const told = { organizationId: organization.id, actor, now: app.now() };
    await addActivity(db, { ...told, action: "credential.replaced", subject: name });
  });
  await syncFailedOf(app, { organizationId: organization.id, credentialId: id, actor });
}

/** Answers the id of its row. */
export async function saveForgeAccount(
  app: App,
  db: Db,
  of: { organization: Organization; holder: ForgeHolder; name: string; actor: string },
): Promise<string> {
  const { organization, holder, name, actor } = of;
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
  const told = { organizationId: organization.id, actor, now };
  await addActivity(db, { ...told, action: "credential.connected", subject: name, details });
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
  given: Pick<PastedToken, "email" | "token">;
  told: { organization: string; actor: string };
};

async function tried(app: App, { provider, origin, given, told }: Trial): Promise<ForgeHolder> {
  const token = given.token.trim();
  const email = given.email.trim();
  if (token === "") throw invalid("The token is empty.", { field: "token" });
  if (/[^\x21-\x7e]/.test(token))
    throw invalid("That is no token: it has blanks or other signs.", { field: "token" });
  const isBitbucket = provider === "bitbucket";
  if (isBitbucket && !/^[^\s:@]+@[^\s:@]+$/.test(email))
    throw invalid("Give the e-mail address of the Atlassian account that the token is of.", {
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
    logRefusal(app.log, error, told);
    const isElsewhere = error instanceof Failure && error.code === "forge_not_found";
    throw isElsewhere ? notThat(provider, origin) : besideItsField(error);
  }
}

/** GitHub and GitLab look at the token alone. */
export function gitUserOf(provider: ForgeName, login: string): string {
  if (provider === "github") return "x-access-token";
  if (provider === "gitlab") return "oauth2";
  return provider === "bitbucket" ? bitbucketTokenUser : login;
}

function notThat(provider: ForgeName, origin: string): Failure {
  return invalid(`${new URL(origin).host} does not answer as ${forgeText[provider]} does.`, {
    code: "forge_not_found",
    field: "address",
    advice: "Check the address, and which kind of forge it is.",
  });
}

/** A forge that cannot be reached is, as far as the form goes, a wrong address. */
function besideItsField(error: unknown): unknown {
  if (!(error instanceof Failure) || error.field === "token") return error;
  const { code, advice, message } = error;
  if (error.kind === "tooMany") return error;
  return invalid(message, { code, field: "address", ...(advice === undefined ? {} : { advice }) });
}

/** Where the host is: at its address, or where everybody expects it. Fails as `invalid` beside the address. */
export function originOf(app: App, provider: ForgeName, address: string): string {
  const text = address.trim();
  const known = app.config.forges[provider].origin;
  if (text === "" && known !== null) return known;
  if (text === "") throw invalid("Say where it is, like https://git.example.com.", { field: "address" });
  const url = URL.parse(/^[a-z]+:\/\//i.test(text) ? text : `https://${text}`);
  if (!url || !/^https?:$/.test(url.protocol) || url.href !== `${url.origin}/`)
    throw invalid("Give the address of the forge alone, like https://git.example.com.", { field: "address" });
  return url.origin;
}
