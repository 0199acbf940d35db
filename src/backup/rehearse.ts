// A rehearsal: the newest backup is restored on trial from the target, not from the living data, and packages are
// installed from it. It uses no network but the target, sends nothing, and leaves nothing behind.
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rm, statfs } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import type { App } from "../app.ts";
import { Failure, messageOf, textOf, unavailable } from "../errors.ts";
import { listServedArchives } from "../store/backup/archives.ts";
import { findLastRehearsal, saveLastRehearsal } from "../store/backup/results.ts";
import { countRows } from "../store/rows/rows.ts";
import { listSamplePackages, type SamplePackage } from "../store/backup/sample.ts";
import { refuseUnsound } from "../store/backup/sqlite-copy.ts";
import { listTables } from "../store/rows/tables.ts";
import { migrate, openDatabase, type Database } from "../store/engine/database.ts";
import { findDist } from "../store/packages/dists.ts";
import { fetchArchive, fetchDatabase, openSet, type Opened } from "./fetch.ts";
import { openTarget } from "./open-target.ts";
import { newestSet } from "./sets.ts";
import { verifyPresence } from "./verify.ts";
import { fileInZip } from "./zip-entry.ts";

type Rehearsed = { setId: string; setAt: number; packages: string[]; tookMs: number };

const spareBytes = 200_000_000;
const sampledArchives = 20;
const sampledOrganizations = 3;

/** Saves how it went; fails as `unavailable` when the backup cannot be restored as it should. */
export async function rehearse(app: App): Promise<Rehearsed> {
  const started = app.now();
  const before = await findLastRehearsal(app.db);
  const blank = { succeededAt: null, setAt: null, setId: null, packages: [], tookMs: 0 };
  try {
    const found = { ...(await tryOut(app)), tookMs: app.now() - started };
    const now = app.now();
    await saveLastRehearsal(app.db, { ...found, succeededAt: now, triedAt: now, problem: null });
    app.log.info("rehearsal.done", { set: found.setId, packages: found.packages.length, ms: found.tookMs });
    return found;
  } catch (error) {
    const problem = (error instanceof Failure ? textOf(error) : messageOf(error)).slice(0, 500);
    await saveLastRehearsal(app.db, { ...blank, ...before, triedAt: app.now(), problem });
    app.log.warn("rehearsal.failed", { reason: problem });
    throw error;
  }
}

async function tryOut(app: App): Promise<Omit<Rehearsed, "tookMs">> {
  const { config } = app;
  const target = openTarget(config.backup);
  const set = await newestSet(target);
  await expectRoom(config.dataDir, set.databaseBytes);
  const { problems } = await verifyPresence({ target, set });
  const folder = await mkdtemp(join(config.dataDir, "tmp", "rehearsal-"));
  try {
    const opened = await openSet(target, set, { config, recoveryKey: null });
    const path = join(folder, "database.sqlite");
    await fetchDatabase(opened, path);
    refuseUnsound(path);
    const db = await openDatabase({ engine: "sqlite", path });
    try {
      await expectCounts(db, opened);
      await migrate(db);
      await readSample(db, { opened, folder });
      const packages = await installSample(db, { opened, folder });
      if (problems.length > 0)
        throw unavailable(`The backup is not complete: ${problems.slice(0, 5).join(" ")}`, {
          code: "backup_incomplete",
        });
      return { setId: set.id, setAt: set.madeAt, packages };
    } finally {
      await db.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function expectRoom(folder: string, databaseBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize < 2 * databaseBytes + spareBytes)
    throw unavailable("Not rehearsed: there is no room for a second copy of the database.", {
      code: "rehearsal_no_room",
    });
}

async function expectCounts(db: Database, { contents }: Opened): Promise<void> {
  const counts = db.sqlite ? await countRows(db, listTables(db.sqlite)) : {};
  for (const [table, count] of Object.entries(contents.counts))
    if (counts[table] !== count)
      throw unavailable(`The backup has ${counts[table] ?? 0} of ${count} rows of ${table}.`, {
        code: "backup_damaged",
      });
}

type Place = { opened: Opened; folder: string };

/** Every archive that is read is compared with its hash. */
async function readSample(db: Database, { opened, folder }: Place): Promise<void> {
  const all = await Array.fromAsync(listServedArchives(db));
  const step = Math.max(1, Math.floor(all.length / sampledArchives));
  const offset = Math.floor(Math.random() * step);
  for (const [at, sha256] of all.entries()) {
    if (at % step !== offset || opened.contents.absent.includes(sha256)) continue;
    await getArchive({ opened, folder }, sha256, `the archive ${sha256}`);
  }
}

async function installSample(db: Database, place: Place): Promise<string[]> {
  const samples = await listSamplePackages(db, sampledOrganizations);
  for (const sample of samples) await install(db, place, sample);
  return samples.map(({ name }) => name);
}

type Release = { version: string; dist?: { reference: string; shasum: string } };

/** As Composer does: document, archive, checksum, and what is inside. */
async function install(db: Database, place: Place, sample: SamplePackage): Promise<void> {
  const { organizationId, name, body } = sample;
  const document = JSON.parse(gunzipSync(body).toString()) as { packages: Record<string, Release[]> };
  const release = document.packages[name]?.[0];
  if (!release?.dist) return;
  const { reference, shasum } = release.dist;
  const dist = await findDist(db, organizationId, { packageName: name, reference });
  if (dist === null) throw broken(name, "its archive is not known");
  if (place.opened.contents.absent.includes(dist.sha256)) return;
  const zip = await getArchive(place, dist.sha256, `${name} ${release.version}`);
  if (createHash("sha1").update(zip).digest("hex") !== shasum) throw broken(name, "its checksum is wrong");
  const manifest = fileInZip(zip, "composer.json");
  const found = manifest === null ? null : (JSON.parse(manifest.toString()) as { name?: string }).name;
  if (found?.toLowerCase() !== name) throw broken(name, "its composer.json is not the right one");
}

async function getArchive({ opened, folder }: Place, sha256: string, what: string): Promise<Buffer> {
  const path = join(folder, "archive.zip");
  if (!(await fetchArchive(opened, sha256, path)))
    throw unavailable(`The backup has lost ${what}.`, { code: "backup_incomplete" });
  return readFile(path);
}

function broken(name: string, why: string) {
  return unavailable(`${name} cannot be installed from the backup: ${why}.`, { code: "backup_damaged" });
}
