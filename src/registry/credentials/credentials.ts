// Credentials of private repositories: a user with a password or token, or an SSH key. Encrypted before they are
// stored.
import type { App } from "../../app.ts";
import { conflict, invalid, type Failure } from "../../errors.ts";
import { addActivity, userIdOf } from "../../store/organizations/activity.ts";
import {
  addCredential,
  countCredentialUses,
  findCredential,
  removeCredential as remove,
  type Credential,
} from "../../store/repositories/credentials.ts";
import type { Db } from "../../store/engine/database.ts";
import type { Organization } from "../../store/organizations/organizations.ts";
import type { CredentialRow } from "../../store/schema.ts";
import { checkLine, nameOfCredential, refuseInvisible } from "../names.ts";

export type GivenCredential =
  | { kind: "basic"; username: string; password: string }
  | { kind: "ssh-key"; privateKey: string }
  | { kind: "new-ssh-key" }
  /** A saved credential of the organization. */
  | { kind: "stored"; id: string };

/** What a credential must fit: an SSH or an HTTP address, on `host` (with its port). */
export type Opening = { isSsh: boolean; host: string };

/** `publicKey` and `fingerprint` belong to an SSH key, and are null for a password. */
export type PreparedCredential = Pick<CredentialRow, "kind" | "username" | "host"> & {
  /** The forge of its account; null when the credential is for git alone. */
  provider: string | null;
  /** Null for a credential that does not exist yet. */
  id: string | null;
  secret: string;
  publicKey: string | null;
  fingerprint: string | null;
};

/** Checks that the credential fits the address, and makes a key pair when one is requested. */
export async function prepareCredential(
  app: App,
  organization: Organization,
  { input, opening }: { input: GivenCredential | null; opening: Opening },
): Promise<PreparedCredential | null> {
  const { isSsh, host } = opening;
  if (input === null && isSsh)
    throw invalid("An SSH address needs an SSH key.", {
      field: "credential",
      remedy: { do: "choose-ssh-key", organization: organization.slug },
    });
  if (input === null) return null;
  if (input.kind === "stored") return prepareStored(app, organization, { id: input.id, opening });
  if ((input.kind !== "basic") !== isSsh) throw wrongKind(input.kind === "basic");
  if (input.kind !== "basic") return prepareKey(input.kind === "ssh-key" ? input.privateKey : null);
  if (input.password === "") throw invalid("Enter a password.", { field: "credential" });
  const { username, password: secret } = input;
  refuseInvisible(username, "username");
  const made = { id: null, provider: null, publicKey: null, fingerprint: null };
  return { ...made, kind: "basic", username, host, secret };
}

/** Returns the id of its row. */
export async function storeCredential(
  app: App,
  db: Db,
  request: { organizationId: string; credential: PreparedCredential; name?: string; actor: string },
): Promise<string> {
  const { organizationId, credential, name = null, actor } = request;
  if (credential.id !== null) return credential.id;
  const id = Bun.randomUUIDv7();
  await addCredential(db, {
    id,
    organization_id: organizationId,
    kind: credential.kind,
    username: credential.username,
    host: credential.host,
    secret: app.secrets.seal("credentials", id, credential.secret),
    public_key: credential.publicKey,
    created_at: app.now(),
    name,
    created_by: userIdOf(actor),
  });
  return id;
}

type NewCredential = { name: string } & (
  { kind: "basic"; username: string; password: string; host: string } | { kind: "new-ssh-key" }
);

/** Creates a named credential that any number of repositories can use; nothing is synced. */
export async function createCredential(
  app: App,
  organization: Organization,
  { input, actor }: { input: NewCredential; actor: string },
): Promise<Credential | null> {
  const organizationId = organization.id;
  const name = checkedName(input.name);
  const host = input.kind === "basic" ? checkedHost(input.host) : "";
  if (input.kind === "basic" && input.username.trim() === "")
    throw invalid("Enter the user that the token belongs to.", { field: "username" });
  if (input.kind === "basic" && input.password === "")
    throw invalid("Enter a password or token.", { field: "password" });
  const opening = { isSsh: input.kind !== "basic", host };
  const credential = await prepareCredential(app, organization, { input, opening });
  return app.db.transaction(async (db) => {
    if (credential === null) return null;
    const id = await storeCredential(app, db, { organizationId, credential, name, actor });
    const action = input.kind === "basic" ? "credential.created" : "ssh_key.created";
    await addActivity(db, { organizationId, actor, now: app.now(), action, subject: name });
    return findCredential(db, organizationId, id);
  });
}

