// Mails administrators when a certificate nears its end and was not renewed.
import type { App } from "../../app.ts";
import { listOperators } from "../../store/accounts/users.ts";
import { hostOf, inMail, queueMail, sendSoon } from "../mail.ts";
import { warningStage } from "./schedule.ts";
import { readRenewalState, saveRenewalState } from "./state.ts";
import type { OwnCertificate } from "./stored.ts";

/** One mail at each point of `schedule.ts`, and none while renewals work. */
export async function warnBeforeEnd(app: App, certificate: OwnCertificate): Promise<void> {
  const state = await readRenewalState(app.db);
  const stage = warningStage(certificate, app.now());
  const known = state.warned?.certificate === certificate.id ? state.warned.stage : 0;
  if (state.error === null || stage <= known) return;
  const { message } = state.error;
  await app.db.transaction(async (db) => {
    await saveRenewalState(db, { ...state, warned: { certificate: certificate.id, stage } });
    for (const { email: to } of await listOperators(db, []))
      await queueMail(app, db, { to, ...letter(app, certificate, message) });
  });
  await sendSoon(app);
}

function letter(app: App, { notAfter }: OwnCertificate, reason: string): { subject: string; text: string } {
  const end = `${new Date(notAfter).toISOString().slice(0, 16).replace("T", " ")} UTC`;
  const verb = notAfter > app.now() ? "expires" : "expired";
  return {
    subject: `The certificate of ${hostOf(app)} ${verb} on ${end.slice(0, 10)}`,
    text: [
      `The certificate of ${hostOf(app)} ${verb} on ${end}, and renewing it fails:`,
      inMail(reason),
      "It goes on being tried. Until it is renewed, the certificate in service stays.",
    ].join("\n\n"),
  };
}
