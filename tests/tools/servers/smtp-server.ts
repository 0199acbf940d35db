// A mail server as far as a sender can tell: it speaks SMTP with EHLO, STARTTLS, AUTH and DATA, keeps what it takes,
// and does the harm that a test asks for.
import { createServer, type AddressInfo, type Socket } from "node:net";
import { createServer as createTlsServer, TLSSocket } from "node:tls";

export type TakenMail = { from: string; to: string[]; data: string; wasSafe: boolean; user: string | null };

export type SmtpHarm =
  | { does: "hang"; at: "greeting" | "data" }
  | { does: "refuse"; at: "recipient" | "data"; reply: string }
  | { does: "cut"; at: "data" };

export type SmtpServerOptions = {
  certificate?: { cert: string; key: string };
  /** TLS from the first byte instead of STARTTLS. */
  isTlsOnly?: boolean;
  credentials?: { username: string; password: string };
};

export type SmtpServer = {
  port: number;
  mails: TakenMail[];
  /** Connections that were taken, since the start. */
  connections(): number;
  harm: SmtpHarm | null;
  stop(): void;
};

export async function startSmtp(options: SmtpServerOptions = {}): Promise<SmtpServer> {
  const open = new Set<Socket>();
  let connections = 0;
  const take = (socket: Socket) => {
    connections++;
    open.add(socket);
    socket.on("error", () => {}).on("close", () => open.delete(socket));
    if (server.harm?.does === "hang" && server.harm.at === "greeting") return;
    socket.write("220 mail.acme.test ESMTP\r\n");
    talk(server, options, { socket, isSafe: options.isTlsOnly ?? false });
  };
  const { certificate, isTlsOnly } = options;
  const listener = isTlsOnly && certificate ? createTlsServer(certificate, take) : createServer(take);
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const server: SmtpServer = {
    port: (listener.address() as AddressInfo).port,
    mails: [],
    connections: () => connections,
    harm: null,
    stop() {
      listener.close();
      for (const socket of open) socket.destroy();
    },
  };
  return server;
}

type Line = { socket: Socket; isSafe: boolean };
type Said = { from: string; to: string[]; user: string | null; data: string[] | null };

/** From here on the lines of this connection are commands, or, after DATA, the message. */
function talk(server: SmtpServer, options: SmtpServerOptions, { socket, isSafe }: Line): void {
  const envelope: Said = { from: "", to: [], user: null, data: null };
  let rest = "";
  const onData = (bytes: Buffer) => {
    rest += bytes.toString("latin1");
    for (let end = rest.indexOf("\r\n"); end >= 0; end = rest.indexOf("\r\n")) {
      const line = rest.slice(0, end);
      rest = rest.slice(end + 2);
      if (envelope.data === null && /^STARTTLS$/i.test(line) && options.certificate) {
        socket.off("data", onData);
        socket.write("220 go ahead\r\n");
        const safe = new TLSSocket(socket, { isServer: true, ...options.certificate });
        safe.on("error", () => {});
        return talk(server, options, { socket: safe, isSafe: true });
      }
      const reply = replyTo(line, { server, options, envelope, isSafe });
      if (reply === "cut") return void socket.destroy();
      if (reply !== null) socket.write(`${reply}\r\n`);
    }
  };
  socket.on("data", onData);
}

type Talk = { server: SmtpServer; options: SmtpServerOptions; envelope: Said; isSafe: boolean };

/** null: silence. */
function replyTo(line: string, { server, options, envelope, isSafe }: Talk): string | null {
  if (envelope.data !== null) return replyToText(line, { server, envelope, isSafe });
  const [command = ""] = line.toUpperCase().split(" ");
  const { harm } = server;
  if (command === "EHLO") return `250-mail.acme.test\r\n${extensions(options, isSafe)}250 8BITMIME`;
  if (command === "AUTH") {
    const [, user = "", password = ""] = Buffer.from(line.split(" ")[2] ?? "", "base64")
      .toString()
      .split("\0");
    const { credentials } = options;
    if (credentials?.username !== user || credentials.password !== password) return "535 5.7.8 not accepted";
    envelope.user = user;
    return "235 welcome";
  }
  if (command === "MAIL") envelope.from = /<(.*?)>/.exec(line)?.[1] ?? "";
  if (command === "RCPT") {
    if (harm?.does === "refuse" && harm.at === "recipient") return harm.reply;
    envelope.to.push(/<(.*?)>/.exec(line)?.[1] ?? "");
  }
  if (command === "DATA") {
    if (harm?.at === "data" && harm.does === "hang") return null;
    envelope.data = [];
    return "354 go on";
  }
  if (command === "STARTTLS") return "502 5.5.1 not offered";
  return command === "QUIT" ? "221 bye" : "250 ok";
}

function replyToText(line: string, { server, envelope, isSafe }: Omit<Talk, "options">): string | null {
  const data = envelope.data ?? [];
  if (line !== ".") {
    data.push(line.replace(/^\.\./, "."));
    return null;
  }
  envelope.data = null;
  const { harm } = server;
  if (harm?.at === "data" && harm.does === "cut") return "cut";
  if (harm?.at === "data" && harm.does === "refuse") return harm.reply;
  server.mails.push({ ...envelope, data: data.join("\n"), wasSafe: isSafe });
  return "250 taken";
}

function extensions({ certificate, credentials }: SmtpServerOptions, isSafe: boolean): string {
  const tls = certificate && !isSafe ? "250-STARTTLS\r\n" : "";
  return tls + (credentials ? "250-AUTH PLAIN\r\n" : "");
}
