// Several processes of the built binary at one database and one Redis, with repositories to sync, and this process
// beside them as one that only asks.
import { join } from "node:path";
import { createApp, type App } from "../../src/app.ts";
import { parseConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import { createOrganization } from "../../src/registry/organizations/organizations.ts";
import { addRepository } from "../../src/registry/repositories/repositories.ts";
import { requestSync } from "../../src/registry/sync-requests.ts";
import { createToken } from "../../src/registry/tokens.ts";
import type { Engine } from "../../src/store/engine/engine.ts";
import { listRepositories, type Repository } from "../../src/store/repositories/repositories.ts";
import { makeDatabase } from "./servers/databases.ts";
import { makeRepository } from "./repositories.ts";
import type { Server } from "./servers/services.ts";
import type { Served } from "./binary.ts";
import { openWorld } from "../worlds/world.ts";

export type Fleet = {
  app: App;
  organizationId: string;
  token: string;
  /** The variables of all its processes. */
  env: Record<string, string>;
  /** A process of the binary; all servers bear the address of the first. */
  start(args: string[], env?: Record<string, string>): Promise<Served>;
  /** Asks for a sync of each; how many could not be queued now. */
  requestAll(): Promise<number>;
  repositories(): Promise<Repository[]>;
  /** Whether each has been synced to the end and no job waits, runs or is dead. */
  isDone(): Promise<boolean>;
  /**
   * What happened twice, or not at all, in words. `asked`: how many syncs were asked for of each, when it is to be
   * told whether one was run twice; what a killed process did not end does not count.
   */
  faults(expectedSyncs?: number): Promise<string[]>;
  /** Lets as much time go by for what the database says: a sync that nobody heard of is asked for again. */
  letExpectationsPass(): Promise<void>;
  close(): Promise<void>;
};

/** Two tags and a branch. */
const refsOfEach = 3;

export async function openFleet(of: {
  engine: Engine;
  redis: Server;
  repositories: number;
  env?: Record<string, string>;
}): Promise<Fleet> {
  const { address, remove } = await makeDatabase(of.engine);
  const database: Record<string, string> =
    address.engine === "sqlite"
      ? { DB_DATABASE: address.path }
      : { DB_CONNECTION: address.engine, DB_URL: address.url };
  const env: Record<string, string> = {
    ...database,
    QUEUE_CONNECTION: "redis",
    REDIS_URL: of.redis.url,
    LOG_LEVEL: "info",
    SYNC_INTERVAL: "1h",
    ...of.env,
  };
  const operator = await openWorld({ in: "shell", env });
  let appUrl: string | null = null;
  const parsed = parseConfig({ ...env, DATA_DIR: operator.dataDir });
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  const log = createLog({ level: "error", format: "json", write() {} });
  const app = await createApp(parsed.config, { log });
  const organization = await createOrganization(app, {
    slug: "acme",
    name: "Acme",
    owner: null,
    actor: "cli",
  });
  const { text: token } = await createToken(app, {
    owner: { organizationId: organization.id },
    name: "ci",
    expiresAt: null,
    packages: [],
    actor: "cli",
  });
  for (let number = 1; number <= of.repositories; number++) {
    const name = `acme/package-${number}`;
    const { path } = await makeRepository(join(operator.folder, "git"), name, [
      step(name, "1.0.0"),
      step(name, "1.1.0"),
    ]);
    const request = { url: path, name: null, provider: null, credential: null, allowLocal: true };
    await addRepository(app, organization, { ...request, actor: "cli" });
  }
  const repositories = () => listRepositories(app.db, organization.id);
  return {
    app,
    organizationId: organization.id,
    token,
    env: { ...env, DATA_DIR: operator.dataDir },
    async start(args, more = {}) {
      const served = await operator.serve({ args, env: { ...(appUrl ? { APP_URL: appUrl } : {}), ...more } });
      if (served.code() !== null) throw new Error(served.printed());
      if (args[0] === "serve") appUrl ??= served.url;
      return served;
    },
    repositories,
    async requestAll() {
      const expectedSyncs = (await repositories()).map((repository) =>
        requestSync(app, repository, { reason: "asked" }),
      );
      return (await Promise.allSettled(expectedSyncs)).filter(({ status }) => status === "rejected").length;
    },
    async isDone() {
      const isSynced = ({ state, sync_deadline }: Repository) => state === "fresh" && sync_deadline === null;
      if (!(await repositories()).every(isSynced)) return false;
      const counts = await app.jobs.countsByName().catch(() => null);
      const syncs = counts?.find(({ name }) => name === "sync-repository");
      return counts !== null && syncs === undefined;
    },
    async faults(expectedSyncs) {
      const all = (await repositories()).map((repository) =>
        faultsOf(app, repository, expectedSyncs ?? null),
      );
      return (await Promise.all(all)).flat();
    },
    async letExpectationsPass() {
      await app.db.write
        .updateTable("repositories")
        .set({ sync_deadline: 1 })
        .where("sync_deadline", "is not", null)
        .execute();
      await app.db.write.updateTable("schedules").set({ next_run_at: 1 }).execute();
    },
    async close() {
      await app.close();
      await operator.close();
      await remove();
    },
  };
}

function step(name: string, tag: string) {
  return { manifest: { name }, files: { "src/a.php": `<?php // ${tag}` }, tags: [tag] };
}

async function faultsOf(
  { db }: App,
  { id, name }: Repository,
  expectedSyncs: number | null,
): Promise<string[]> {
  const syncs = await db.read.selectFrom("syncs").selectAll().where("repository_id", "=", id).execute();
  const versions = await db.read
    .selectFrom("versions")
    .innerJoin("packages", "packages.id", "versions.package_id")
    .select("version")
    .where("packages.repository_id", "=", id)
    .execute();
  const activity = await db.read
    .selectFrom("activity")
    .select("id")
    .where("action", "=", "repository.synced")
    .where("subject", "=", name)
    .execute();
  const added = syncs.reduce((sum, sync) => sum + sync.added, 0);
  const repeats = activity.length > 1 ? [`${name} was told of as changed ${activity.length} times`] : [];
  const is = (what: string, found: number, expected: number) =>
    found === expected ? [] : [`${name}: ${found} ${what} instead of ${expected}`];
  const whole = syncs.filter(({ state }) => state === "done").length;
  return [
    ...(expectedSyncs === null ? [] : is("syncs", whole, expectedSyncs)),
    ...is("versions", versions.length, refsOfEach),
    ...is("added versions in all syncs", added, refsOfEach),
    ...repeats,
    ...is("syncs without an end", syncs.filter(({ state }) => state === "running").length, 0),
  ];
}
