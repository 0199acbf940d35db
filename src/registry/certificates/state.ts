// What the renewal has tried and found, stored so that a restart does not forget it. Only the holder of the lease writes.
import type { Db } from "../../store/engine/database.ts";
import { findSetting, setSetting } from "../../store/settings.ts";

export type RenewalState = {
  /** In a row. */
  failures: number;
  /** When the attempts of the last hour were. */
  attempts: number[];
  /** No attempt before, in milliseconds since the epoch; a start forgets it. */
  nextAttemptAt: number;
  /** No attempt before either, because the authority asked for it: a start does not forget this one. */
  refusedUntil: number;
  error: { message: string; at: number } | null;
  /** What the authority said about the certificate with this id; `renewAt` is null when it said nothing. */
  advice: { certificate: string; renewAt: number | null; askAgainAt: number } | null;
  /** How many mails about the end of the certificate with this id were sent. */
  warned: { certificate: string; stage: number } | null;
};

const fresh: RenewalState = {
  failures: 0,
  attempts: [],
  nextAttemptAt: 0,
  refusedUntil: 0,
  error: null,
  advice: null,
  warned: null,
};

export async function readRenewalState(db: Db): Promise<RenewalState> {
  const text = await findSetting(db, "certificate_renewal");
  return text === null ? fresh : { ...fresh, ...(JSON.parse(text) as Partial<RenewalState>) };
}

export async function saveRenewalState(db: Db, state: RenewalState): Promise<void> {
  await setSetting(db, "certificate_renewal", JSON.stringify(state));
}
