// What opens a private repository: a user with a password or token, or an SSH key. Sealed before it is stored.
import type { App } from "../app.ts";
import { invalid } from "../errors.ts";
import { addCredential } from "../store/credentials.ts";
import type { Db } from "../store/database.ts";
import type { CredentialRow } from "../store/schema.ts";

export type GivenCredential =
  | { kind: "basic"; username: string; password: string }
  | { kind: "ssh-key"; privateKey: string }
  | { kind: "new-ssh-key" };

/** `publicKey` and `fingerprint` are of an SSH key, null for a password. */
export type PreparedCredential = Pick<CredentialRow, "kind" | "username"> & {
  secret: string;
  publicKey: string | null;
  fingerprint: string | null;
};

/** Checks that the credential fits the address, and makes a key pair when one is asked for. */
export async function prepareCredential(
  given: GivenCredential | null,
  isSsh: boolean,
): Promise<PreparedCredential | null> {
  if (given === null && isSsh)
    throw invalid("An SSH address needs a key.", {
      field: "credential",
      remedy: "Give one with --ssh-key FILE, or have one made with --ssh-key new.",
    });
  if (given === null) return null;
  if ((given.kind !== "basic") !== isSsh) throw wrongKind(given);
  if (given.kind !== "basic") return prepareKey(given.kind === "ssh-key" ? given.privateKey : null);
  if (given.password === "") throw invalid("The password is empty.", { field: "credential" });
  return {
    kind: "basic",
    username: given.username,
    secret: given.password,
    publicKey: null,
    fingerprint: null,
  };
}

/** Answers the new row's id. */
export async function storeCredential(
  app: App,
  db: Db,
  { organizationId, credential }: { organizationId: string; credential: PreparedCredential },
): Promise<string> {
  const id = Bun.randomUUIDv7();
  await addCredential(db, {
    id,
    organization_id: organizationId,
    kind: credential.kind,
    username: credential.username,
    secret: app.secrets.seal("credentials", id, credential.secret),
    public_key: credential.publicKey,
    created_at: app.now(),
  });
  return id;
}

/** The SSH library is loaded only here and by a sync that needs it: it would double the time to the first answer. */
async function prepareKey(given: string | null): Promise<PreparedCredential> {
  const { fingerprint, generateKeyPair, publicKeyOf } = await import("../git/keys.ts");
  const secret = given ?? generateKeyPair("pricore").privateKey;
  const publicKey = publicKeyOf(secret);
  return { kind: "ssh-key", username: null, secret, publicKey, fingerprint: fingerprint(publicKey) };
}

function wrongKind(given: GivenCredential) {
  const message =
    given.kind === "basic"
      ? "A user and password go with an https:// address; use --ssh-key for SSH."
      : "An SSH key goes with an address like git@host:path or ssh://….";
  return invalid(message, { field: "credential" });
}
