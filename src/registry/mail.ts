// Mail is queued in the transaction of the change that it reports, and sent afterwards: what was committed is
// mailed even after a crash, and a mail server that is away delays only the mail.
import type { App } from "../app.ts";
import { excerpt } from "../composer/text.ts";
import { Failure, tooMany, unavailable, textOf } from "../errors.ts";
import { checkMessage } from "../mail/mail.ts";
import type { WorkFailure } from "../jobs/queue.ts";
import { redact } from "../log.ts";
import { networkOf } from "../net.ts";
import { printableLines, withoutInvisible } from "../printable.ts";
import type { Db } from "../store/engine/database.ts";
import { addMail, listDueMails, updateMail, type StoredMail } from "../store/mails.ts";
import { countAgainst } from "../store/accounts/throttles.ts";
import { runSoon } from "./enqueue-now.ts";

type Letter = { to: string; subject: string; text: string };

const minute = 60_000;
const hour = 60 * minute;
/** Mail is retried for so long. */
const triedForMs = 72 * hour;
const roundMails = 100;

/**
 * Fails as `invalid` for an address or a subject that no header can hold. The mail is sent within seconds when
 * `sendSoon` is called after the commit, and within a minute when it is not.
 */
export async function queueMail(app: App, db: Db, { to, subject, text }: Letter): Promise<void> {
  checkMessage({ to, subject });
  const id = Bun.randomUUIDv7();
  const body = app.secrets.seal("mail", id, printableLines(text));
  await addMail(db, { id, recipient: to, subject, body, created_at: app.now() });
}

export async function sendSoon(app: App): Promise<void> {
  await runSoon(app, "send-mails");
}

/**
 * Sends mail that is due. When the server is away, the rest waits for the next round. Returns the reason of the last
 * mail that was not sent.
 */
export async function sendMails(app: App): Promise<WorkFailure | void> {
  let reason: string | null = null;
  for (const mail of await listDueMails(app.db, app.now(), roundMails)) {
    const sent = await sendOne(app, mail);
    reason = sent.reason ?? reason;
    if (sent.is === "later") break;
  }
  if (reason !== null) return { failed: redact(reason) };
}

/** The name of this registry inside a sentence of a mail. Links stand on their own lines. */
export function hostOf({ config }: App): string {
  return new URL(config.appUrl).host;
}

/**
 * A user's text inside a mail: one line, without an address that a reader could take for one of this registry.
 */
export function inMail(name: string): string {
  return excerpt(
    withoutInvisible(name)
      .replaceAll("://", " ")
      .replace(/\bwww\./gi, "www "),
  );
}

/** The text of a stored mail; null when a mail server has taken it. */
export function bodyOf(app: App, { id, body }: Pick<StoredMail, "id" | "body">): string | null {
  return body === null ? null : app.secrets.open("mail", id, body);
}

type Sent = { is: "sent" | "given up" | "later"; reason: string | null };

async function sendOne(app: App, mail: StoredMail): Promise<Sent> {
  const { id, recipient: to, subject } = mail;
  try {
    const state = await app.mail.send({ id, to, subject, text: bodyOf(app, mail) ?? "" });
    const body = state === "sent" ? { body: null } : {};
    await updateMail(app.db, id, { state, error: null, sent_at: app.now(), ...body });
    return { is: "sent", reason: null };
  } catch (error) {
    const failure = error instanceof Failure ? error : unavailable("The email could not be sent.");
    const { now, log } = app;
    const isFinal = failure.kind === "invalid" || mail.created_at + triedForMs <= now();
    const next_try_at = now() + delayAfter(now() - mail.created_at);
    log.warn(isFinal ? "mail.given_up" : "mail.not_sent", { mail: id, reason: failure.message });
    const state = isFinal ? "failed" : "waiting";
    await updateMail(app.db, id, { state, error: textOf(failure), next_try_at });
    const outcome = isFinal ? "An email was given up" : "An email was not sent yet";
    return { is: isFinal ? "given up" : "later", reason: `${outcome}: ${textOf(failure)}` };
  }
}

/** The delay before the next attempt: the time waited so far, from half a minute to an hour. */
function delayAfter(waitedMs: number): number {
  return Math.min(Math.max(waitedMs, minute / 2), hour);
}

const maxPerRecipient = 3;
const perClient = { limit: 20, windowMs: hour };

type Counted = {
  to: string;
  /** The address of the client that caused it. */
  client: string;
  /** A kind of mail that is counted apart, so that other mail cannot block it. */
  kind?: "reset";
  windowMs?: number;
};

/** Fails as `tooMany`, with the same message whether or not the address exists. */
export async function countMail(app: App, { to, client, kind, windowMs = hour }: Counted): Promise<void> {
  const now = app.now();
  const recipient = `${kind ?? "mail"} to ${to.toLowerCase().slice(0, 200)}`;
  const wait = Math.max(
    await countAgainst(app.db, recipient, { limit: maxPerRecipient, windowMs, now }),
    await countAgainst(app.db, `mail by ${networkOf(client)}`, { ...perClient, now }),
  );
  if (wait === 0) return;
  throw tooMany(`Too many emails were requested. Try again in ${Math.ceil(wait / minute)} min.`, {
    code: "mail_throttled",
    field: "email",
    retryAfterSeconds: Math.ceil(wait / 1000),
  });
}
