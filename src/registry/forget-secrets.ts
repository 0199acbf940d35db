// After the encryption key was lost: new keys and secrets where this registry makes
// them itself, and a mark where a person has to enter one again.
import { addActivity } from "../store/organizations/activity.ts";
import type { Db } from "../store/engine/database.ts";
import {
  forgetCertificates,
  forgetCodeApps,
  forgetMails,
  forgetOneTimeSecrets,
  forgetPasswords,
  forgetWebhookRemovals,
  listSealedCredentials,
  listSealedWebhooks,
  replaceKeyPair,
} from "../store/sealed.ts";
import { updateWebhook } from "../store/webhooks/webhooks.ts";
import type { Secrets } from "../secrets.ts";
import { nameOfCredential } from "./names.ts";
import { newWebhookSecret } from "./webhooks/secrets.ts";

export type Forgotten = {
  /** Passwords and tokens that must be entered again. */
  credentials: { organization: string; name: string }[];
  /** SSH keys that were made anew: their public keys must be added at the host again. */
  sshKeys: { organization: string; name: string; publicKey: string }[];
  /** Webhooks entered by hand, whose new secret must be entered, too. */
  manualWebhooks: { organization: string; repository: string }[];
  /** Webhooks whose forge gets the new secret automatically, as soon as the account there works again. */
  webhooks: number;
  /** Addresses of users whose code app does not work any more. */
  codeApps: string[];
  mails: number;
  leftHooks: number;
};

const reason = "It was encrypted with a key that was replaced. Enter it again.";

type Replacing = { secrets: Secrets; now: number };

/** Belongs in the transaction that replaces the key. */
export async function forgetSecrets(db: Db, { secrets, now }: Replacing): Promise<Forgotten> {
  const { generateKeyPair } = await import("../git/keys.ts");
  const known = await listSealedCredentials(db);
  await forgetPasswords(db, { now, reason });
  const credentials = known
    .filter(({ kind }) => kind === "basic")
    .map((each) => ({ organization: each.slug, name: nameOfCredential(each) }));
  const sshKeys: Forgotten["sshKeys"] = [];
  for (const each of known.filter(({ kind }) => kind === "ssh-key")) {
    const { id, slug: organization } = each;
    const { privateKey, publicKey } = generateKeyPair(`pricore ${organization}`);
    await replaceKeyPair(db, { id, publicKey, secret: secrets.seal("credentials", id, privateKey) });
    sshKeys.push({ organization, name: nameOfCredential(each), publicKey });
  }
  const manualWebhooks = await renewWebhooks(db, { secrets, now });
  const renewed = await listSealedWebhooks(db);
  const codeApps = await forgetCodeApps(db);
  const mails = await forgetMails(db, "Its text was encrypted with a key that was replaced.");
  const leftHooks = await forgetWebhookRemovals(db);
  await forgetOneTimeSecrets(db);
  await forgetCertificates(db);
  await addActivity(db, { organizationId: null, actor: "cli", action: "key.replaced", subject: "", now });
  const webhooks = renewed.length - manualWebhooks.length;
  return { credentials, sshKeys, manualWebhooks, webhooks, codeApps, mails, leftHooks };
}

/** Gives each webhook a new secret; returns those that somebody must enter at the forge. */
async function renewWebhooks(db: Db, { secrets, now }: Replacing): Promise<Forgotten["manualWebhooks"]> {
  const manual: Forgotten["manualWebhooks"] = [];
  for (const { repository_id: id, state, name, slug } of await listSealedWebhooks(db)) {
    const secret = secrets.seal("webhooks", id, newWebhookSecret());
    const change = { secret, previous_secret: null, previous_until: null };
    if (state === "manual") manual.push({ organization: slug, repository: name });
    const waiting = { state: "waiting", error: null, next_check_at: now } as const;
    await updateWebhook(db, id, state === "manual" ? change : { ...change, ...waiting });
  }
  return manual;
}
