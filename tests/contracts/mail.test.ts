// What every way of mailing promises: a mail server, and the outbox of an instance that has none.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { Failure } from "../../src/errors.ts";
import type { Mail } from "../../src/mail/mail.ts";
import { createOutbox } from "../../src/mail/outbox.ts";
import { createSmtp, type SmtpOptions } from "../../src/mail/smtp.ts";
import { parseOutboundAllow } from "../../src/outbound/outbound.ts";
import { makeCertificates, type Certificates } from "../attacks/certificates.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { succeeded } from "../tools/process.ts";
import { startSmtp, type SmtpServer } from "../tools/servers/smtp-server.ts";

const message = { id: "0190-1", to: "ann@acme.test", subject: "Hello", text: "Hello Ann" };
const policy = { allow: parseOutboundAllow("127.0.0.1").entries };

let server: SmtpServer;
let smtp: Mail;

function optionsFor(port: number, change: Partial<SmtpOptions> = {}): SmtpOptions {
  const from = { address: "pricore@acme.test", name: "Acme: packages" };
  return { host: "127.0.0.1", port, encryption: "none", credentials: null, from, policy, ...change };
}

beforeAll(async () => {
  server = await startSmtp();
  const limits = { connectMs: 300, greetingMs: 300, silenceMs: 300 };
  smtp = createSmtp(optionsFor(server.port, { limits }));
});
afterAll(() => server?.stop());

const ways: [string, "sent" | "kept", () => Mail][] = [
  ["a mail server", "sent", () => smtp],
  ["the outbox", "kept", createOutbox],
];

for (const [name, delivery, mail] of ways)
  describe(`mail by ${name}`, () => {
    test("says what became of it", async () => {
      expect(await mail().send(message)).toBe(delivery);
    });

    test("takes no line break where a header is made of it", async () => {
      const bad = [
        { ...message, subject: "Hello\r\nBcc: eve@evil.test" },
        { ...message, subject: "Hello\nBcc: eve@evil.test" },
        { ...message, to: "ann@acme.test\r\nBcc: eve@evil.test" },
        { ...message, to: "ann@acme.test, eve@evil.test" },
        { ...message, to: "Ann <ann@acme.test>" },
        { ...message, to: "ann" },
        { ...message, subject: "x".repeat(201) },
      ];
      for (const each of bad)
        expect(await failureOf(mail().send(each))).toMatchObject({ code: "mail_refused" });
    });
  });

describe("a mail server", () => {
  afterEach(() => void (server.harm = null));

  test("gets the text as it is, with who sends it and a name of its own", async () => {
    await smtp.send({ ...message, text: "Hello Ann,\n.\nhttps://acme.test/x?y=1\nGrüße, 你好" });
    const [mail] = server.mails.slice(-1);
    expect(mail).toMatchObject({ from: "pricore@acme.test", to: ["ann@acme.test"] });
    const [head = "", body = ""] = (mail?.data ?? "").split("\n\n");
    expect(head).toContain('From: "Acme: packages" <pricore@acme.test>');
    expect(head).toContain("Message-ID: <0190-1@acme.test>");
    expect(head).toContain("Auto-Submitted: auto-generated");
    expect(head).toContain("Content-Type: text/plain; charset=utf-8");
    expect(decoded(head, body)).toContain("Hello Ann,\n.\nhttps://acme.test/x?y=1\nGrüße, 你好");
  });

  test("that refuses a recipient or a message for good is not asked again", async () => {
    for (const at of ["recipient", "data"] as const) {
      server.harm = { does: "refuse", at, reply: "550 5.1.1 no such person" };
      const failure = await failureOf(smtp.send(message));
      expect(failure).toMatchObject({ kind: "invalid", code: "mail_refused" });
      expect(failure.message).toContain("no such person");
    }
  });

  test("that is busy, silent, cut off or away may take it later", async () => {
    const faults = [
      { does: "refuse", at: "recipient", reply: "451 4.7.1 come back later" },
      { does: "refuse", at: "data", reply: "452 4.3.1 disk full" },
      { does: "hang", at: "greeting" },
      { does: "hang", at: "data" },
      { does: "cut", at: "data" },
    ] as const;
    for (const harm of faults) {
      server.harm = harm;
      expect(await failureOf(smtp.send(message))).toMatchObject({ kind: "unavailable" });
    }
    const away = createSmtp(optionsFor(reservedPort()));
    expect(await failureOf(away.send(message))).toMatchObject({ kind: "unavailable" });
    server.harm = null;
    expect(await smtp.send(message)).toBe("sent");
  });
});

