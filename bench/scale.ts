// Compares how a large and a small registry answer and publish. Both are created in this run, on SQLite.
import { mkdtemp, rm } from "node:fs/promises";
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "../src/app.ts";
import { createOrganization } from "../src/registry/organizations/organizations.ts";
import { publishPackage, publishRoot } from "../src/registry/packages/publish.ts";
import { createToken } from "../src/registry/tokens.ts";
import type { Db } from "../src/store/engine/database.ts";
import { findPackage, type Package } from "../src/store/packages/packages.ts";
import { putVersion } from "../src/store/packages/versions.ts";
import { succeeded } from "../tests/tools/process.ts";
import { load } from "./load.ts";
import { addPackages, versionRow, withApp } from "./many-packages.ts";
import { measure, type Figure } from "./rounds.ts";
import { startBinary } from "../tests/tools/binary.ts";

const versionsEach = 50;
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);
const seconds = Number(process.env["BENCH_SECONDS"] ?? 2);

type Written = { ms: number; bytes: number };
type Registry = { dataDir: string; token: string; packages: number; version: Written; root: Written };

/** Ratios of a registry with `many` packages to one with `few`. */
export async function benchScale(few: number, many: number): Promise<{ figures: Figure[]; notes: string[] }> {
  const folder = await mkdtemp(join(tmpdir(), "pricore-scale-"));
  try {
    const small = await fill(join(folder, "small"), few);
    const large = await fill(join(folder, "large"), many);
    const start = await measure({
      name: `start to first answer, ${many} / ${few} packages (less is better)`,
      rounds,
      ours: async () => (await serve(large)).stop(),
      reference: async () => (await serve(small)).stop(),
    });
    const [a, b] = [await serve(large), await serve(small)];
    const p2 = await measure({
      name: `p2 requests per second, ${many} / ${few} packages`,
      rounds,
      ours: () => a.load("/acme/p2/acme/package-7.json"),
      reference: () => b.load("/acme/p2/acme/package-7.json"),
    });
    const spread = await measure({
      name: `p2 of ${few} packages in turn, ${many} / ${few} packages`,
      rounds,
      ours: () => a.loadInTurn(few),
      reference: () => b.loadInTurn(few),
    });
    await Promise.all([a.stop(), b.stop()]);
    return { figures: [start, p2, spread], notes: [...notesOf(small), ...notesOf(large)] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function notesOf({ packages, version, root }: Registry): string[] {
  const each = ({ ms, bytes }: Written) => `${ms.toFixed(1)} ms, ${(bytes / 1024).toFixed(0)} KB written`;
  return [
    `  one new version among ${packages} packages: ${each(version)}`,
    `  the root document of ${packages} packages: ${each(root)}`,
  ];
}

function fill(dataDir: string, packages: number): Promise<Registry> {
  return withApp({ DATA_DIR: dataDir }, async (app) => {
    const organization = await createOrganization(app, {
      slug: "acme",
      name: "Acme",
      owner: null,
      actor: "cli",
    });
    await addPackages(app, organization, { packages, versionsEach });
    const made = await createToken(app, {
      owner: { organizationId: organization.id },
      name: "bench",
      expiresAt: null,
      packages: [],
      actor: "cli",
    });
    const pkg = (await findPackage(app.db, organization.id, "acme/package-3")) as Package;
    const version = await written(app, async (db, round) => {
      await putVersion(db, versionRow(pkg.id, 100 + round));
      await publishPackage(app, db, { organization, pkg: { ...pkg, latest: "1.0.0" } });
    });
    const root = await written(app, (db, round) =>
      publishRoot(app, db, { ...organization, notice: `Notice ${round}` }),
    );
    return { dataDir, token: made.text, packages, version, root };
  });
}

/** A transaction like the last one of a sync; answers its addition to the write-ahead log. */
async function written(app: App, work: (db: Db, round: number) => Promise<void>): Promise<Written> {
  const path = join(app.config.dataDir, "pricore.sqlite");
  const all: Written[] = [];
  for (let round = 0; round < 7; round++) {
    await succeeded(["sqlite3", path, "pragma wal_checkpoint(truncate)"]);
    const started = performance.now();
    await app.db.transaction((db) => work(db, round));
    all.push({ ms: performance.now() - started, bytes: statSync(`${path}-wal`).size });
  }
  return all.toSorted((a, b) => a.ms - b.ms)[3] ?? { ms: 0, bytes: 0 };
}

/** The built binary on that directory; `stop` answers the milliseconds of its first answer. */
export async function startOn(dataDir: string) {
  // A different APP_URL would make the server rewrite every document.
  const own = { DATA_DIR: dataDir, APP_URL: "http://localhost:8000" };
  const started = performance.now();
  const served = await startBinary({
    cwd: dataDir,
    env: { ...own, LOG_LEVEL: "error", SYNC_INTERVAL: "off" },
  });
  await fetch(`${served.url}/health`);
  const ready = performance.now() - started;
  const stop = async () => {
    served.kill("SIGTERM");
    await served.ended;
    return ready;
  };
  return { origin: served.url, stop };
}

async function serve({ dataDir, token }: Registry) {
  const { origin, stop } = await startOn(dataDir);
  const side = { origin, headers: [`Authorization: Bearer ${token}`, "Host: localhost:8000"] };
  const wanted = { status: 200, connections: 16 };
  return {
    load: (path: string) => load(side, { ...wanted, path }, seconds),
    async loadInTurn(packages: number) {
      const script = join(dataDir, "turn.lua");
      const lua = `local n = 0\nrequest = function()\n  n = (n + 1) % ${packages}\n  return wrk.format(nil, "/acme/p2/acme/package-" .. n .. ".json")\nend\n`;
      await Bun.write(script, lua);
      return load(side, { ...wanted, script, path: "/acme/p2/acme/package-0.json" }, seconds);
    },
    stop,
  };
}
