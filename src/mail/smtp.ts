// Mail through an SMTP server. Its host is checked like every outbound host, and the connection goes to the checked
// address.
import type { Transporter } from "nodemailer";
import { isIP } from "../net.ts";
import { Failure, invalid, messageOf, unavailable, textOf } from "../errors.ts";
import { checkHost, type OutboundPolicy } from "../outbound/outbound.ts";
import { checkMessage, type Mail, type Message } from "./mail.ts";

export type SmtpOptions = {
  host: string;
  port: number;
  /** `tls` is STARTTLS, required before anything is sent; `ssl` is TLS from the first byte. */
  encryption: "tls" | "ssl" | "none";
  credentials: { username: string; password: string } | null;
  from: { address: string; name: string };
  policy: OutboundPolicy;
  limits?: Partial<SmtpLimits>;
};

type SmtpLimits = { connectMs: number; greetingMs: number; silenceMs: number };

const smtpLimits: SmtpLimits = { connectMs: 10_000, greetingMs: 15_000, silenceMs: 30_000 };

export function createSmtp(options: SmtpOptions): Mail {
  return {
    async send(message) {
      checkMessage(message);
      await connected(options, (transport) => transport.sendMail(envelopeOf(options, message)));
      return "sent";
    },
    check: () => connected(options, (transport) => transport.verify()),
  };
}

async function connected(
  options: SmtpOptions,
  work: (transport: Transporter) => Promise<unknown>,
): Promise<void> {
  const address = await addressOf(options);
  const { createTransport } = await import("nodemailer");
  const transport = createTransport(connectionOf(options, address));
  try {
    await work(transport);
  } catch (error) {
    throw failureOf(options, error as SmtpError);
  } finally {
    transport.close();
  }
}

/** The operator can fix a problem with the host, so a later attempt may succeed. */
async function addressOf({ host, port, encryption, policy }: SmtpOptions): Promise<string> {
  try {
    const [address = host] = await checkHost(policy, { host, port });
    if (encryption === "none")
      await checkHost(policy, { host, port, insecure: true }).catch(() => {
        throw invalid(`Email to ${host} would be sent unencrypted.`, {
          code: "url_not_allowed",
          advice: `Set MAIL_ENCRYPTION=tls, or allow it: OUTBOUND_ALLOW=${host}.`,
        });
      });
    return address;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    throw unavailable(textOf(error), { code: error.code });
  }
}

function connectionOf(options: SmtpOptions, address: string) {
  const { host, port, encryption, credentials } = options;
  const limits = { ...smtpLimits, ...options.limits };
  return {
    host: address,
    port,
    secure: encryption === "ssl",
    requireTLS: encryption === "tls",
    ignoreTLS: encryption === "none",
    tls: {
      minVersion: "TLSv1.2" as const,
      rejectUnauthorized: true,
      ...(isIP(host) ? {} : { servername: host }),
    },
    ...(credentials ? { auth: { user: credentials.username, pass: credentials.password } } : {}),
    connectionTimeout: limits.connectMs,
    greetingTimeout: limits.greetingMs,
    socketTimeout: limits.silenceMs,
  };
}

/** `Auto-Submitted` prevents out-of-office replies. */
function envelopeOf({ from }: SmtpOptions, { id, to, subject, text }: Message) {
  const domain = from.address.slice(from.address.lastIndexOf("@") + 1);
  return {
    from,
    to: { name: "", address: to },
    subject,
    text,
    messageId: `<${id}@${domain}>`,
    headers: { "Auto-Submitted": "auto-generated" },
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

type SmtpError = Error & { code?: string; responseCode?: number; response?: string };

/** Only a rejection of this message is final; the operator can fix a wrong password or certificate. */
function failureOf({ host, port }: SmtpOptions, error: SmtpError): Failure {
  const { code = "", responseCode = 0, response = "" } = error;
  const reply = response === "" ? "" : `: ${response.replace(/\s+/g, " ").slice(0, 300)}`;
  const server = `${host}:${port}`;
  if (responseCode >= 500 && ["EENVELOPE", "EMESSAGE"].includes(code))
    return invalid(`${server} rejected this email${reply}`, { code: "mail_refused" });
  if (code === "EAUTH")
    return unavailable(`${server} rejected the user or password${reply}`, {
      code: "mail_auth",
      advice: "Check MAIL_USERNAME and MAIL_PASSWORD.",
    });
  if (code === "ETIMEDOUT") return unavailable(`${server} did not answer in time.`, { code: "mail_timeout" });
  if (code === "ETLS" || /certificate|self.signed|CERT/i.test(messageOf(error)))
    return unavailable(`A secure connection to ${server} failed: ${messageOf(error)}`, {
      code: "mail_tls",
      advice: "Check MAIL_ENCRYPTION and the server's certificate.",
    });
  return unavailable(`${server} did not accept the email${reply === "" ? `: ${messageOf(error)}` : reply}`, {
    code: "mail_unavailable",
  });
}
