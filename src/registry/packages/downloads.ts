// The installs that clients report: saved at once, counted in the background.
import type { App } from "../../app.ts";
import { addInstalls, countInstalls } from "../../store/packages/downloads.ts";
import { listKnownVersions } from "../../store/packages/versions.ts";
import { runSoon } from "../enqueue-now.ts";

export type ReportedInstall = { name: string; version: string };

/** For so long the tokens that installed a version are known. */
const keepMs = 5 * 60_000;

/**
 * Durable when it resolves, and every report counts: a build farm shares one token. Within a report, which is one run
 * of a client, a version counts once; unknown names and versions are left out. Returns how many were saved.
 */
export async function reportInstalls(
  app: App,
  { organizationId, tokenId }: { organizationId: string; tokenId: string },
  installs: ReportedInstall[],
): Promise<number> {
  const names = [...new Set(installs.map((install) => install.name.toLowerCase()))];
  const known = await listKnownVersions(app.db, organizationId, names);
  const minute = Math.floor(app.now() / 60_000);
  const rows = new Map(
    installs
      .map(({ name, version }) => ({ name: name.toLowerCase(), version }))
      .filter(({ name, version }) => known.has(`${name} ${version}`))
      .map(({ name, version }) => [
        `${name} ${version}`,
        {
          organization_id: organizationId,
          package_name: name,
          version_normalized: version,
          token_id: tokenId,
          minute,
        },
      ]),
  );
  if (rows.size === 0) return 0;
  await app.db.transaction((db) => addInstalls(db, [...rows.values()]));
  app.events.publish({ organizationId, kind: "install", id: tokenId });
  await runSoon(app, "count-downloads", 500);
  return rows.size;
}

/** Adds reported installs to the sums per version and day; each round is written as a whole or not at all. */
export async function countDownloads(app: App): Promise<void> {
  while ((await app.db.transaction((db) => countInstalls(db, { now: app.now(), keepMs }))) > 0);
}
