// Where a server gets its certificate from, and when it checks for another one.
import type { App } from "../../app.ts";
import type { AcmeTls, FileTls } from "../../config/tls.ts";
import { messageOf } from "../../errors.ts";
import { quietFor, quietMs, readPair, type PairFiles } from "../../tls/files.ts";
import { isValidAt, type Pair } from "../../tls/pair.ts";
import { readRenewalState } from "./state.ts";
import { findCertificate } from "./stored.ts";

type Checked = {
  /** The certificate to serve from now on; null when nothing changes. */
  pair: Pair | null;
  /** When to check again. */
  afterMs: number;
};

export type CertificateSource = {
  /** Never fails: what is wrong with a new certificate is logged, and the one before stays. */
  check(current: Pair | null): Promise<Checked>;
  /** Why there is no newer certificate, for people; null when nothing is wrong. */
  problem(): string | null;
};

export function sourceOf(app: App, tls: FileTls | AcmeTls): CertificateSource {
  if (tls.kind === "files") return filesSource(app, tls);
  return storedSource(app, tls);
}

const checkEveryMs = 60_000;

/** Two files that another program renews. */
function filesSource(app: App, files: PairFiles): CertificateSource {
  let problem: string | null = null;
  const keep = (reason: string): Checked => {
    if (reason !== problem) app.log.error("tls.refused", { reason, certificate: files.certFile });
    problem = reason;
    return { pair: null, afterMs: checkEveryMs };
  };
  return {
    problem: () => problem,
    async check(current) {
      try {
        const waitMs = current === null ? 0 : quietMs - (await quietFor(files, Date.now()));
        // A file from the future is as quiet as it will ever be.
        if (waitMs > 0 && waitMs <= quietMs) return { pair: null, afterMs: waitMs + 100 };
        const pair = await readPair(files);
        const isSame = pair.certificate === current?.certificate && pair.key === current.key;
        if (!isSame && current !== null && !isValidAt(pair, app.now()) && isValidAt(current, app.now()))
          return keep("The new certificate is not valid now.");
        problem = null;
        return { pair: isSame ? null : pair, afterMs: checkEveryMs };
      } catch (error) {
        return keep(messageOf(error));
      }
    },
  };
}

const waitingMs = 1000;
const storedEveryMs = 30_000;

/** The certificate that one of all servers has renewed. */
function storedSource(app: App, { names }: AcmeTls): CertificateSource {
  let known: string | null = null;
  let problem: string | null = null;
  return {
    problem: () => problem,
    async check(current) {
      try {
        const pair = await findCertificate(app, names, known);
        problem =
          pair === null && current === null
            ? ((await readRenewalState(app.db)).error?.message ?? null)
            : null;
        known = pair?.id ?? known;
        return { pair, afterMs: pair === null && current === null ? waitingMs : storedEveryMs };
      } catch (error) {
        problem = messageOf(error);
        app.log.error("tls.refused", { reason: problem });
        return { pair: null, afterMs: storedEveryMs };
      }
    },
  };
}
