// A certificate and its key, proven to belong together before anything is served with them.
import { createPrivateKey, X509Certificate, type KeyObject } from "node:crypto";
import { createSecureContext } from "node:tls";
import { invalid, messageOf, type Failure } from "../errors.ts";
import { isIP } from "../net.ts";

/** PEM; the certificate is the whole chain with the leaf first. Times in milliseconds since the epoch. */
export type Pair = {
  certificate: string;
  key: string;
  names: string[];
  issuer: string;
  serial: string;
  notBefore: number;
  notAfter: number;
};

/** Fails as `invalid` (`certificate_…`) when the two cannot be served for all of `names`. */
export function provePair({ certificate, key }: Pick<Pair, "certificate" | "key">, names: string[]): Pair {
  const leaf = leafOf(certificate);
  if (!leaf.checkPrivateKey(privateKeyOf(key)))
    throw refused("certificate_key_mismatch", "The private key does not belong to the certificate.");
  const missing = names.filter((name) => !covers(leaf, name));
  if (missing.length > 0)
    throw refused(
      "certificate_names",
      `The certificate is for other names: ${missing.join(", ")} is missing.`,
    );
  proveLoadable({ certificate, key });
  return {
    certificate,
    key,
    names: namesOf(leaf),
    issuer: leaf.issuer.split("\n").join(", "),
    serial: leaf.serialNumber,
    notBefore: Date.parse(leaf.validFrom),
    notAfter: Date.parse(leaf.validTo),
  };
}

export function isValidAt(
  { notBefore, notAfter }: Pick<Pair, "notBefore" | "notAfter">,
  now: number,
): boolean {
  return notBefore <= now && now < notAfter;
}

function leafOf(certificate: string): X509Certificate {
  try {
    return new X509Certificate(certificate);
  } catch (error) {
    throw refused("certificate_malformed", `The certificate is not PEM: ${messageOf(error)}.`);
  }
}

function privateKeyOf(key: string): KeyObject {
  try {
    return createPrivateKey(key);
  } catch (error) {
    const reason = /ENCRYPTED/.test(key) ? "has a passphrase" : `is not PEM: ${messageOf(error)}`;
    throw refused("certificate_key_malformed", `The private key ${reason}.`);
  }
}

/** A `*` of the certificate stands for one label, also where a wildcard itself is wanted. */
function covers(leaf: X509Certificate, name: string): boolean {
  if (name.startsWith("*.")) return namesOf(leaf).includes(name);
  return (isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name)) !== undefined;
}

function namesOf(leaf: X509Certificate): string[] {
  const names = (leaf.subjectAltName ?? "").split(", ").map((each) => each.replace(/^(DNS|IP Address):/, ""));
  return names.filter(Boolean);
}

/** What the server's own library thinks of the whole chain. */
function proveLoadable({ certificate, key }: Pick<Pair, "certificate" | "key">): void {
  try {
    createSecureContext({ cert: certificate, key });
  } catch (error) {
    throw refused(
      "certificate_malformed",
      `The certificate and its key cannot be loaded: ${messageOf(error)}.`,
    );
  }
}

function refused(code: string, message: string): Failure {
  return invalid(message, { code });
}
