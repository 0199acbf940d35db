// A forge that does not take the organization's token any more: kept with the credential, recorded, and told by mail to
// whoever can connect it again. Once, until it works.
import type { App } from "../../app.ts";
import { invalid, textOf, type Failure } from "../../errors.ts";
import { addActivity } from "../../store/organizations/activity.ts";
import { endRefusal, markRefused, type Credential } from "../../store/repositories/credentials.ts";
import type { Db } from "../../store/engine/database.ts";
import { listMembers } from "../../store/organizations/members.ts";
import { getOrganizationById } from "../../store/organizations/organizations.ts";
import { nameOfCredential } from "../names.ts";
import { hostOf, inMail, queueMail, sendSoon } from "../mail.ts";

/** `before`, in the same transaction, answers false when it is out of date meanwhile, and nothing is refused. */
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
    const told = { organizationId, actor: "system", now, subject: nameOfCredential(credential) };
    await addActivity(db, { ...told, action: "credential.refused" });
    await mailAdmins(app, db, credential, refusal);
  });
  await sendSoon(app);
}

/** It works. */
export async function forgetRefusal({ db }: App, credential: Credential): Promise<void> {
  if (credential.refused_at !== null) await endRefusal(db, credential.organization_id, credential.id);
}

/** What is left of an access that the forge has ended. */
export function accessEnded(credential: Pick<Credential, "host">): Failure {
  return invalid(`${credential.host} has ended the access that was granted.`, {
    code: "forge_credential_refused",
    advice: "Connect it again under Settings → Credentials.",
  });
}

async function mailAdmins(app: App, db: Db, credential: Credential, refusal: Failure): Promise<void> {
  const { id: organizationId, name, slug } = await getOrganizationById(db, credential.organization_id);
  const subject = `${inMail(name)}: ${inMail(credential.host ?? "a forge")} refuses "${inMail(nameOfCredential(credential))}"`;
  const text = [
    `At ${hostOf(app)}, "${inMail(nameOfCredential(credential))}" of ${inMail(name)} does not work any more. ${inMail(textOf(refusal))}`,
    "What is mirrored stays installable; repositories that use it get nothing new until it is connected again:",
    `${app.config.appUrl}/organizations/${slug}/settings/credentials`,
  ].join("\n\n");
  for (const { email, role } of await listMembers(db, organizationId, { words: [], role: null }))
    if (role !== "member") await queueMail(app, db, { to: email, subject, text });
}
