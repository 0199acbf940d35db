// How mail is sent.
import { isIP } from "../net.ts";
import type { Reader } from "./reader.ts";

type MailServer = {
  host: string;
  port: number;
  encryption: "tls" | "ssl" | "none";
  credentials: { username: string; password: string } | null;
  from: { address: string; name: string };
};

export type Mail = { kind: "log" } | { kind: "smtp"; smtp: MailServer };

/** `tls` is STARTTLS and what a server on 587 expects; 465 is for TLS from the first byte. */
export function mail(read: Reader): Mail {
  if (read.choice("MAIL_MAILER", "log", ["smtp", "log"]) === "log") return { kind: "log" };
  const port = read.integer("MAIL_PORT", 587, 1, 65_535);
  const username = read.text("MAIL_USERNAME", "");
  const password = read.text("MAIL_PASSWORD", "");
  if ((username === "") !== (password === ""))
    read.problem(username === "" ? "MAIL_USERNAME" : "MAIL_PASSWORD", "is missing: the two go together");
  const name = read.text("MAIL_FROM_NAME", read.text("APP_NAME", "Pricore"));
  if (/[\r\n]/.test(name)) read.problem("MAIL_FROM_NAME", "must be a single line");
  return {
    kind: "smtp",
    smtp: {
      host: mailHost(read),
      port,
      encryption: read.choice("MAIL_ENCRYPTION", port === 465 ? "ssl" : "tls", ["tls", "ssl", "none"]),
      credentials: username === "" ? null : { username, password },
      from: { address: mailFrom(read), name },
    },
  };
}

function mailHost(read: Reader): string {
  const host = read.required("MAIL_HOST", "the mail server");
  if (host !== "" && isIP(host) === 0 && !/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(host))
    read.problem("MAIL_HOST", `"${host}" is not a host like mail.example.com`);
  return host;
}

function mailFrom(read: Reader): string {
  const address = read.required("MAIL_FROM_ADDRESS", "from whom mail comes");
  if (address !== "" && !/^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/.test(address))
    read.problem("MAIL_FROM_ADDRESS", `"${address}" is not an address like pricore@example.com`);
  return address;
}
