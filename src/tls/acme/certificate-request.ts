// Certificate requests, and the name of a certificate in renewal information.
import { isIP } from "../../net.ts";
import { base64url } from "./account-key.ts";

type CertificateRequest = {
  /** DER in base64url, as an order is finalized with it. */
  request: string;
  /** PEM. */
  key: string;
};

/** With a key of its own and an empty subject: the names alone count. */
export async function requestCertificate(names: string[]): Promise<CertificateRequest> {
  const x509 = await loadX509();
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const), value })),
      ),
    ],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    request: base64url(new Uint8Array(request.rawData)),
    key: `${x509.PemConverter.encode(key, "PRIVATE KEY")}\n`,
  };
}

/** The identifier of RFC 9773, 4.1; null for a certificate that does not name the key of its authority. */
export async function renewalIdOf(certificate: string): Promise<string | null> {
  const x509 = await loadX509();
  const leaf = new x509.X509Certificate(certificate);
  const keyId = leaf.getExtension(x509.AuthorityKeyIdentifierExtension)?.keyId;
  if (!keyId) return null;
  return `${base64url(Buffer.from(keyId, "hex"))}.${base64url(serialBytes(leaf.serialNumber))}`;
}

/** As in DER: a first bit that is set would make the number negative. */
function serialBytes(serial: string): Uint8Array {
  const bytes = Buffer.from(serial.length % 2 === 0 ? serial : `0${serial}`, "hex");
  return (bytes[0] ?? 0) > 127 ? Buffer.concat([new Uint8Array(1), bytes]) : bytes;
}

/** The library is loaded with the first certificate; `reflect-metadata` must be loaded before it. */
async function loadX509() {
  await import("reflect-metadata");
  return import("@peculiar/x509");
}
