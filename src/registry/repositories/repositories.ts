import type { App } from "../../app.ts";
import { conflict, invalid, type Failure } from "../../errors.ts";
import { decoded } from "../../git/address.ts";
import type { RemoteUrl } from "../../git/remote.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import { removeHostKey } from "../../store/repositories/host-keys.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import { listPackagesOfRepository, updatePackage } from "../../store/packages/packages.ts";
import { forgetHeldRefs } from "../../store/syncs/refs.ts";
import type { Db } from "../../store/engine/database.ts";
import {
  addRepository as add,
  findSameRepository,
  removeRepository as remove,
  type Repository,
} from "../../store/repositories/repositories.ts";
import { listVersions, removeVersions } from "../../store/packages/versions.ts";
import { findWebhook } from "../../store/webhooks/webhooks.ts";
import {
  dropUnused,
  prepareCredential,
  storeCredential,
  type GivenCredential,
  type Opening,
} from "../credentials/credentials.ts";
import { calmDelayMs } from "../syncs/poll-interval.ts";
import { publishPackage, publishRoot } from "../packages/publish.ts";
import { checkAddress, namedBy } from "./addresses.ts";
import { sshHostOf } from "../credentials/remotes.ts";
import { leaveForge, offerWebhook, putRenewed } from "../webhooks/webhooks.ts";

export const forges = ["github", "gitlab", "bitbucket", "gitea", "git"] as const;

export type RepositoryRequest = {
  url: string;
  /** Defaults to the last part of the address. */
  name: string | null;
  provider: string | null;
  credential: GivenCredential | null;
  /** Whether a local folder is allowed: only for commands on this machine. */
  allowLocal: boolean;
  actor: string;
};

/** `publicKey` and `fingerprint` are set when an SSH key was given or made. */
export type AddedRepository = {
  repository: Repository;
  publicKey: string | null;
  fingerprint: string | null;
};

/** Adds the repository and its encrypted credential. The caller requests the sync. */
export async function addRepository(
  app: App,
  organization: Organization,
  request: RepositoryRequest,
): Promise<AddedRepository> {
  const { remote, url, username } = await checkAddress(app, organization, request);
  const name = request.name ?? nameFrom(url);
  checkRepositoryName(name, organization);
  if (request.provider !== null && !forges.some((each) => each === request.provider))
    throw invalid(`"${request.provider}" is not one of ${forges.join(", ")}.`, { field: "provider" });
  const input = request.credential;
  const credential = await prepareCredential(app, organization, {
    input: namedBy(username, input),
    opening: openingOf(remote),
  });
  const provider = request.provider ?? credential?.provider ?? forgeFor(app, url);
  const now = app.now();
  const added = await app.db.transaction(async (db) => {
    const organizationId = organization.id;
    const { actor } = request;
    await refuseSame(db, organization, { name, url });
    const credentialId = credential
      ? await storeCredential(app, db, { organizationId, credential, actor })
      : null;
    const repository = await add(db, {
      organization_id: organizationId,
      name,
      url,
      provider,
      credential_id: credentialId,
      created_at: now,
      next_poll_at: now + calmDelayMs(app.config.syncIntervalMs),
    });
    const entry = { organizationId, actor, now };
    await addActivity(db, { ...entry, action: "repository.added", subject: name, details: { url } });
    if (credential?.provider) await putRenewed(app, db, { repository, action: "webhook.set_up", actor });
    return {
      repository,
      publicKey: credential?.publicKey ?? null,
      fingerprint: credential?.fingerprint ?? null,
    };
  });
  if (credential?.provider) await offerWebhook(app, added.repository.id);
  return added;
}

async function refuseSame(
  db: Db,
  { id, slug }: Organization,
  { name, url }: { name: string; url: string },
): Promise<void> {
  const same = await findSameRepository(db, { organization_id: id, name, url });
  if (same?.url === url)
    throw conflict(`${url} was already added as "${same.name}".`, {
      code: "repository_exists",
      remedy: { do: "sync", organization: slug, repository: same.name },
    });
  if (same) throw nameTaken(name, slug);
}

