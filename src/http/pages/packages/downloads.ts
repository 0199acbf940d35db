// Downloads as the pages of packages show them: a number for each day of a period, and for each version.
import type { DownloadDays } from "../../../../templates/packages/downloads.tsx";
import type { App } from "../../../app.ts";
import { daysBack } from "../../../registry/packages/usage.ts";
import {
  listPackageDays,
  listVersionDays,
  sumVersionDownloads,
  type Days,
} from "../../../store/packages/download-charts.ts";
import type { VersionLine } from "../../../store/packages/pages.ts";

type DownloadsQuery = { organizationId: string; name: string; period: number };

/** With the total of as many days before. */
export async function downloadsOf(
  app: App,
  { organizationId, name, period }: DownloadsQuery,
): Promise<DownloadDays> {
  const days = daysBack(app.now(), 2 * period);
  const since = days[0] ?? "";
  const found = await listPackageDays(app.db, organizationId, { names: [name], since });
  const counts = found.get(name) ?? new Map<string, number>();
  const before = sumOf(counts, days.slice(0, period));
  return { ...perDay(counts, days.slice(period)), before };
}

export async function downloadsOfVersion(
  app: App,
  { organizationId, name, versionNormalized }: Omit<DownloadsQuery, "period"> & { versionNormalized: string },
): Promise<DownloadDays> {
  const days = daysBack(app.now(), 30);
  const since = days[0] ?? "";
  const counts = await listVersionDays(app.db, organizationId, { name, versionNormalized, since });
  return { ...perDay(counts, days), before: null };
}

const shownVersions = 50;

/** The versions that were downloaded most in the period. */
export async function versionDownloadsOf(
  app: App,
  { organizationId, name, period, live }: DownloadsQuery & { live: VersionLine[] },
) {
  const since = daysBack(app.now(), period)[0] ?? "";
  const sums = await sumVersionDownloads(app.db, organizationId, { name, since });
  const liveVersions = new Map(live.map((line) => [line.version_normalized, line.version]));
  const versions = [...sums]
    .map(([normalized, count]) => ({
      version: liveVersions.get(normalized) ?? normalized,
      count,
      isLive: liveVersions.has(normalized),
    }))
    .toSorted((a, b) => b.count - a.count);
  return { versions: versions.slice(0, shownVersions), more: Math.max(0, versions.length - shownVersions) };
}

export function perDay(counts: Days, days: string[]): { days: DownloadDays["days"]; total: number } {
  return { days: days.map((day) => ({ day, count: counts.get(day) ?? 0 })), total: sumOf(counts, days) };
}

function sumOf(counts: Days, days: string[]): number {
  return days.reduce((sum, day) => sum + (counts.get(day) ?? 0), 0);
}
