// The mail of the instance, for its administrators. Its links give access, so the password must be confirmed.
import { MailPage, OutboxPage, type MailLine } from "../../../../templates/jobs/outbox.tsx";
import { bodyOf } from "../../../registry/mail.ts";
import { getMail, listMails, type StoredMail } from "../../../store/mails.ts";
import { routesOf } from "../../access.ts";
import { page, type PageSetup } from "../../page.ts";

const pageSize = 50;

export function outboxPages(setup: PageSetup) {
  const { app } = setup;
  return routesOf(app, "outbox")
    .get(
      "/outbox",
      async ({ query, context }) => {
        const found = await listMails(app.db, { limit: pageSize + 1, before: query["before"] ?? null });
        const mails = found.slice(0, pageSize).map(lineOf);
        const next = found.length > pageSize ? (mails.at(-1)?.id ?? null) : null;
        const hasServer = app.config.mail.kind === "smtp";
        return page(setup, context, {
          render: (shell) => OutboxPage({ shell, mails, next, hasServer, now: app.now() }),
        });
      },
      { person: "administrator" },
    )
    .get(
      "/outbox/:id",
      async ({ params, context }) => {
        const mail = await getMail(app.db, params.id);
        const text = bodyOf(app, mail);
        const parts = text === null ? null : partsOf(text);
        return page(setup, context, {
          hasSecret: true,
          render: (shell) => MailPage({ shell, mail: lineOf(mail), parts, now: app.now() }),
        });
      },
      { person: "administrator", confirmed: true },
    );
}

function lineOf(mail: Omit<StoredMail, "body">): MailLine {
  const { id, recipient, subject, state, error } = mail;
  const { created_at: createdAt, next_try_at: nextTryAt, sent_at: sentAt } = mail;
  return { id, recipient, subject, state, error, createdAt, nextTryAt, sentAt };
}

/** Paragraphs, with links marked as such. */
function partsOf(text: string): { text: string; isLink: boolean }[] {
  const paragraphs = text.split(/\n\n+/).filter((each) => each.trim() !== "");
  return paragraphs.map((each) => ({ text: each.trim(), isLink: /^https?:\/\/\S+$/.test(each.trim()) }));
}
