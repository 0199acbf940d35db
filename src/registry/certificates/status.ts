// How the certificate is, for people and checks.
import type { App } from "../../app.ts";
import { messageOf } from "../../errors.ts";
import { readPair } from "../../tls/files.ts";
import type { Pair } from "../../tls/pair.ts";
import { dueAt } from "./renew.ts";
import { readRenewalState } from "./state.ts";
import { findCertificate } from "./stored.ts";

/** Times in milliseconds since the epoch. */
export type CertificateStatus = {
  source: "off" | "files" | "acme";
  /** What the certificate should be for; empty with `off`. */
  names: string[];
  /** Null while there is none. */
  certificate: Pick<Pair, "names" | "issuer" | "serial" | "notBefore" | "notAfter"> | null;
  /** When it will be renewed; null when somebody else does that. */
  renewAt: number | null;
  /** Why there is none, or why the next one does not come; null when nothing is wrong. */
  problem: string | null;
  failures: number;
  nextAttemptAt: number | null;
};

/** Never fails for what is wrong with the certificate: that is its answer. */
export async function certificateStatus(app: App): Promise<CertificateStatus> {
  const { tls } = app.config;
  const nothing = { certificate: null, renewAt: null, problem: null, failures: 0, nextAttemptAt: null };
  if (tls.kind === "off") return { source: "off", names: [], ...nothing };
  const { kind: source, names } = tls;
  if (tls.kind === "files")
    try {
      return { source, names, ...nothing, certificate: publicPart(await readPair(tls)) };
    } catch (error) {
      return { source, names, ...nothing, problem: messageOf(error) };
    }
  const state = await readRenewalState(app.db);
  const { failures, error } = state;
  const nextAttemptAt = failures === 0 ? null : state.nextAttemptAt;
  try {
    const found = await findCertificate(app, names);
    const own = found === null ? null : { certificate: publicPart(found), renewAt: dueAt(found, state) };
    return { source, names, ...nothing, ...own, failures, nextAttemptAt, problem: error?.message ?? null };
  } catch (reason) {
    return { source, names, ...nothing, failures, nextAttemptAt, problem: messageOf(reason) };
  }
}

function publicPart({ names, issuer, serial, notBefore, notAfter }: Pair): CertificateStatus["certificate"] {
  return { names, issuer, serial, notBefore, notAfter };
}
