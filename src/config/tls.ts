// HTTPS: where the certificate comes from, and what listens beside it.
import { readFileSync } from "node:fs";
import { messageOf } from "../errors.ts";
import { isIP } from "../net.ts";
import { isPublicAddress } from "../outbound/networks.ts";
import { listIn, type Reader } from "./reader.ts";

/** `names` of the certificate: the host of APP_URL first. */
type Encrypted = {
  names: string[];
  /** For redirects and challenges; null listens on no second port. */
  httpPort: number | null;
  http3: boolean;
};

export type FileTls = Encrypted & { kind: "files"; certFile: string; keyFile: string };

export type AcmeTls = Encrypted & {
  kind: "acme";
  directory: string;
  email: string | null;
  profile: string | null;
  externalAccount: { keyId: string; key: string } | null;
  /** PEM that the directory's own certificate is checked with; null trusts what the system trusts. */
  ca: string | null;
  challenge: { type: "http-01" } | { type: "dns-01"; hook: string };
};

/** `off`: a proxy does it, or nobody. */
export type Tls = { kind: "off" } | FileTls | AcmeTls;

export const letsEncrypt = "https://acme-v02.api.letsencrypt.org/directory";
export const letsEncryptStaging = "https://acme-staging-v02.api.letsencrypt.org/directory";

type Place = { appUrl: string; host: string; port: number };

export function tls(read: Reader, place: Place): Tls {
  const kind = read.choice("TLS", "off", ["off", "acme", "files"]);
  if (kind === "off") return withoutTls(read);
  checkPlace(read, place);
  if (kind === "acme") return acme(read, place);
  const certFile = read.required("TLS_CERT_FILE", "the certificate, PEM with the whole chain");
  const keyFile = read.required("TLS_KEY_FILE", "the private key of the certificate");
  return { kind, certFile, keyFile, ...encrypted(read, place, { mayBeOff: true }) };
}

/** Settings that have no effect without TLS were meant to have one. */
function withoutTls(read: Reader): Tls {
  for (const name of ["TLS_CERT_FILE", "TLS_KEY_FILE"])
    if (read.text(name, "") !== "") read.problem(name, "is for TLS=files: set that, or leave it out");
  if (read.flag("HTTP3", false)) read.problem("HTTP3", "is for TLS=acme or TLS=files");
  return { kind: "off" };
}

function checkPlace(read: Reader, { appUrl, host, port }: Place): void {
  const url = new URL(appUrl);
  if (host.startsWith("unix:"))
    return read.problem("TLS", "is not for a unix socket: the proxy before it does HTTPS");
  if (url.protocol !== "https:") return read.problem("TLS", "is for an APP_URL of https");
  const publicPort = url.port === "" ? 443 : Number(url.port);
  if (publicPort !== port)
    read.problem(
      "TLS",
      `needs PORT and the port of APP_URL to be the same: they are ${port} and ${publicPort}`,
    );
}

function encrypted(read: Reader, { appUrl, port }: Place, { mayBeOff }: { mayBeOff: boolean }): Encrypted {
  const own = new URL(appUrl).hostname.replace(/^\[|\]$/g, "");
  const names = [...new Set([own, ...listIn(read.text("TLS_NAMES", "").toLowerCase())])];
  for (const name of names)
    if (!isName(name)) read.problem("TLS_NAMES", `"${name}" is not a name like packages.example.com`);
  if (names.length > mostNames) read.problem("TLS_NAMES", `can have up to ${mostNames - 1} names`);
  const httpPort = plainPort(read, mayBeOff);
  if (httpPort !== null && httpPort === port) read.problem("HTTP_PORT", "is the same as PORT");
  return { names, httpPort, http3: read.flag("HTTP3", false) };
}

/** As Let's Encrypt limits them. */
const mostNames = 100;

function isName(name: string): boolean {
  const isHost = /^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name);
  return isIP(name) !== 0 || (isHost && name.length <= 253);
}

function plainPort(read: Reader, mayBeOff: boolean): number | null {
  if (read.text("HTTP_PORT", "") !== "off") return read.integer("HTTP_PORT", 80, 1, 65_535);
  if (!mayBeOff)
    read.problem(
      "HTTP_PORT",
      "cannot be off: the authority asks there (http-01). Or use ACME_CHALLENGE=dns-01",
    );
  return null;
}

function acme(read: Reader, place: Place): AcmeTls {
  const directory = directoryUrl(read);
  const challenge = challengeOf(read);
  const common = encrypted(read, place, { mayBeOff: challenge.type === "dns-01" });
  const isPublic = directory === letsEncrypt || directory === letsEncryptStaging;
  for (const name of common.names) if (isPublic) refusePrivate(read, name);
  if (challenge.type === "http-01" && common.names.some((name) => name.startsWith("*.")))
    read.problem("TLS_NAMES", "with a wildcard needs ACME_CHALLENGE=dns-01");
  return {
    ...{ kind: "acme", directory, challenge, ...common },
    email: read.text("ACME_EMAIL", "") || null,
    profile: read.text("ACME_PROFILE", "") || null,
    externalAccount: externalAccount(read),
    ca: certificateAuthority(read),
  };
}

function refusePrivate(read: Reader, name: string): void {
  const isLocal = name === "localhost" || !(name.includes(".") || isIP(name) !== 0);
  if (isLocal || (isIP(name) !== 0 && !isPublicAddress(name)))
    read.problem(
      "TLS",
      `cannot be acme for ${name}: a public authority gives no certificate for a private name`,
    );
}

function directoryUrl(read: Reader): string {
  const text = read.text("ACME_DIRECTORY", letsEncrypt);
  if (text === "staging") return letsEncryptStaging;
  const url = URL.parse(text);
  const isLoopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(url?.hostname ?? "");
  if (url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback)) return url.href;
  read.problem("ACME_DIRECTORY", `"${text}" is not an address like ${letsEncrypt}, nor staging`);
  return letsEncrypt;
}

function challengeOf(read: Reader): AcmeTls["challenge"] {
  const type = read.choice("ACME_CHALLENGE", "http-01", ["http-01", "dns-01"]);
  const hook = read.text("ACME_DNS_HOOK", "");
  if (type === "dns-01")
    return { type, hook: read.required("ACME_DNS_HOOK", "the program that sets the record") };
  if (hook !== "") read.problem("ACME_DNS_HOOK", "is for ACME_CHALLENGE=dns-01");
  return { type };
}

function externalAccount(read: Reader): AcmeTls["externalAccount"] {
  const [keyId, key] = [read.text("ACME_EAB_KID", ""), read.text("ACME_EAB_HMAC_KEY", "")];
  if (keyId === "" && key === "") return null;
  if (keyId === "") read.problem("ACME_EAB_KID", "is missing: it goes with ACME_EAB_HMAC_KEY");
  if (key === "") read.problem("ACME_EAB_HMAC_KEY", "is missing: it goes with ACME_EAB_KID");
  if (!/^[A-Za-z0-9_-]*=*$/.test(key)) read.problem("ACME_EAB_HMAC_KEY", "is not base64url");
  return { keyId, key };
}

function certificateAuthority(read: Reader): string | null {
  const file = read.text("ACME_CA_FILE", "");
  try {
    return file === "" ? null : readFileSync(file, "utf8");
  } catch (error) {
    read.problem("ACME_CA_FILE", `cannot be read: ${messageOf(error)}`);
    return null;
  }
}
