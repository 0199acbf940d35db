// The application in this process, on a fresh data directory, with a clock that a test can move.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApp, type App, type Overrides } from "../../src/app.ts";
import { parseConfig } from "../../src/config/config.ts";
import { createLog } from "../../src/log.ts";
import { holdAnyPort, startServer, type RunningServer } from "../../src/http/server.ts";
import { createOrganization } from "../../src/registry/organizations/organizations.ts";
import { addRepository } from "../../src/registry/repositories/repositories.ts";
import { runSync } from "../../src/registry/syncs/sync.ts";
import { createToken } from "../../src/registry/tokens.ts";
import type { OnQuery } from "../../src/store/engine/database.ts";
import type { Organization } from "../../src/store/organizations/organizations.ts";
import { listRefs } from "../../src/store/syncs/refs.ts";
import {
  findRepositoryById,
  updateRepository,
  type Repository,
} from "../../src/store/repositories/repositories.ts";
import { listSyncs, type Sync } from "../../src/store/syncs/syncs.ts";
import { makeRepository, type GitRepository, type Step } from "../tools/repositories.ts";

export type TestApp = {
  app: App;
  folder: string;
  log: string[];
  /** What another process needs to work on the same data. */
  environment: Record<string, string>;
  /** Moves the clock, by a second when nothing is said. */
  tick(ms?: number): void;
  organization(slug: string): Promise<Organization>;
  /** A real repository on this disk, mirrored by the organization but not synced yet. */
  mirror(organization: Organization, name: string, steps: Step[]): Promise<Mirrored>;
  token(organization: Organization, packages?: string[]): Promise<string>;
  /** The server on the same application, which starts with the first call. */
  serve(): Promise<RunningServer>;
  /** The server's answer to a request with this token. */
  get(path: string, token: string | null, headers?: Record<string, string>): Promise<Response>;
  /** Tells every statement from now on; null to no one. */
  watchQueries(listener: OnQuery | null): void;
  close(): Promise<void>;
};

export type Mirrored = {
  git: GitRepository;
  row(): Promise<Repository>;
  sync(options?: { confirmRemovals?: boolean }): Promise<Sync>;
  /** Every ref without a version, and why. */
  reasons(): Promise<Record<string, string>>;
};

