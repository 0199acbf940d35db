// The fields of a form that say which credential reads a repository.
import type { AccessForm, StoredChoice } from "../../../../templates/repositories/new.tsx";
import type { App } from "../../../app.ts";
import { invalid } from "../../../errors.ts";
import { userOfAddress } from "../../../registry/repositories/addresses.ts";
import { fingerprintOf, type GivenCredential } from "../../../registry/credentials/credentials.ts";
import { nameOfCredential } from "../../../registry/names.ts";
import { listCredentials, type ListedCredential } from "../../../store/repositories/credentials.ts";

export const accessFields = ["credential", "stored", "username", "password"] as const;

/** `keep` only where there is something to keep. */
export function credentialIn(
  form: AccessForm & { password: string; url: string },
): GivenCredential | null | "keep" {
  const { credential, stored, username, password, url } = form;
  if (credential === "keep") return "keep";
  if (credential === "stored") return { kind: "stored", id: stored };
  if (credential === "new-ssh-key") return { kind: "new-ssh-key" };
  if (credential !== "basic") return null;
  if (username.trim() === "" && !url.split("\n").some(userOfAddress))
    throw invalid("Enter the user that the token belongs to.", { field: "username" });
  if (password === "") throw invalid("Enter the token or password.", { field: "password" });
  return { kind: "basic", username: username.trim(), password };
}

/** All that may be chosen: passwords that are for some host, and SSH keys that did not come with one repository. */
export async function storedChoices(app: App, organizationId: string): Promise<StoredChoice[]> {
  const credentials = await listCredentials(app.db, organizationId);
  const usable = credentials.filter(({ kind, name, host }) =>
    kind === "ssh-key" ? name !== null : host !== null,
  );
  return Promise.all(usable.map(async (each) => ({ id: each.id, text: await textFor(each) })));
}

async function textFor(credential: ListedCredential): Promise<string> {
  const name = nameOfCredential(credential);
  const { kind, host, public_key: key } = credential;
  if (kind === "ssh-key" && key !== null) return `${name} (${(await fingerprintOf(key)).slice(0, 18)}…)`;
  return credential.name === null ? name : `${name} (${host})`;
}
