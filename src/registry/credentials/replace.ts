// Another secret for a credential, and a sync of every repository that failed with the old one.
import type { App } from "../../app.ts";
import { invalid } from "../../errors.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { updateCredential, type Credential } from "../../store/repositories/credentials.ts";
import { listFailedOf } from "../../store/repositories/repositories.ts";
import { refuseInvisible } from "../names.ts";
import { requestSync } from "../sync-requests.ts";
import { checkedName } from "./credentials.ts";

/** Replaces the user and token for all repositories that use the credential, and syncs those that failed. */
export async function replaceCredential(
  app: App,
  organization: Organization,
  request: { credential: Credential; name: string; username: string; password: string; actor: string },
): Promise<void> {
  const { credential, username, password, actor } = request;
  const name = checkedName(request.name);
  if (credential.kind !== "basic") throw invalid("An SSH key cannot be replaced with a token.");
  if (username.trim() === "")
    throw invalid("Enter the user that the token belongs to.", { field: "username" });
  refuseInvisible(username, "username");
  if (password === "") throw invalid("Enter a password or token.", { field: "password" });
  const { id } = credential;
  const organizationId = organization.id;
  const secret = app.secrets.seal("credentials", id, password);
  await app.db.transaction(async (db) => {
    const works = { refused_at: null, error: null };
    await updateCredential(db, organizationId, { id, name, username, secret, ...works });
    const entry = { organizationId, actor, now: app.now() };
    await addActivity(db, { ...entry, action: "credential.replaced", subject: name });
  });
  await syncFailedOf(app, { organizationId, credentialId: id, actor });
}

/** Requests a sync of every repository that failed with the old credential, so that none waits for its next poll. */
export async function syncFailedOf(
  app: App,
  { organizationId, credentialId, actor }: { organizationId: string; credentialId: string; actor: string },
): Promise<void> {
  for (const repository of await listFailedOf(app.db, organizationId, credentialId))
    await requestSync(app, repository, { reason: actor });
}
