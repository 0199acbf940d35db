// The credentials of an organization as their pages list them.
import type { CredentialLine } from "../../../../templates/credentials/line.tsx";
import type { App } from "../../../app.ts";
import type { RateLimit } from "../../../registry/forges/access.ts";
import { fingerprintOf } from "../../../registry/credentials/credentials.ts";
import { nameOfCredential } from "../../../registry/names.ts";
import {
  listCredentials,
  listCredentialUses,
  type ListedCredential,
} from "../../../store/repositories/credentials.ts";
import type { Membership } from "../../../store/organizations/members.ts";
import { listUserNames } from "../../../store/accounts/users.ts";

export async function linesOf(
  app: App,
  { organization }: Membership,
  kind: "basic" | "ssh-key",
): Promise<CredentialLine[]> {
  const credentials = await listCredentials(app.db, organization.id, kind);
  const uses = Map.groupBy(await listCredentialUses(app.db, organization.id), (each) => each.credential_id);
  const makers = [...new Set(credentials.flatMap((each) => each.created_by ?? []))];
  const names = await listUserNames(app.db, makers);
  return Promise.all(
    credentials.map(async (each) => ({
      id: each.id,
      name: nameOfCredential(each),
      username: each.username,
      host: each.host,
      publicKey: each.public_key,
      fingerprint: each.public_key === null ? null : await fingerprintOf(each.public_key),
      createdAt: each.created_at,
      creator: names.get(each.created_by ?? "") ?? null,
      forge: forgeLineOf(each),
      usedBy: (uses.get(each.id) ?? []).map(({ name }) => name),
    })),
  );
}

/** The forge's rate limit as it last reported it; null before it has. */
export function rateOf(
  each: Pick<ListedCredential, "rate_limit" | "rate_remaining" | "rate_resets_at">,
): RateLimit | null {
  const { rate_limit: limit, rate_remaining: remaining, rate_resets_at: resetsAt } = each;
  if (limit === null || remaining === null || resetsAt === null) return null;
  return { limit, remaining, resetsAt };
}

function forgeLineOf(each: ListedCredential): CredentialLine["forge"] {
  if (each.provider === null) return null;
  return {
    provider: each.provider,
    account: each.account ?? "",
    scopes: each.scopes === null ? null : (JSON.parse(each.scopes) as string[]),
    // A grant renews itself as long as it is not refused.
    expiresAt: each.granted_at === null ? each.expires_at : null,
    isGranted: each.granted_at !== null,
    refusedAt: each.refused_at,
    error: each.error,
    rate: rateOf(each),
  };
}