/** Fails as `conflict` while a repository uses the credential. */
export async function removeCredential(
  app: App,
  organization: Organization,
  { credential, actor }: { credential: Credential; actor: string },
): Promise<void> {
  const organizationId = organization.id;
  await app.db.transaction(async (db) => {
    const uses = await countCredentialUses(db, organizationId, credential.id);
    if (uses > 0)
      throw conflict(
        `${uses === 1 ? "A repository uses" : `${uses} repositories use`} it. Choose another one for them first.`,
        { code: "credential_used" },
      );
    await remove(db, organizationId, credential.id);
    const action = credential.kind === "basic" ? "credential.removed" : "ssh_key.removed";
    const subject = nameOfCredential(credential);
    await addActivity(db, { organizationId, actor, now: app.now(), action, subject });
  });
}

/** Removes a credential without a name of its own when no repository uses it any more. */
export async function dropUnused(db: Db, organizationId: string, id: string | null): Promise<void> {
  if (id === null) return;
  const credential = await findCredential(db, organizationId, id);
  if (credential?.name !== null) return;
  if ((await countCredentialUses(db, organizationId, id)) === 0) await remove(db, organizationId, id);
}

async function prepareStored(
  app: App,
  organization: Organization,
  { id, opening }: { id: string; opening: Opening },
): Promise<PreparedCredential> {
  const row = await findCredential(app.db, organization.id, id);
  if (!row) {
    app.log.warn("authz.denied", { organization: organization.slug, credential: id.slice(0, 40) });
    throw invalid("There is no such credential in this organization.", { field: "credential" });
  }
  if ((row.kind === "ssh-key") !== opening.isSsh) throw wrongKind(row.kind === "basic");
  // Otherwise anybody who may add a repository could have the token sent to their own server.
  if (row.kind === "basic" && row.host !== opening.host)
    throw invalid(
      row.host === null
        ? "This SSH key belongs to another repository. Use a key of its own for this one."
        : `This credential is for ${row.host} and is never sent to another host.`,
      { field: "credential", code: "credential_host" },
    );
  const key = row.public_key;
  return {
    id: row.id,
    provider: row.provider,
    kind: row.kind,
    username: row.username,
    host: row.host,
    secret: "",
    publicKey: key,
    fingerprint: key === null ? null : await fingerprintOf(key),
  };
}

/** Loads the SSH library on demand, as a sync does: at the start it would double the time to the first response. */
async function prepareKey(input: string | null): Promise<PreparedCredential> {
  const { fingerprint, generateKeyPair, publicKeyOf } = await import("../../git/keys.ts");
  const secret = input ?? generateKeyPair("pricore").privateKey;
  const publicKey = publicKeyOf(secret);
  const key = { publicKey, fingerprint: fingerprint(publicKey) };
  return { id: null, provider: null, kind: "ssh-key", username: null, host: null, secret, ...key };
}

/** `SHA256:…` of a public key, as `ssh-keygen -l` prints it. */
export async function fingerprintOf(publicKey: string): Promise<string> {
  const { fingerprint } = await import("../../git/keys.ts");
  return fingerprint(publicKey);
}

/** Fails as `invalid` beside the field "name". */
export function checkedName(text: string): string {
  const wrongLength = "Enter a name of up to 100 characters.";
  return checkLine(text, { field: "name", wrongLength, code: "name_invalid" });
}

function checkedHost(text: string): string {
  const host = text
    .trim()
    .toLowerCase()
    .replace(/^https:\/\//, "")
    .replace(/\/.*$/, "");
  if (/^(?!-)[a-z0-9.-]{1,253}(:\d{1,5})?$/.test(host)) return host;
  throw invalid("Enter the host that the token is for, like git.example.com.", { field: "host" });
}

function wrongKind(isBasic: boolean): Failure {
  const message = isBasic
    ? "A user and password need an https:// address. Use an SSH key for an SSH address."
    : "An SSH key needs an address like git@host:path or ssh://….";
  return invalid(message, { field: "credential" });
}
