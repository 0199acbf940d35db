// The contract of sending mail: plain text to one person.
import { invalid } from "../errors.ts";
import { firstInvisible } from "../printable.ts";

export type Message = {
  /** Names the message, so that one that arrives twice can be told from two. */
  id: string;
  to: string;
  subject: string;
  text: string;
};

/** `sent`: a mail server has taken it. `kept`: nobody sends it, administrators read it in the outbox. */
export type Delivery = "sent" | "kept";

export type Mail = {
  /**
   * Fails as `invalid` (`mail_refused`) when it will never be taken as it is, and as `unavailable` when a later try may
   * succeed.
   */
  send(message: Message): Promise<Delivery>;
};

const longestSubject = 200;

/** One address, without a name and without anything that a header could take for a second one. */
export function isMailAddress(text: string): boolean {
  return (
    text.length <= 254 &&
    firstInvisible(text) === null &&
    /^[^\s@<>(),;:"[\]\\\u0000-\u001f\u007f]+@[^\s@<>(),;:"[\]\\\u0000-\u001f\u007f]+$/.test(text)
  );
}

/** What becomes a header holds no line break: nobody adds a recipient or a header of their own. */
export function checkMessage({ to, subject }: Pick<Message, "to" | "subject">): void {
  if (!isMailAddress(to))
    throw invalid("That is not an address that mail can be sent to.", {
      code: "mail_refused",
      field: "email",
    });
  if (subject.length > longestSubject || firstInvisible(subject) !== null)
    throw invalid(`A subject is one line of at most ${longestSubject} characters.`, { code: "mail_refused" });
}
