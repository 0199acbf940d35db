import type { App } from "../app.ts";
import { compareVersions } from "../composer/version.ts";
import { noteLines, wordedNotes } from "../registry/packages/notes.ts";
import { freshnessOf } from "../registry/syncs/freshness.ts";
import { listDownloads } from "../store/packages/downloads.ts";
import { getPackage, listPackages } from "../store/packages/packages.ts";
import { listVersions, type VersionWithDist } from "../store/packages/versions.ts";
import { isoTime, table, type Command } from "./command.ts";
import { organizationIn, organizationOption } from "./organization.ts";

export const packages: Record<string, Command> = {
  list: {
    summary: "List packages with their newest version",
    usage: "",
    arity: [0, 0],
    options: organizationOption,
    async run(app, args, out) {
      const organization = await organizationIn(app, args);
      const found = (await listPackages(app.db, organization.id)).map(toJson);
      const rows = found.map((each) => [
        each.name,
        each.latest,
        each.versions,
        each.downloads,
        each.repository,
      ]);
      out.result(found, table(["NAME", "LATEST", "VERSIONS", "DOWNLOADS", "REPOSITORY"], rows));
    },
  },
  show: {
    summary: "Show a package and its versions",
    usage: "NAME",
    arity: [1, 1],
    options: organizationOption,
    async run(app, args, out) {
      const organization = await organizationIn(app, args);
      const pkg = await getPackage(app.db, organization.id, (args.positionals[0] ?? "").toLowerCase());
      const [summary] = await listPackages(app.db, organization.id, pkg.name);
      const downloads = await listDownloads(app.db, organization.id, pkg.name);
      const versions = (await listVersions(app.db, pkg.id))
        .toSorted((a, b) => compareVersions(b.version_normalized, a.version_normalized))
        .map((version) => shownVersion(version, downloads.get(version.version_normalized) ?? 0));
      const rows = versions.map((each) => [
        each.version,
        each.stability,
        each.reference.slice(0, 12),
        each.releasedAt,
        each.dist?.sizeBytes ?? null,
        each.downloads,
      ]);
      const heads = ["VERSION", "STABILITY", "REFERENCE", "RELEASED", "BYTES", "DOWNLOADS"];
      out.result({ ...(summary ? toJson(summary) : {}), versions }, [
        `${pkg.name}${summary ? freshnessText(app, summary) : ""}`,
        ...table(heads, rows),
        ...noteLines(versions),
      ]);
    },
  },
};

type Listed = Awaited<ReturnType<typeof listPackages>>[number];

/** Whether it is up to date with its Git host: ", stale, last checked 2026-03-01T09:00:00.000Z". */
function freshnessText({ now, config }: App, each: Listed): string {
  const { repository_state: state, last_proven_fresh_at } = each;
  if (state === null) return ", without a repository";
  const clock = { now: now(), intervalMs: config.syncIntervalMs };
  const { kind } = freshnessOf({ state, last_proven_fresh_at }, clock);
  if (last_proven_fresh_at === null) return `, ${kind}, never checked`;
  return `, ${kind === "fresh" ? "" : `${kind}, last `}checked ${isoTime(last_proven_fresh_at)}`;
}

function toJson(each: Listed) {
  return {
    name: each.name,
    type: each.type,
    latest: each.latest,
    versions: each.versions,
    downloads: each.downloads ?? 0,
    repository: each.repository,
    lastProvenFreshAt: isoTime(each.last_proven_fresh_at),
  };
}

function shownVersion(version: VersionWithDist, downloads: number) {
  return {
    version: version.version,
    versionNormalized: version.version_normalized,
    stability: version.stability,
    reference: version.reference,
    releasedAt: isoTime(version.released_at),
    dist:
      version.sha1 === null
        ? null
        : { sizeBytes: version.size_bytes, sha1: version.sha1, sha256: version.sha256 },
    downloads,
    notes: wordedNotes(version.notes),
  };
}
