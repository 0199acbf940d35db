// HTTPS as clients speak it: answers by a protocol of choice, and the certificate that a server shows.
import { connect } from "node:tls";

export type Shown = { serial: string; names: string; protocol: string };

/** The certificate that a new connection gets; `protocols` are offered in this order. */
export function shownCertificate(
  port: number,
  {
    ca,
    name = "localhost",
    protocols = ["h2", "http/1.1"],
  }: { ca: string; name?: string; protocols?: string[] },
): Promise<Shown> {
  const { promise, resolve, reject } = Promise.withResolvers<Shown>();
  const options = { host: "127.0.0.1", port, ca, servername: name, rejectUnauthorized: false };
  const socket = connect({ ...options, ALPNProtocols: protocols }, () => {
    const { serialNumber, subjectaltname = "" } = socket.getPeerCertificate();
    resolve({ serial: serialNumber, names: subjectaltname, protocol: String(socket.alpnProtocol) });
    socket.end();
  });
  socket.on("error", reject);
  return promise;
}

export type Version = "http1.1" | "http2" | "http3";

type SecureInit = RequestInit & { ca: string; version?: Version };

export function secureFetch(
  url: string,
  { ca, version = "http1.1", ...init }: SecureInit,
): Promise<Response> {
  const tls = version === "http3" ? { rejectUnauthorized: false } : { ca };
  return fetch(url, { ...init, redirect: "manual", tls, protocol: version } as RequestInit);
}
