// Certificates that sign themselves, in a folder of their own: a good one, and three that are not.

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { succeeded } from "../tools/process.ts";

type Certificate = { cert: string; key: string };

export type Certificates = {
  good: Certificate;
  /** Vouched for, but of another host, or of yesterday. */
  otherHost: Certificate;
  expired: Certificate;
  /** Not vouched for. */
  unknown: Certificate;
  /** The file that vouches for all but the last. */
  trusted: string;
  remove(): Promise<void>;
};

export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), "certificates-"));
  const make = (name: string, days: string, subject: string) =>
    makeCertificate(join(folder, name), days, subject);
  const good = await make("good", "2", "IP:127.0.0.1");
  const otherHost = await make("other", "2", "DNS:git.acme.test");
  const expired = await make("expired", "-1", "IP:127.0.0.1");
  const unknown = await make("unknown", "2", "IP:127.0.0.1");
  const trusted = join(folder, "trusted.pem");
  const texts = [good, otherHost, expired].map(({ cert }) => Bun.file(cert).text());
  await Bun.write(trusted, (await Promise.all(texts)).join("\n"));
  return { good, otherHost, expired, unknown, trusted, remove: () => rm(folder, { recursive: true }) };
}

async function makeCertificate(path: string, days: string, subject: string): Promise<Certificate> {
  const [key, request, cert, extensions] = [`${path}.key`, `${path}.csr`, `${path}.pem`, `${path}.ext`];
  await Bun.write(extensions, `subjectAltName=${subject}\n`);
  const named = ["-subj", "/CN=test", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  await succeeded(["openssl", "req", "-new", ...named, "-keyout", key, "-out", request]);
  const signing = ["-signkey", key, "-days", days, "-extfile", extensions];
  await succeeded(["openssl", "x509", "-req", "-in", request, ...signing, "-out", cert]);
  return { cert, key };
}
