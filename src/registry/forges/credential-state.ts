// A token that its forge refuses: the refusal is saved with the credential, recorded, and mailed once to the people
// who can connect it again.
import type { App } from "../../app.ts";
import { invalid, textOf, type Failure } from "../../errors.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import { endRefusal, markRefused, type Credential } from "../../store/repositories/credentials.ts";
import type { Db } from "../../store/engine/database.ts";
import { listMembers } from "../../store/organizations/members.ts";
import { getOrganizationById } from "../../store/organizations/organizations.ts";
import { nameOfCredential } from "../names.ts";
import { hostOf, inMail, queueMail, sendSoon } from "../mail.ts";

/** `before` runs in the same transaction; when it returns false, the refusal is out of date and nothing is saved. */
export async function rememberRefusal(
  app: App,
  credential: Credential,
  { refusal, before = async () => true }: { refusal: Failure; before?: (db: Db) => Promise<boolean> },
): Promise<void> {
  const { id, organization_id: organizationId } = credential;
  const now = app.now();
  await app.db.transaction(async (db) => {
    if (!(await before(db))) return;
    if (!(await markRefused(db, organizationId, { id, now, error: textOf(refusal) }))) return;
    const entry = { organizationId, actor: "system", now, subject: nameOfCredential(credential) };
    await addActivity(db, { ...entry, action: "credential.refused" });
    await mailAdmins(app, db, credential, refusal);
  });
  await sendSoon(app);
}

/** Clears the refusal once the credential works again. */
export async function forgetRefusal({ db }: App, credential: Credential): Promise<void> {
  if (credential.refused_at !== null) await endRefusal(db, credential.organization_id, credential.id);
}

/** The failure when the forge has ended the granted access. */
export function accessEnded(credential: Pick<Credential, "host">): Failure {
  return invalid(`${credential.host} has revoked the access.`, {
    code: "forge_credential_refused",
    advice: "Connect it again under Settings → Credentials.",
  });
}

async function mailAdmins(app: App, db: Db, credential: Credential, refusal: Failure): Promise<void> {
  const { id: organizationId, name, slug } = await getOrganizationById(db, credential.organization_id);
  const subject = `${inMail(name)}: ${inMail(credential.host ?? "a Git host")} refuses "${inMail(nameOfCredential(credential))}"`;
  const text = [
    `At ${hostOf(app)}, "${inMail(nameOfCredential(credential))}" of ${inMail(name)} no longer works. ${inMail(textOf(refusal))}`,
    "Published packages can still be installed. Repositories that use it get no updates until it is connected again:",
    `${app.config.appUrl}/organizations/${slug}/settings/credentials`,
  ].join("\n\n");
  for (const { email, role } of await listMembers(db, organizationId, { terms: [], role: null }))
    if (role !== "member") await queueMail(app, db, { to: email, subject, text });
}