export function nameTaken(name: string, slug: string): Failure {
  return conflict(`Another repository is named "${name}".`, {
    code: "name_taken",
    field: "name",
    remedy: { do: "name-repository", organization: slug },
  });
}

/** Fails as `invalid` beside the field "name". */
export function checkRepositoryName(name: string, { slug }: Pick<Organization, "slug">): void {
  const remedy = { do: "name-repository", organization: slug } as const;
  const details = { code: "repository_name_invalid", field: "name", remedy };
  if (!/^[A-Za-z0-9](?:[A-Za-z0-9._/-]{0,98}[A-Za-z0-9])?$/.test(name))
    throw invalid(
      `"${name}" cannot be used as a name. Names have up to 100 letters, digits, dots and hyphens.`,
      details,
    );
  if (name === "new") throw invalid('The name "new" is reserved.', details);
}

/** What a credential for this address must fit. */
export function openingOf(remote: RemoteUrl): Opening {
  if (remote.kind === "ssh") return { isSsh: true, host: remote.host };
  return { isSsh: false, host: remote.kind === "http" ? new URL(remote.url).host : "" };
}

/** Its packages leave the root and are answered with the shield; archives stay for existing lock files. */
export async function removeRepository(
  app: App,
  { organization, repository, actor }: { organization: Organization; repository: Repository; actor: string },
): Promise<void> {
  const now = app.now();
  await app.db.transaction(async (db) => {
    for (const pkg of await listPackagesOfRepository(db, repository.id)) {
      const versions = await listVersions(db, pkg.id);
      await removeVersions(
        db,
        versions.map((version) => version.id),
        now,
      );
      await updatePackage(db, pkg.id, { repository_id: null });
      await publishPackage(app, db, { organization, pkg: { ...pkg, repository_id: null } });
    }
    const webhook = await findWebhook(db, repository.id);
    if (webhook) await leaveForge(app, db, [webhook]);
    await remove(db, organization.id, repository.id);
    await dropUnused(db, organization.id, repository.credential_id);
    await forgetHeldRefs(db, organization.id);
    await publishRoot(app, db, organization);
    const entry = { organizationId: organization.id, actor, now };
    await addActivity(db, { ...entry, action: "repository.removed", subject: repository.name });
  });
}

/** Forgets the pinned host key: the next sync pins the key that the server then shows. */
export async function forgetHostKey(
  app: App,
  { organization, repository, actor }: { organization: Organization; repository: Repository; actor: string },
): Promise<string> {
  const host = sshHostOf(repository.url);
  if (host === null) throw invalid(`${repository.name} does not use SSH, so it has no host key.`);
  await app.db.transaction(async (db) => {
    await removeHostKey(db, organization.id, host);
    const entry = { organizationId: organization.id, actor, now: app.now() };
    await addActivity(db, { ...entry, action: "host_key.forgotten", subject: host });
  });
  return host;
}

/** `https://git.example.com/acme/blog.git` → `blog`; characters that no name may have become hyphens. */
function nameFrom(url: string): string {
  const last =
    url
      .replace(/[/\\]+$/, "")
      .split(/[/:\\]/)
      .at(-1) ?? "";
  const name = decoded(last).replace(/\.git$/, "");
  return /[A-Za-z0-9]/.test(name)
    ? name.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+|-+$/g, "")
    : name;
}

/** A self-hosted forge is recognized by its host name. */
export function forgeFor(app: App, url: string): (typeof forges)[number] {
  const known = app.forges.recognize(url)?.name;
  if (known) return known;
  const host =
    /^(?:[a-z]+:\/\/)?(?:[^@/]+@)?([^/:]+)/i
      .exec(url)?.[1]
      ?.toLowerCase()
      .replace(/^(?:alt)?ssh\./, "") ?? "";
  if (host.startsWith("gitlab.")) return "gitlab";
  return host.startsWith("gitea.") || host.startsWith("forgejo.") ? "gitea" : "git";
}
