// What people change of a repository, and the sync that they ask for.
import type { App } from "../../app.ts";
import { conflict, invalid } from "../../errors.ts";
import { parseRemote } from "../../git/remote.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { updateCredential, type Credential } from "../../store/repositories/credentials.ts";
import {
  findRepository,
  listFailedOf,
  updateRepository,
  type Repository,
} from "../../store/repositories/repositories.ts";
import { findWebhook } from "../../store/webhooks/webhooks.ts";
import {
  checkedName,
  dropUnused,
  prepareCredential,
  storeCredential,
  type GivenCredential,
} from "./credentials.ts";
import { checkRepositoryName, openingOf } from "./repositories.ts";
import { requestSync } from "../syncs/sync.ts";
import { offerWebhook, putRenewed } from "../webhooks/webhooks.ts";
import { refuseInvisible } from "../names.ts";

export type RepositoryChange = {
  name: string;
  /** `keep` leaves it as it is; null takes it away. */
  credential: GivenCredential | null | "keep";
};

/** Answers the name that it has now. A new credential is tried at once, unless the git host must be given its key first. */
export async function changeRepository(
  app: App,
  { organization, repository }: { organization: Organization; repository: Repository },
  { change, actor }: { change: RepositoryChange; actor: string },
): Promise<string> {
  const organizationId = organization.id;
  const name = change.name.trim();
  checkRepositoryName(name);
  const opening = openingOf(parseRemote(repository.url, { allowLocal: true }));
  const given = change.credential;
  const credential = given === "keep" ? null : await prepareCredential(app, organization, { given, opening });
  await app.db.transaction(async (db) => {
    const told = { organizationId, actor, now: app.now() };
    if (name !== repository.name) {
      if (await findRepository(db, organizationId, name))
        throw conflict(`A repository is named "${name}" already.`, { code: "name_taken", field: "name" });
      await updateRepository(db, repository.id, { name });
      const details = { before: repository.name };
      await addActivity(db, { ...told, action: "repository.renamed", subject: name, details });
    }
    if (given === "keep") return;
    const id = credential ? await storeCredential(app, db, { organizationId, credential, actor }) : null;
    if (id === repository.credential_id) return;
    await updateRepository(db, repository.id, { credential_id: id });
    await dropUnused(db, organizationId, repository.credential_id);
    await addActivity(db, { ...told, action: "repository.credential_changed", subject: name });
    const isFirst = credential?.provider === repository.provider && !(await findWebhook(db, repository.id));
    if (isFirst) await putRenewed(app, db, { repository: { ...repository, name }, act: "set_up", actor });
  });
  if (given === "keep") return name;
  await offerWebhook(app, repository.id);
  if (given?.kind !== "new-ssh-key") await requestSync(app, { ...repository, name }, { reason: actor });
  return name;
}

/** Another user or token in the place of the old one, for all repositories that use it; what failed is synced. */
export async function replaceCredential(
  app: App,
  organization: Organization,
  of: { credential: Credential; name: string; username: string; password: string; actor: string },
): Promise<void> {
  const { credential, username, password, actor } = of;
  const name = checkedName(of.name);
  if (credential.kind !== "basic") throw invalid("An SSH key cannot be replaced by a token.");
  if (username.trim() === "") throw invalid("Say which user the token is of.", { field: "username" });
  refuseInvisible(username, "username");
  if (password === "") throw invalid("The password or token is empty.", { field: "password" });
  const { id } = credential;
  const organizationId = organization.id;
  const secret = app.secrets.seal("credentials", id, password);
  await app.db.transaction(async (db) => {
    const works = { refused_at: null, error: null };
    await updateCredential(db, organizationId, { id, name, username, secret, ...works });
    const told = { organizationId, actor, now: app.now() };
    await addActivity(db, { ...told, action: "credential.replaced", subject: name });
  });
  await syncFailedOf(app, { organizationId, credentialId: id, actor });
}

/** What failed with the old credential need not wait for its next poll. */
export async function syncFailedOf(
  app: App,
  { organizationId, credentialId, actor }: { organizationId: string; credentialId: string; actor: string },
): Promise<void> {
  for (const repository of await listFailedOf(app.db, organizationId, credentialId))
    await requestSync(app, repository, { reason: actor });
}

/** A person asks; that person stands as the reason in the history of syncs. */
export async function askForSync(
  app: App,
  repository: Repository,
  { actor, confirmRemovals = false }: { actor: string; confirmRemovals?: boolean },
): Promise<void> {
  const told = { organizationId: repository.organization_id, actor, now: app.now() };
  const action = confirmRemovals ? "repository.removals_confirmed" : "repository.sync_asked";
  await app.db.transaction((db) => addActivity(db, { ...told, action, subject: repository.name }));
  await requestSync(app, repository, { reason: actor, confirmRemovals });
}
