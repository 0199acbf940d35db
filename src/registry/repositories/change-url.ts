// Changing a repository's address: it was renamed at its forge, or moved to another one. Everything that
// was published stays; the next sync compares the refs as always.
import type { App } from "../../app.ts";
import { conflict } from "../../errors.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import type { Db } from "../../store/engine/database.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import {
  findRepositoryByUrl,
  updateRepository,
  type Repository,
} from "../../store/repositories/repositories.ts";
import { findWebhook, removeWebhook } from "../../store/webhooks/webhooks.ts";
import {
  dropUnused,
  prepareCredential,
  storeCredential,
  type GivenCredential,
  type PreparedCredential,
} from "../credentials/credentials.ts";
import { checkAddress, namedBy } from "./addresses.ts";
import { openingOf, forgeFor } from "./repositories.ts";
import { requestSync } from "../sync-requests.ts";
import { leaveForge, offerWebhook, putRenewed } from "../webhooks/webhooks.ts";

type RepositoryOfMove = { organization: Organization; repository: Repository };
type Move = {
  url: string;
  /** `keep` fails as `invalid` when the old credential is for another host. */
  credential: GivenCredential | null | "keep";
  actor: string;
};

/** Moves to the address that the forge has reported; the webhook has moved along. Fails as `conflict` without one. */
export async function followMove(app: App, moving: RepositoryOfMove & { actor: string }): Promise<void> {
  const { repository, actor } = moving;
  const url = repository.moved_to;
  if (url === null) throw conflict(`${repository.name} has not moved, as far as we know.`);
  await moveRepository(app, moving, { url, credential: "keep", actor });
}

/**
 * Returns false when the address stays the same. The webhook at the old address is removed; where an account at the new
 * one's forge is connected, a new webhook is registered.
 */
export async function moveRepository(app: App, moving: RepositoryOfMove, move: Move): Promise<boolean> {
  const { organization, repository } = moving;
  const { actor, credential: input } = move;
  const { remote, url, username } = await checkAddress(app, organization, {
    ...move,
    allowLocal: false,
  });
  if (url === repository.url) return false;
  const stored = repository.credential_id && { kind: "stored" as const, id: repository.credential_id };
  const opened = {
    input: input === "keep" ? stored || null : namedBy(username, input),
    opening: openingOf(remote),
  };
  const credential = await prepareCredential(app, organization, opened);
  const isFollowing = url === repository.moved_to;
  const moved = await app.db.transaction(async (db) => {
    await refuseSecond(db, organization, url);
    if (!isFollowing) await leaveOldForge(app, db, repository);
    const now = await put(app, db, { moving, url, credential, isFollowing, actor });
    if (!isFollowing && credential?.provider)
      await putRenewed(app, db, { repository: now, action: "webhook.set_up", actor });
    return now;
  });
  if (credential?.provider) await offerWebhook(app, repository.id);
  // Somebody must enter a key that was just made at the forge first.
  if (opened.input?.kind !== "new-ssh-key") await requestSync(app, moved, { reason: actor });
  return true;
}

async function refuseSecond(db: Db, { id }: Organization, url: string): Promise<void> {
  const other = await findRepositoryByUrl(db, id, url);
  if (other)
    throw conflict(`${url} was already added as "${other.name}". Remove one of the two.`, {
      code: "repository_exists",
      field: "url",
    });
}

async function leaveOldForge(app: App, db: Db, { id }: Repository): Promise<void> {
  const webhook = await findWebhook(db, id);
  if (!webhook) return;
  await leaveForge(app, db, [webhook]);
  await removeWebhook(db, id);
}

type AddressChange = {
  moving: RepositoryOfMove;
  url: string;
  credential: PreparedCredential | null;
  isFollowing: boolean;
  actor: string;
};

async function put(app: App, db: Db, putting: AddressChange): Promise<Repository> {
  const { moving, url, credential, isFollowing, actor } = putting;
  const { organization, repository } = moving;
  const organizationId = organization.id;
  const id = credential && (await storeCredential(app, db, { organizationId, credential, actor }));
  const provider = isFollowing ? repository.provider : (credential?.provider ?? forgeFor(app, url));
  const change = { url, provider, credential_id: id, moved_to: null };
  await updateRepository(db, repository.id, change);
  if (id !== repository.credential_id) await dropUnused(db, organizationId, repository.credential_id);
  const entry = { organizationId, actor, now: app.now() };
  const details = { before: repository.url, url };
  await addActivity(db, { ...entry, action: "repository.followed", subject: repository.name, details });
  return { ...repository, ...change };
}
