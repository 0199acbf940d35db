// The contract of sending mail: plain text to one recipient.
import { invalid } from "../errors.ts";
import { firstInvisible } from "../printable.ts";

export type Message = {
  /** The message id: mail programs drop a second copy. */
  id: string;
  to: string;
  subject: string;
  text: string;
};

/** `sent`: a mail server accepted it. `kept`: there is no mail server; administrators read it in the outbox. */
type Delivery = "sent" | "kept";

export type Mail = {
  /**
   * Fails as `invalid` (`mail_refused`) when the message is rejected for good, and as `unavailable` when a later attempt
   * may succeed.
   */
  send(message: Message): Promise<Delivery>;
  /** Connects and signs in, and sends nothing. Fails as `unavailable`; without a mail server there is nothing to check. */
  check(): Promise<void>;
};

const longestSubject = 200;

/** One bare address, without anything that a header could read as a second address. */
export function isMailAddress(text: string): boolean {
  return (
    text.length <= 254 &&
    firstInvisible(text) === null &&
    /^[^\s@<>(),;:"[\]\\\u0000-\u001f\u007f]+@[^\s@<>(),;:"[\]\\\u0000-\u001f\u007f]+$/.test(text)
  );
}

/** Header values have no line break, so that nobody can inject recipients or headers. */
export function checkMessage({ to, subject }: Pick<Message, "to" | "subject">): void {
  if (!isMailAddress(to))
    throw invalid("Email cannot be sent to this address.", {
      code: "mail_refused",
      field: "email",
    });
  if (subject.length > longestSubject || firstInvisible(subject) !== null)
    throw invalid(`A subject is one line of at most ${longestSubject} characters.`, { code: "mail_refused" });
}
