// Does a large registry answer and publish as fast as a small one? Both are made in this run, on SQLite.
import { mkdtemp, rm } from "node:fs/promises";
import { statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp, type App } from "../../src/app.ts";
import { parseConfig } from "../../src/config.ts";
import { createLog } from "../../src/log.ts";
import { createOrganization } from "../../src/registry/organizations.ts";
import { publishOrganization, publishPackage } from "../../src/registry/publish.ts";
import { createToken } from "../../src/registry/tokens.ts";
import type { Organization } from "../../src/store/organizations.ts";
import { addPackage, findPackage, type Package } from "../../src/store/packages.ts";
import type { VersionRow } from "../../src/store/schema.ts";
import { putVersion } from "../../src/store/versions.ts";
import { freePort, succeeded } from "../tools/process.ts";
import { binary } from "../tools/registry.ts";
import { measure, type Figure } from "./rounds.ts";

const versionsEach = 50;
const rounds = Number(process.env["BENCH_ROUNDS"] ?? 5);
const seconds = Number(process.env["BENCH_SECONDS"] ?? 2);

type Registry = { dataDir: string; token: string; packages: number; publish: { ms: number; bytes: number } };

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
    const told = (registry: Registry) =>
      `  one new version among ${registry.packages} packages: ${registry.publish.ms.toFixed(1)} ms, ${(registry.publish.bytes / 1024).toFixed(0)} KB written`;
    return { figures: [start, p2, spread], notes: [told(small), told(large)] };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The organization acme with so many packages of 50 versions each, published; the caller closes the app. */
export async function fillOrganization(
  dataDir: string,
  packages: number,
): Promise<{ app: App; organization: Organization }> {
  const parsed = parseConfig({ DATA_DIR: dataDir });
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  const app = await createApp(parsed.config, { log: createLog({ level: "error", format: "json" }) });
  const organization = await createOrganization(app, {
    slug: "acme",
    name: "Acme",
    owner: null,
    actor: "cli",
  });
  await app.db.transaction(async (db) => {
    for (let number = 0; number < packages; number++) {
      const owner = { organization_id: organization.id, name: `acme/package-${number}`, repository_id: null };
      const { id } = await addPackage(db, { ...owner, type: "library", created_at: app.now() });
      const rows = Array.from({ length: versionsEach }, (_, minor) => versionRow(id, minor));
      for (let at = 0; at < rows.length; at += 25)
        await db.write
          .insertInto("versions")
          .values(rows.slice(at, at + 25))
          .execute();
    }
    await publishOrganization(app, db, organization);
  });
  return { app, organization };
}

async function fill(dataDir: string, packages: number): Promise<Registry> {
  const { app, organization } = await fillOrganization(dataDir, packages);
  const made = await createToken(app, {
    owner: { organizationId: organization.id },
    name: "bench",
    expiresAt: null,
    packages: [],
    actor: "cli",
  });
  const publish = await publishOne(app, organization);
  await app.close();
  return { dataDir, token: made.text, packages, publish };
}

function versionRow(packageId: string, minor: number): VersionRow {
  const fields = {
    type: "library",
    description: "One of many",
    require: { php: ">=8.1", "acme/package-1": `^1.${minor}` },
  };
  return {
    id: Bun.randomUUIDv7(),
    package_id: packageId,
    version: `1.${minor}.0`,
    version_normalized: `1.${minor}.0.0`,
    stability: "stable",
    is_default_branch: 0,
    ref_kind: "tag",
    reference: Bun.hash(`${packageId} ${minor}`).toString(16).padStart(40, "0"),
    dist_id: null,
    manifest: JSON.stringify({ name: null, version: null, timeMs: null, fields, notes: [] }),
    readme_hash: null,
    released_at: 1_700_000_000_000 + minor * 86_400_000,
    created_at: Date.now(),
    updated_at: Date.now(),
    removed_at: null,
    deleted_at: null,
    deleted_by: null,
  };
}

/** The transaction that a sync of one new tag ends in; what it added to the write-ahead log. */
async function publishOne(app: App, organization: Organization): Promise<{ ms: number; bytes: number }> {
  const pkg = (await findPackage(app.db, organization.id, "acme/package-3")) as Package;
  const log = `${join(app.config.dataDir, "pricore.sqlite")}-wal`;
  const timings: { ms: number; bytes: number }[] = [];
  for (let minor = 100; minor < 107; minor++) {
    await succeeded([
      "sqlite3",
      join(app.config.dataDir, "pricore.sqlite"),
      "pragma wal_checkpoint(truncate)",
    ]);
    const started = performance.now();
    await app.db.transaction(async (db) => {
      await putVersion(db, versionRow(pkg.id, minor));
      await publishPackage(app, db, { organization, pkg: { ...pkg, latest: "1.0.0" } });
    });
    timings.push({ ms: performance.now() - started, bytes: statSync(log).size });
  }
  return timings.toSorted((a, b) => a.ms - b.ms)[3] ?? { ms: 0, bytes: 0 };
}

/** The built binary on that directory; `ready` is the milliseconds to its first answer. */
export async function startBinary(dataDir: string) {
  const port = freePort();
  const origin = `http://localhost:${port}`;
  const env = {
    DATA_DIR: dataDir,
    PORT: String(port),
    APP_URL: "http://localhost:8000",
    LOG_LEVEL: "error",
    SYNC_INTERVAL: "off",
  };
  const started = performance.now();
  const child = Bun.spawn([binary, "serve"], { env, stdio: ["ignore", "ignore", "inherit"] });
  while ((await fetch(`${origin}/health`).catch(() => null))?.status !== 200) await Bun.sleep(2);
  const ready = performance.now() - started;
  const stop = async () => {
    child.kill("SIGTERM");
    await child.exited;
    return ready;
  };
  return { origin, stop };
}

async function serve({ dataDir, token }: Registry) {
  const { origin, stop } = await startBinary(dataDir);
  const headers = [`Authorization: Bearer ${token}`, "Host: localhost:8000", "Accept-Encoding: gzip"];
  const options = ["-t", "1", "-c", "16", "-d", `${seconds}s`, ...headers.flatMap((each) => ["-H", each])];
  const perSecond = (output: string) => {
    if (/Non-2xx/.test(output)) throw new Error(output);
    return Number(/Requests\/sec:\s+([\d.]+)/.exec(output)?.[1]);
  };
  return {
    load: async (path: string) => perSecond(await succeeded(["wrk", ...options, origin + path])),
    async loadInTurn(packages: number) {
      const script = join(dataDir, "turn.lua");
      const lua = `local n = 0\nrequest = function()\n  n = (n + 1) % ${packages}\n  return wrk.format(nil, "/acme/p2/acme/package-" .. n .. ".json")\nend\n`;
      await Bun.write(script, lua);
      return perSecond(await succeeded(["wrk", ...options, "-s", script, origin]));
    },
    stop,
  };
}
