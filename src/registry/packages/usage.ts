// Who uses a package or one version of it, shown before somebody deletes it.
import type { App } from "../../app.ts";
import { ConstraintError, matchesConstraint, parseConstraint } from "../../composer/constraint.ts";
import { countDependents, listDependents, type Dependent } from "../../store/packages/dependencies.ts";
import {
  listPackageDays,
  listRecentInstallers,
  listVersionDays,
  type Days,
} from "../../store/packages/download-charts.ts";

const dayMs = 86_400_000;

type Usage = {
  /** Downloads of the last 30 days, including today. */
  downloads: number;
  days: Days;
  /** Tokens that installed it in the last minutes. */
  tokens: string[];
  /** Packages of the organization that require it, the first 20 of `dependentsTotal`. */
  dependents: Dependent[];
  dependentsTotal: number;
};

/** Usage of the whole package when `versionNormalized` is null. */
export async function usageOf(
  app: App,
  organizationId: string,
  { name, versionNormalized }: { name: string; versionNormalized: string | null },
): Promise<Usage> {
  const since = daysBack(app.now(), 30)[0] ?? "";
  const days =
    versionNormalized === null
      ? (await listPackageDays(app.db, organizationId, { names: [name], since })).get(name)
      : await listVersionDays(app.db, organizationId, { name, versionNormalized, since });
  const { run, dev } = await countDependents(app.db, organizationId, name);
  return {
    downloads: [...(days?.values() ?? [])].reduce((sum, count) => sum + count, 0),
    days: days ?? new Map(),
    tokens: await listRecentInstallers(app.db, organizationId, { name, versionNormalized }),
    dependents: await listDependents(app.db, organizationId, { requires: name, limit: 20 }),
    dependentsTotal: run + dev,
  };
}

/** Whether the constraint matches this version and none of the others. One that cannot be parsed matches nothing. */
export function onlyFits(
  constraint: string,
  { version, others }: { version: string; others: string[] },
): boolean {
  try {
    const parsed = parseConstraint(constraint);
    return matchesConstraint(parsed, version) && !others.some((each) => matchesConstraint(parsed, each));
  } catch (error) {
    if (error instanceof ConstraintError) return false;
    throw error;
  }
}

/** The last `count` days, ending today: `2026-11-23`. */
export function daysBack(now: number, count: number): string[] {
  return Array.from({ length: count }, (_, at) =>
    new Date(now - (count - 1 - at) * dayMs).toISOString().slice(0, 10),
  );
}
