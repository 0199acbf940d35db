// Renews the certificate: looked at every minute by one process of all, tried when it is due, and reported when it fails.
// The certificate before stays in service whatever happens.
import type { App } from "../../app.ts";
import { letsEncrypt, letsEncryptStaging, type AcmeTls } from "../../config/tls.ts";
import { Failure, messageOf, textOf } from "../../errors.ts";
import type { WorkFailure } from "../../jobs/queue.ts";
import { pruneChallenges } from "../../store/certificates.ts";
import { claimLease, releaseLease } from "../../store/leases.ts";
import { readRenewalWindow } from "../../tls/acme/acme.ts";
import { AcmeRefusal } from "../../tls/acme/connection.ts";
import { runSoon } from "../enqueue-now.ts";
import { warnBeforeEnd } from "./warning.ts";
import { authorityOf, orderPair } from "./order.ts";
import {
  delayAfter,
  isTriedInStaging,
  mayAttempt,
  momentIn,
  recentAttempts,
  renewalTimeOf,
} from "./schedule.ts";
import { readRenewalState, saveRenewalState, type RenewalState } from "./state.ts";
import { findCertificate, storeCertificate, type OwnCertificate } from "./stored.ts";

/** Short, so that a process which is killed holds up nobody for long; extended while an order runs. */
const leaseMs = 60_000;
const extendEveryMs = 20_000;
const hour = 3_600_000;

/** At a start: an operator who has fixed the cause does not wait. The limit of attempts an hour still holds. */
export async function renewSoon(app: App): Promise<void> {
  const state = await readRenewalState(app.db);
  if (state.nextAttemptAt > app.now()) await saveRenewalState(app.db, { ...state, nextAttemptAt: 0 });
  await runSoon(app, "renew-certificate");
}

export async function renewCertificate(app: App): Promise<WorkFailure | void> {
  const { tls } = app.config;
  if (tls.kind !== "acme") return;
  const lease = { name: "certificate", holder: Bun.randomUUIDv7() };
  const claim = () => claimLease(app.db, { ...lease, now: app.now(), forMs: leaseMs });
  if (!(await claim())) return;
  const extending = setInterval(() => void claim().catch(() => {}), extendEveryMs);
  try {
    return await renewWhenDue(app, tls);
  } finally {
    clearInterval(extending);
    await releaseLease(app.db, lease);
  }
}

async function renewWhenDue(app: App, tls: AcmeTls): Promise<WorkFailure | void> {
  const current = await readCurrent(app, tls);
  await askAuthority(app, tls, current);
  const state = await readRenewalState(app.db);
  const now = app.now();
  const isDue = dueAt(current, state) <= now && mayAttempt(state, now);
  if (!isDue) app.log.debug("tls.not_due", { due: dueAt(current, state), nextAttempt: state.nextAttemptAt });
  const failure = isDue ? await attempt(app, tls, { current, state }) : null;
  if (current !== null) await warnBeforeEnd(app, current);
  if (failure !== null) return { failed: failure };
}

/** When a certificate should be renewed: as the authority said, or by its lifetime. */
export function dueAt(current: OwnCertificate | null, { advice }: RenewalState): number {
  if (current === null || !current.isForNames) return 0;
  const advised = advice?.certificate === current.id ? advice.renewAt : null;
  return advised ?? renewalTimeOf(current);
}

/** Without a usable key there is no certificate. */
async function readCurrent(app: App, { names }: AcmeTls): Promise<OwnCertificate | null> {
  try {
    return await findCertificate(app, names);
  } catch (error) {
    app.log.warn("tls.unreadable", { reason: messageOf(error) });
    return null;
  }
}

/** Asks when to renew, as often as the authority wants to be asked. What goes wrong leaves the lifetime to decide. */
async function askAuthority(app: App, tls: AcmeTls, current: OwnCertificate | null): Promise<void> {
  if (current === null) return;
  const state = await readRenewalState(app.db);
  const now = app.now();
  const known = state.advice?.certificate === current.id ? state.advice : null;
  if (known !== null && known.askAgainAt > now) return;
  const found = await readRenewalWindow(authorityOf(app, tls), current.certificate).catch(
    (error: unknown) => {
      app.log.warn("tls.renewal_window_unknown", { reason: messageOf(error) });
      return null;
    },
  );
  const renewAt = found === null ? null : keptMoment(found, known?.renewAt ?? null);
  const askAgainAt = now + (found?.askAgainMs ?? hour);
  await saveRenewalState(app.db, { ...state, advice: { certificate: current.id, renewAt, askAgainAt } });
}

/** Chosen once, as long as the window allows it: chosen anew with every answer it would come ever earlier. */
function keptMoment(window: { start: number; end: number }, before: number | null): number {
  const isStillIn = before !== null && before >= window.start && before <= window.end;
  return isStillIn ? before : momentIn(window, Math.random());
}

type Attempt = { current: OwnCertificate | null; state: RenewalState };

/** The reason of a failure, or null. */
async function attempt(app: App, tls: AcmeTls, { current, state }: Attempt): Promise<string | null> {
  const now = app.now();
  // Stored before: an attempt that ends with the process counts as well.
  const counted = { ...state, attempts: [...recentAttempts(state.attempts, now), now] };
  await saveRenewalState(app.db, counted);
  await pruneChallenges(app.db, now - hour);
  try {
    if (isTriedInStaging(state.failures, tls.directory === letsEncrypt))
      await orderPair(app, { ...tls, directory: letsEncryptStaging }, null);
    const pair = await orderPair(app, tls, current?.certificate ?? null);
    await storeCertificate(app, { ...pair, names: tls.names });
    await saveRenewalState(app.db, { ...counted, failures: 0, nextAttemptAt: 0, error: null });
    app.log.info("tls.renewed", { names: tls.names.join(" "), until: new Date(pair.notAfter).toISOString() });
    return null;
  } catch (error) {
    return recordFailure(app, tls, { state: counted, error });
  }
}

async function recordFailure(
  app: App,
  tls: AcmeTls,
  { state, error }: { state: RenewalState; error: unknown },
): Promise<string> {
  const now = app.now();
  const reason = error instanceof Failure ? textOf(error) : messageOf(error);
  const failures = state.failures + 1;
  const wantedMs = 1000 * ((error instanceof AcmeRefusal ? error.retryAfterSeconds : undefined) ?? 0);
  const nextAttemptAt = now + Math.max(delayAfter(failures, Math.random()), wantedMs);
  const refusedUntil = wantedMs > 0 ? now + wantedMs : 0;
  const failed = { failures, nextAttemptAt, refusedUntil, error: { message: reason, at: now } };
  await saveRenewalState(app.db, { ...state, ...failed });
  const next = new Date(nextAttemptAt).toISOString();
  app.log.error("tls.renewal_failed", { names: tls.names.join(" "), failures, next, reason });
  return reason;
}
