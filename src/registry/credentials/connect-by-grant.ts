// Connecting an account at a forge by OAuth: somebody lets the organization use it, in their browser.
import { withoutInvisible } from "../../printable.ts";
import type { App } from "../../app.ts";
import { notFound } from "../../errors.ts";
import type { Grant, OAuthForge } from "../../forges/oauth.ts";
import { findGranted } from "../../store/repositories/credentials.ts";
import { findMembership } from "../../store/organizations/members.ts";
import { getOrganizationById, type Organization } from "../../store/organizations/organizations.ts";
import { gitUserOf, saveForgeAccount, replaceForgeAccount, type ForgeHolder } from "./connect.ts";
import { nameOfCredential } from "../names.ts";
import type { User } from "../../store/accounts/users.ts";

/** The organization of the OAuth flow, if this user may still connect accounts for it. Fails as `notFound`. */
export async function organizationOfPurpose(
  app: App,
  { user }: { user: Pick<User, "id"> },
  organizationId: string,
): Promise<Organization> {
  const organization = await getOrganizationById(app.db, organizationId);
  const membership = await findMembership(app.db, organization.slug, user.id);
  if (!membership || membership.member.role === "member") throw notFound("There is no page at this address.");
  return organization;
}

/** Replaces what the same account granted before, so that its repositories and webhooks go on working. */
export async function connectByGrant(
  app: App,
  organization: Organization,
  { forge, grant, actor }: { forge: OAuthForge; grant: Grant; actor: string },
): Promise<ForgeHolder> {
  const holder = await holderOf(app, forge, grant);
  const { provider, origin, login } = holder;
  const known = await findGranted(app.db, organization.id, { provider, origin, account: login });
  const name = known ? nameOfCredential(known) : `${login} at ${new URL(origin).host}`.slice(0, 100);
  if (known) await replaceForgeAccount(app, organization, { id: known.id, holder, name, actor });
  else
    await app.db.transaction(async (db) => {
      await saveForgeAccount(app, db, { organization, holder, name, actor });
    });
  return holder;
}

async function holderOf(app: App, { name, origin }: OAuthForge, grant: Grant): Promise<ForgeHolder> {
  const { accessToken: token, refreshToken, expiresAt } = grant;
  const access = { token, username: null, limits: null };
  const account = await app.forges.at(name, origin).findAccount(access);
  const login = withoutInvisible(account.login);
  return {
    provider: name,
    origin,
    account: { ...account, login, expiresAt: expiresAt ?? account.expiresAt },
    login,
    gitUser: name === "bitbucket" ? "x-token-auth" : gitUserOf(name, login),
    token,
    refreshToken,
    isGranted: true,
  };
}
