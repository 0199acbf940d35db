// HTTPS: serves the certificate that its source has, and changes to the next one without a pause.
import type { App } from "../../app.ts";
import { unavailable } from "../../errors.ts";
import { onHangup } from "../../hangup.ts";
import type { CertificateSource } from "../../registry/certificates/source.ts";
import type { Pair } from "../../tls/pair.ts";
import { drain, listenOn, replaceListener, type Handlers, type HeldPort } from "../listen.ts";

type Server = Bun.Server<undefined>;

type SecureServer = {
  /** Whether there is a certificate and HTTPS is served. */
  isServing(): boolean;
  stop(): Promise<void>;
};

type Parts = {
  source: CertificateSource;
  handlers: Handlers;
  held: HeldPort | null;
  /** Whether to start without a certificate; otherwise that fails as `unavailable`. */
  mayWait: boolean;
  /** Called with every certificate that is served. */
  onPair?: (pair: Pair) => void;
};

export async function startSecureServer(app: App, parts: Parts): Promise<SecureServer> {
  const { source, handlers, onPair = () => {} } = parts;
  const leaving = new Set<Server>();
  let current: Pair | null = null;
  let server: Server | null = parts.held;

  const serve = async (pair: Pair): Promise<void> => {
    const tls = { cert: pair.certificate, key: pair.key };
    const old = server;
    if (old === null) server = listenOn(app.config, handlers, { tls });
    else {
      const replaced = await replaceListener(old, { place: app.config, handlers, tls });
      server = replaced.server;
      leaving.add(old);
      void replaced.oldEnded.finally(() => leaving.delete(old));
    }
    onPair(pair);
    logPair(app, pair, { isFirst: current === null });
    current = pair;
  };

  const checkAndServe = async (): Promise<number> => {
    const { pair, afterMs } = await source.check(current);
    if (pair !== null) await serve(pair);
    return afterMs;
  };

  let afterMs = await checkAndServe();
  if (current === null && !parts.mayWait) throw noCertificate(source);
  const watch = startWatch(app, { afterMs, work: checkAndServe });
  return {
    isServing: () => current !== null,
    async stop() {
      await watch.stop();
      const all = [...leaving, ...(server ? [server] : [])];
      await Promise.all(all.map(drain));
    },
  };
}

function logPair(app: App, pair: Pair, { isFirst }: { isFirst: boolean }): void {
  const until = new Date(pair.notAfter).toISOString();
  app.log.info(isFirst ? "tls.serving" : "tls.swapped", {
    names: pair.names.join(" "),
    until,
    serial: pair.serial,
  });
  if (pair.notAfter <= app.now()) app.log.error("tls.expired", { names: pair.names.join(" "), until });
}

function noCertificate(source: CertificateSource) {
  return unavailable(source.problem() ?? "There is no certificate.", {
    code: "certificate_unusable",
    advice: "Check TLS_CERT_FILE and TLS_KEY_FILE.",
  });
}

type Watched = { afterMs: number; work: () => Promise<number> };

/** Checks again after the time that the last check named, and at once at SIGHUP. */
function startWatch(app: App, { afterMs, work }: Watched): { stop(): Promise<void> } {
  let isStopped = false;
  let running: Promise<void> | null = null;
  let timer: Timer | undefined;
  const check = async () => {
    const next = await work().catch((error: unknown) => {
      app.log.error("tls.swap_failed", { reason: error instanceof Error ? error.message : String(error) });
      return retryMs;
    });
    running = null;
    plan(next);
  };
  const begin = () => void (running ??= check());
  const plan = (ms: number) => {
    if (!isStopped) timer = setTimeout(begin, ms);
  };
  const atOnce = () => {
    clearTimeout(timer);
    begin();
  };
  const forget = onHangup(atOnce);
  plan(afterMs);
  return {
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      forget();
      await running;
    },
  };
}

const retryMs = 60_000;
