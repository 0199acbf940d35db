// One run at a time writes to a target and deletes from it.
import { conflict } from "../errors.ts";
import type { Target } from "./target.ts";

const name = "lease.json";
const hourMs = 3_600_000;
/** A run that is older has died. */
const longestRunMs = 12 * hourMs;

type Lease = { by: string; at: number };

/** Fails as `conflict` while another run has it. */
export async function withLease<Result>(
  target: Target,
  { now, by }: { now: number; by: string },
  work: () => Promise<Result>,
): Promise<Result> {
  const found = await holderOf(target);
  if (found !== null && now - found.at < longestRunMs)
    throw conflict(
      `Another backup to ${target.label} has been running since ${new Date(found.at).toISOString()}.`,
      {
        code: "backup_runs",
      },
    );
  await target.put(name, new Blob([JSON.stringify({ by, at: now } satisfies Lease)]));
  try {
    return await work();
  } finally {
    await target.remove(name).catch(() => {});
  }
}

async function holderOf(target: Target): Promise<Lease | null> {
  const found = await target.get(name);
  if (found === null) return null;
  try {
    return (await found.json()) as Lease;
  } catch {
    return null;
  }
}
