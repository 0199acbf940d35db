// Changes that people make to a repository.
import type { App } from "../../app.ts";
import { parseRemote } from "../../git/remote.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { findRepository, updateRepository, type Repository } from "../../store/repositories/repositories.ts";
import { findWebhook } from "../../store/webhooks/webhooks.ts";
import {
  dropUnused,
  prepareCredential,
  storeCredential,
  type GivenCredential,
} from "../credentials/credentials.ts";
import { checkRepositoryName, nameTaken, openingOf } from "./repositories.ts";
import { requestSync } from "../sync-requests.ts";
import { offerWebhook, putRenewed } from "../webhooks/webhooks.ts";

type RepositoryChange = {
  name: string;
  /** `keep` changes nothing; null removes the credential. */
  credential: GivenCredential | null | "keep";
};

/**
 * Returns the repository's new name. A new credential is tried at once, unless its key must be entered at the Git host
 * first.
 */
export async function changeRepository(
  app: App,
  { organization, repository }: { organization: Organization; repository: Repository },
  { change, actor }: { change: RepositoryChange; actor: string },
): Promise<string> {
  const organizationId = organization.id;
  const name = change.name.trim();
  checkRepositoryName(name, organization);
  const opening = openingOf(parseRemote(repository.url, { allowLocal: true }));
  const input = change.credential;
  const credential = input === "keep" ? null : await prepareCredential(app, organization, { input, opening });
  await app.db.transaction(async (db) => {
    const entry = { organizationId, actor, now: app.now() };
    if (name !== repository.name) {
      if (await findRepository(db, organizationId, name)) throw nameTaken(name, organization.slug);
      await updateRepository(db, repository.id, { name });
      const details = { before: repository.name };
      await addActivity(db, { ...entry, action: "repository.renamed", subject: name, details });
    }
    if (input === "keep") return;
    const id = credential ? await storeCredential(app, db, { organizationId, credential, actor }) : null;
    if (id === repository.credential_id) return;
    await updateRepository(db, repository.id, { credential_id: id });
    await dropUnused(db, organizationId, repository.credential_id);
    await addActivity(db, { ...entry, action: "repository.credential_changed", subject: name });
    const isFirst = credential?.provider === repository.provider && !(await findWebhook(db, repository.id));
    if (isFirst)
      await putRenewed(app, db, { repository: { ...repository, name }, action: "webhook.set_up", actor });
  });
  if (input === "keep") return name;
  await offerWebhook(app, repository.id);
  if (input?.kind !== "new-ssh-key") await requestSync(app, { ...repository, name }, { reason: actor });
  return name;
}
