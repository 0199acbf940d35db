// The mail that was queued, as the one who gets it would read it.
import type { App } from "../../src/app.ts";
import { sendMails, bodyOf } from "../../src/registry/mail.ts";
import { getMail, listMails } from "../../src/store/mails.ts";

export type ReadMail = { subject: string; text: string; links: string[] };

/** Newest first. */
export async function mailsTo(app: App, address: string): Promise<ReadMail[]> {
  await sendMails(app);
  const mails = await listMails(app.db, { limit: 100, before: null });
  const found: ReadMail[] = [];
  for (const { id, subject, recipient } of mails) {
    if (recipient !== address) continue;
    const text = bodyOf(app, await getMail(app.db, id)) ?? "";
    found.push({ subject, text, links: text.match(/https?:\/\/\S+/g) ?? [] });
  }
  return found;
}

/** The path of the only link in the newest mail to that address. */
export async function linkTo(app: App, address: string): Promise<string> {
  const [mail] = await mailsTo(app, address);
  const [link = ""] = mail?.links ?? [];
  if (!link.startsWith(`${app.config.appUrl}/`)) throw new Error(`no link of ours was mailed to ${address}`);
  return link.slice(app.config.appUrl.length);
}
