// A certificate authority of the tests, made with openssl in a folder.
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { succeeded } from "../process.ts";

/** Paths of PEM files. */
export type Certificate = { cert: string; key: string };

export type Authority = {
  /** The path of its own certificate, and its text. */
  file: string;
  pem: string;
  /** A leaf for these names, which are hosts or addresses; `days` may be negative for one that has expired. */
  issue(name: string, names: string[], options?: { days?: number }): Promise<Certificate>;
};

const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export async function makeAuthority(folder: string): Promise<Authority> {
  const [file, ownKey] = [join(folder, "authority.pem"), join(folder, "authority.key")];
  const own = [
    "-x509",
    "-days",
    "4000",
    "-subj",
    "/CN=Authority of the tests",
    "-keyout",
    ownKey,
    "-out",
    file,
  ];
  await succeeded(["openssl", "req", ...curve, ...own]);
  return {
    file,
    pem: await Bun.file(file).text(),
    async issue(name, names, { days = 30 } = {}) {
      const at = (ending: string) => join(folder, `${name}.${ending}`);
      const subject = names.map((each) => (/^[\d.]+$/.test(each) ? `IP:${each}` : `DNS:${each}`)).join(",");
      await writeFile(at("ext"), `subjectAltName=${subject}\n`);
      await succeeded([
        ...["openssl", "req", "-new", ...curve, "-subj", `/CN=${name}`],
        ...["-keyout", at("key"), "-out", at("csr")],
      ]);
      await succeeded([
        ...["openssl", "x509", "-req", "-in", at("csr"), "-CA", file, "-CAkey", ownKey],
        ...["-days", String(days), "-extfile", at("ext"), "-out", at("pem")],
      ]);
      return { cert: at("pem"), key: at("key") };
    },
  };
}

/** Puts a pair where another one is, as a program that renews does: one file after the other. */
export async function putPair(from: Certificate, to: Certificate): Promise<void> {
  for (const [source, target] of [
    [from.cert, to.cert],
    [from.key, to.key],
  ] as const) {
    await Bun.write(`${target}.new`, Bun.file(source));
    await rename(`${target}.new`, target);
  }
}