export async function makeApp(
  environment: Record<string, string> = {},
  overrides: Pick<Overrides, "mail"> = {},
): Promise<TestApp> {
  const beside = await chosenServers(environment);
  const folder = await mkdtemp(join(tmpdir(), "pricore-app-"));
  const whole: Record<string, string> = {
    DATA_DIR: join(folder, "data"),
    PORT: "0",
    APP_URL: "http://localhost:0",
    SYNC_INTERVAL: "off",
    ...beside.environment,
    ...environment,
  };
  const parsed = parseConfig(whole);
  if ("problems" in parsed) throw new Error(parsed.problems.join("\n"));
  const held = holdAnyPort(parsed);
  Object.assign(whole, { PORT: String(parsed.config.port), APP_URL: parsed.config.appUrl });
  const log: string[] = [];
  let time = Date.parse("2026-03-01T09:00:00Z");
  let listener: OnQuery | null = null;
  const write = (line: string) => void log.push(line);
  const app = await createApp(parsed.config, {
    ...overrides,
    now: () => time,
    onQuery: (statement) => listener?.(statement),
    log: createLog({ level: "debug", format: "json", write }),
  });
  let server: Promise<RunningServer> | null = null;
  const serve = () => (server ??= startServer(app, { held }));
  return {
    app,
    folder,
    log,
    serve,
    environment: whole,
    tick: (ms = 1000) => void (time += ms),
    organization: (slug) => createOrganization(app, { slug, name: slug, owner: null, actor: "cli" }),
    async mirror(organization, name, steps) {
      const git = await makeRepository(folder, name, steps);
      const request = {
        url: git.path,
        name: null,
        provider: null,
        credential: null,
        allowLocal: true,
        actor: "cli",
      };
      const { repository } = await addRepository(app, organization, request);
      return mirrored(app, git, repository);
    },
    async token(organization, packages = []) {
      const owner = { organizationId: organization.id };
      const { text } = await createToken(app, {
        owner,
        name: "test",
        expiresAt: null,
        packages,
        actor: "cli",
      });
      return text;
    },
    async get(path, token, headers = {}) {
      await serve();
      const authorization: Record<string, string> =
        token === null ? {} : { Authorization: `Bearer ${token}` };
      return fetch(app.config.appUrl + path, {
        headers: { ...authorization, ...headers },
        redirect: "manual",
      });
    },
    watchQueries: (next) => void (listener = next),
    async close() {
      await (await server)?.stop();
      await held?.stop(true);
      await app.close();
      await beside.remove();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/**
 * `TEST_DATABASE=pgsql bun test tests/pages` (or mysql) runs tests on that server which do not say on what they run;
 * with `TEST_REDIS=true` sessions and events go through a Redis.
 */
async function chosenServers(
  fields: Record<string, string>,
): Promise<{ environment: Record<string, string>; remove(): Promise<void> }> {
  const environment: Record<string, string> = {};
  const { TEST_DATABASE: engine, TEST_REDIS: withRedis } = process.env;
  // Loaded when asked for: `bun run check --quick` tells by their imports which tests need a server.
  if (withRedis === "true" && fields["REDIS_URL"] === undefined) {
    const { startRedis } = await import("../tools/servers/services.ts");
    Object.assign(environment, { REDIS_URL: (await startRedis()).url, SESSION_DRIVER: "redis" });
  }
  if ((engine !== "pgsql" && engine !== "mysql") || fields["DB_CONNECTION"] !== undefined)
    return { environment, remove: async () => {} };
  const { makeDatabase } = await import("../tools/servers/databases.ts");
  const { address, remove } = await makeDatabase(engine);
  if (address.engine !== "sqlite")
    Object.assign(environment, { DB_CONNECTION: address.engine, DB_URL: address.url });
  return { environment, remove };
}

function mirrored(app: App, git: GitRepository, { id }: Repository): Mirrored {
  return {
    git,
    async row() {
      const row = await findRepositoryById(app.db, id);
      if (!row) throw new Error("the repository is gone");
      return row;
    },
    async sync({ confirmRemovals = false } = {}) {
      if (confirmRemovals) await updateRepository(app.db, id, { removals_confirmed: 1 });
      await runSync(app, { repositoryId: id, reason: "asked" }, new AbortController().signal);
      const sync = (await listSyncs(app.db, id)).at(-1);
      if (!sync) throw new Error("no sync was recorded");
      return sync;
    },
    async reasons() {
      const refs = await listRefs(app.db, id);
      return Object.fromEntries(
        refs.flatMap((ref) => (ref.outcome === "skipped" ? [[ref.name, ref.reason ?? ""]] : [])),
      );
    },
  };
}

/** The versions of a package as a client sees them, stable and dev, by version. */
export async function versionsSeen(
  world: TestApp,
  { slug, name, token }: { slug: string; name: string; token: string },
): Promise<Map<string, { reference: string; record: Record<string, unknown> }>> {
  const found = new Map<string, { reference: string; record: Record<string, unknown> }>();
  for (const file of [name, `${name}~dev`]) {
    const response = await world.get(`/${slug}/p2/${file}.json`, token);
    if (response.status !== 200) continue;
    const body = (await response.json()) as { packages: Record<string, Record<string, unknown>[]> };
    const { expand } = await import("../../src/composer/minify.ts");
    for (const record of expand(body.packages[name] ?? [])) {
      const dist = record["dist"] as { reference: string } | undefined;
      found.set(String(record["version"]), { reference: dist?.reference ?? "", record });
    }
  }
  return found;
}
