// From a repository's row to what git needs to reach it: the credential in the clear, the pinned host key.
import type { App } from "../../app.ts";
import type { Credential, Remote } from "../../git/mirror.ts";
import { parseRemote } from "../../git/remote.ts";
import { Failure } from "../../errors.ts";
import { findCredential } from "../../store/repositories/credentials.ts";
import { findHostKey } from "../../store/repositories/host-keys.ts";
import type { Repository } from "../../store/repositories/repositories.ts";
import { accessOf } from "../forges/access.ts";
import { afterRefusal } from "../forges/renew.ts";

export async function remoteOf(app: App, repository: Repository): Promise<Remote> {
  const host = sshHostOf(repository.url);
  return {
    url: repository.url,
    credential: await credentialOf(app, repository),
    hostKey: host === null ? null : await findHostKey(app.db, repository.organization_id, host),
  };
}

/** `host:port` of an SSH address, the name a host key is pinned under; null for any other. */
export function sshHostOf(url: string): string | null {
  const remote = parseRemote(url, { allowLocal: true });
  return remote.kind === "ssh" ? `${remote.host}:${remote.port}` : null;
}

/** The host name of an address; empty for a local path. */
export function hostOf(url: string): string {
  const remote = parseRemote(url, { allowLocal: true });
  if (remote.kind === "ssh") return remote.host;
  return remote.kind === "http" ? new URL(remote.url).hostname : "";
}

/**
 * The remote with a new token after the token of `remote` was refused; null when there is none, or it failed for
 * another reason.
 */
export async function remoteAfter(
  app: App,
  repository: Repository,
  { remote, error }: { remote: Remote; error: unknown },
): Promise<Remote | null> {
  const { credential_id: id, organization_id: organizationId } = repository;
  if (!(error instanceof Failure) || error.code !== "git_unauthorized" || id === null) return null;
  const row = await findCredential(app.db, organizationId, id);
  if (!row || row.granted_at === null || remote.credential?.kind !== "basic") return null;
  const isSame = app.secrets.open("credentials", row.id, row.secret) === remote.credential.password;
  const renewed = isSame ? await afterRefusal(app, row).catch(() => null) : row;
  return renewed && remoteOf(app, repository);
}

async function credentialOf(app: App, repository: Repository): Promise<Credential | null> {
  if (repository.credential_id === null) return null;
  const row = await findCredential(app.db, repository.organization_id, repository.credential_id);
  if (!row) return null;
  if (row.provider !== null)
    return { kind: "basic", username: row.username ?? "", password: (await accessOf(app, row)).token };
  const secret = app.secrets.open("credentials", row.id, row.secret);
  return row.kind === "ssh-key"
    ? { kind: "ssh-key", privateKey: secret }
    : { kind: "basic", username: row.username ?? "", password: secret };
}
