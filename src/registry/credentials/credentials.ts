// What opens a private repository: a user with a password or token, or an SSH key. Sealed before it is stored.
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
  /** One of the organization's. */
  | { kind: "stored"; id: string };

/** Where a credential is to open something: an SSH address or an HTTP one, on `host` (with its port). */
export type Opening = { isSsh: boolean; host: string };

/** `publicKey` and `fingerprint` are of an SSH key, null for a password. */
export type PreparedCredential = Pick<CredentialRow, "kind" | "username" | "host"> & {
  /** The forge that it is an account at; null when it is for git alone. */
  provider: string | null;
  /** Null when it is to be made. */
  id: string | null;
  secret: string;
  publicKey: string | null;
  fingerprint: string | null;
};

/** Checks that the credential fits the address, and makes a key pair when one is asked for. */
export async function prepareCredential(
  app: App,
  organization: Organization,
  { given, opening }: { given: GivenCredential | null; opening: Opening },
): Promise<PreparedCredential | null> {
  const { isSsh, host } = opening;
  if (given === null && isSsh)
    throw invalid("An SSH address needs a key.", {
      field: "credential",
      remedy: { do: "choose-ssh-key", organization: organization.slug },
    });
  if (given === null) return null;
  if (given.kind === "stored") return prepareStored(app, organization, { id: given.id, opening });
  if ((given.kind !== "basic") !== isSsh) throw wrongKind(given.kind === "basic");
  if (given.kind !== "basic") return prepareKey(given.kind === "ssh-key" ? given.privateKey : null);
  if (given.password === "") throw invalid("The password is empty.", { field: "credential" });
  const { username, password: secret } = given;
  refuseInvisible(username, "username");
  const made = { id: null, provider: null, publicKey: null, fingerprint: null };
  return { ...made, kind: "basic", username, host, secret };
}

/** Answers its row's id. */
export async function storeCredential(
  app: App,
  db: Db,
  of: { organizationId: string; credential: PreparedCredential; name?: string; actor: string },
): Promise<string> {
  const { organizationId, credential, name = null, actor } = of;
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

export type NewCredential = { name: string } & (
  { kind: "basic"; username: string; password: string; host: string } | { kind: "new-ssh-key" }
);

/** One with a name, for as many repositories as like; nothing is synced. */
export async function createCredential(
  app: App,
  organization: Organization,
  { given, actor }: { given: NewCredential; actor: string },
): Promise<Credential | null> {
  const organizationId = organization.id;
  const name = checkedName(given.name);
  const host = given.kind === "basic" ? checkedHost(given.host) : "";
  if (given.kind === "basic" && given.username.trim() === "")
    throw invalid("Say which user the token is of.", { field: "username" });
  if (given.kind === "basic" && given.password === "")
    throw invalid("The password or token is empty.", { field: "password" });
  const opening = { isSsh: given.kind !== "basic", host };
  const credential = await prepareCredential(app, organization, { given, opening });
  return app.db.transaction(async (db) => {
    if (credential === null) return null;
    const id = await storeCredential(app, db, { organizationId, credential, name, actor });
    const action = given.kind === "basic" ? "credential.created" : "ssh_key.created";
    await addActivity(db, { organizationId, actor, now: app.now(), action, subject: name });
    return findCredential(db, organizationId, id);
  });
}

/** Fails as `conflict` while a repository uses it. */
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
        `${uses === 1 ? "A repository uses" : `${uses} repositories use`} it. Give them another one first.`,
        { code: "credential_used" },
      );
    await remove(db, organizationId, credential.id);
    const action = credential.kind === "basic" ? "credential.removed" : "ssh_key.removed";
    const subject = nameOfCredential(credential);
    await addActivity(db, { organizationId, actor, now: app.now(), action, subject });
  });
}

/** One that came with its repository goes when no other repository uses it. */
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
  // Else whoever may add a repository could have the token sent to a server of their own.
  if (row.kind === "basic" && row.host !== opening.host)
    throw invalid(
      row.host === null
        ? "That credential belongs to its own repository. Give this one its own."
        : `That credential is for ${row.host} and is sent nowhere else.`,
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

/** The SSH library is loaded only here and by a sync that needs it: it would double the time to the first answer. */
async function prepareKey(given: string | null): Promise<PreparedCredential> {
  const { fingerprint, generateKeyPair, publicKeyOf } = await import("../../git/keys.ts");
  const secret = given ?? generateKeyPair("pricore").privateKey;
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
  const wrongLength = "A name has 1 to 100 characters.";
  return checkLine(text, { field: "name", wrongLength, code: "name_invalid" });
}

function checkedHost(text: string): string {
  const host = text
    .trim()
    .toLowerCase()
    .replace(/^https:\/\//, "")
    .replace(/\/.*$/, "");
  if (/^(?!-)[a-z0-9.-]{1,253}(:\d{1,5})?$/.test(host)) return host;
  throw invalid("Give the host that the token is for, like git.example.com.", { field: "host" });
}

function wrongKind(isBasic: boolean): Failure {
  const message = isBasic
    ? "A user and password go with an https:// address; an SSH address takes an SSH key."
    : "An SSH key goes with an address like git@host:path or ssh://….";
  return invalid(message, { field: "credential" });
}
