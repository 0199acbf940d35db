// Whether the mail server takes us, without sending anything, and whether others will believe the sender.
import { Failure, textOf } from "../../errors.ts";
import { fail, ok, unknown, warn, withApp, type Check } from "../check.ts";
import type { Machine } from "../machine.ts";

export const mail: Check = {
  id: "mail",
  title: "Mail",
  run: withApp(async ({ config, mail: mailer }, { machine }) => {
    if (config.mail.kind === "log")
      return warn("No mail server is set up: invitations and password resets stay in the outbox.", {
        remedy: { do: "change-setting", variable: "MAIL_MAILER", to: "smtp" },
      });
    try {
      await mailer.check();
    } catch (error) {
      if (error instanceof Failure) return fail(textOf(error), { advice: "Check the MAIL_ settings." });
      throw error;
    }
    const { address } = config.mail.smtp.from;
    return senderOf(machine, address.slice(address.lastIndexOf("@") + 1));
  }),
};

async function senderOf(machine: Machine, domain: string) {
  const [spf, dmarc] = await Promise.all([machine.texts(domain), machine.texts(`_dmarc.${domain}`)]);
  if (spf === null || dmarc === null)
    return unknown(`The mail server takes mail; the records of ${domain} could not be read.`);
  const missing = [
    ...(spf.some((text) => /^v=spf1\b/i.test(text)) ? [] : ["SPF"]),
    ...(dmarc.some((text) => /^v=DMARC1\b/i.test(text)) ? [] : ["DMARC"]),
  ];
  if (missing.length === 0) return ok(`The mail server takes mail, and ${domain} has SPF and DMARC.`);
  return warn(`${domain} has no ${missing.join(" and no ")} record, so mail from it may be taken for spam.`, {
    advice: "Add the record that your mail provider names to the DNS of the domain.",
  });
}
