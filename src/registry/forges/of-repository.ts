// The account at a forge that manages a repository's webhook.
import type { App } from "../../app.ts";
import { findCredential, listCredentials, type Credential } from "../../store/repositories/credentials.ts";
import type { Db } from "../../store/engine/database.ts";
import type { ForgeName } from "../../forges/forge.ts";
import type { Repository } from "../../store/repositories/repositories.ts";

/** `path` is the repository's path at the forge: `acme/blog`. */
export type ForgeOfRepository = { credential: Credential; path: string };

/** The repository's own account, or else one of the organization at the same forge; null when there is none. */
export async function forgeOfRepository(
  app: App,
  db: Db,
  repository: Pick<Repository, "organization_id" | "credential_id" | "provider" | "url">,
): Promise<ForgeOfRepository | null> {
  const { organization_id: organizationId, credential_id: ownId, provider } = repository;
  if (provider === "git") return null;
  const listed = await listCredentials(db, organizationId, "basic");
  const accounts = listed
    .filter((each) => each.provider === provider && each.origin !== null)
    .toSorted((a, b) => Number(b.id === ownId) - Number(a.id === ownId));
  for (const { id, origin } of accounts) {
    const found = app.forges.recognize(repository.url, { name: provider as ForgeName, origin });
    if (found?.origin !== origin) continue;
    const credential = await findCredential(db, organizationId, id);
    if (credential) return { credential, path: found.path };
  }
  return null;
}
