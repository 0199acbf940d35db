// What the pages of an organization say about repositories that were not checked for too long.
import type { App } from "../../app.ts";
import { countOverdue, findIncident, listOverdue } from "../../store/syncs/freshness-incidents.ts";

const recoveryShownMs = 24 * 3_600_000;
const namedOnPage = 3;

export type OverdueRepositories =
  | {
      is: "late";
      count: number;
      limitMs: number;
      since: number;
      names: string[];
      failure: { name: string; error: string } | null;
    }
  | { is: "recovered"; beganAt: number; recoveredAt: number };

/** Null when nothing was overdue for a day. */
export async function overdueRepositories(
  app: App,
  organizationId: string,
): Promise<OverdueRepositories | null> {
  const limitMs = app.config.freshnessLimitMs;
  if (limitMs === null) return null;
  const now = app.now();
  const provenBefore = now - limitMs;
  const first = await listOverdue(app.db, { provenBefore, organizationId, limit: namedOnPage });
  const [longest] = first;
  if (longest) {
    const count = await countOverdue(app.db, organizationId, provenBefore);
    const names = first.map(({ name }) => name);
    const [failure = null] = first.flatMap(({ name, state, error }) =>
      state === "failed" && error !== null ? [{ name, error }] : [],
    );
    return { is: "late", count, limitMs, since: longest.since, names, failure };
  }
  const incident = await findIncident(app.db, organizationId);
  const recoveredAt = incident?.recovered_at ?? 0;
  if (!incident || recoveredAt === 0 || now - recoveredAt > recoveryShownMs) return null;
  return { is: "recovered", beganAt: incident.began_at, recoveredAt };
}