describe("the connection to a mail server", () => {
  const credentials = { username: "pricore", password: "s3cret pass" };
  let certificates: Certificates;

  beforeAll(async () => void (certificates = await makeCertificates()));
  afterAll(() => certificates?.remove());

  const read = async ({ cert, key }: { cert: string; key: string }) => ({
    cert: await Bun.file(cert).text(),
    key: await Bun.file(key).text(),
  });
  /** In a process of its own, because what is trusted is decided at start. */
  const sendTo = (port: number, change: Partial<SmtpOptions>) => {
    const { policy: _, ...options } = optionsFor(port, change);
    const command = [
      process.execPath,
      join(import.meta.dir, "../tools/mail-send.ts"),
      JSON.stringify(options),
    ];
    return succeeded(command, { env: { NODE_EXTRA_CA_CERTS: certificates.trusted } });
  };

  test("turns to TLS before the password and the mail are said", async () => {
    const safe = await startSmtp({ certificate: await read(certificates.good), credentials });
    expect(await sendTo(safe.port, { encryption: "tls", credentials })).toBe("sent");
    expect(safe.mails).toMatchObject([{ wasSafe: true, user: "pricore" }]);
    safe.stop();
  });

  test("is TLS from the first byte where that is asked for", async () => {
    const certificate = await read(certificates.good);
    const safe = await startSmtp({ certificate, isTlsOnly: true, credentials });
    expect(await sendTo(safe.port, { encryption: "ssl", credentials })).toBe("sent");
    safe.stop();
  });

  test("is not made with a server that offers no TLS, or whose certificate is of another", async () => {
    const open = await startSmtp({ credentials });
    expect(await sendTo(open.port, { encryption: "tls", credentials })).toBe("unavailable mail_tls");
    for (const each of [certificates.otherHost, certificates.expired, certificates.unknown]) {
      const other = await startSmtp({ certificate: await read(each), credentials });
      expect(await sendTo(other.port, { encryption: "tls", credentials })).toBe("unavailable mail_tls");
      expect(other.mails).toEqual([]);
      other.stop();
    }
    expect(open.mails).toEqual([]);
    open.stop();
  });

  test("says so when the password is wrong, and does not say it", async () => {
    const safe = await startSmtp({ credentials });
    const wrong = createSmtp(
      optionsFor(safe.port, { credentials: { username: "pricore", password: "wr0ng pass" } }),
    );
    const failure = await failureOf(wrong.send(message));
    expect(failure).toMatchObject({ kind: "unavailable", code: "mail_auth" });
    expect(failure.message + (failure.advice ?? "")).not.toContain("wr0ng");
    safe.stop();
  });

  test("passes the gate of everything outbound", async () => {
    const shut = createSmtp(optionsFor(server.port, { policy: { allow: [] } }));
    const before = server.connections();
    const failure = await failureOf(shut.send(message));
    expect(failure).toMatchObject({ kind: "unavailable", code: "url_not_allowed" });
    expect(failure.message).toContain("OUTBOUND_ALLOW=127.0.0.1");
    expect(server.connections()).toBe(before);
  });
});

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (error instanceof Failure) return error;
  throw new Error(`no Failure but ${String(error)}`);
}

function decoded(head: string, body: string): string {
  if (/base64/i.test(head)) return Buffer.from(body, "base64").toString("utf8").replaceAll("\r\n", "\n");
  if (!/quoted-printable/i.test(head)) return body;
  const bytes = body
    .replace(/=\n/g, "")
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, "latin1").toString("utf8");
}
