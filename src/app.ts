// Config → App: opens the database, picks the adapters, closes them in order. The only wiring there is.
import { existsSync } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { openSecrets } from "./app-key.ts";
import { createBackupProcess, type BackupProcess } from "./backup/process.ts";
import { createRedisBodies, type Bodies } from "./cache/document-bodies.ts";
import type { Config } from "./config/config.ts";
import { Failure, messageOf, unavailable } from "./errors.ts";
import type { Events } from "./events/events.ts";
import { createInProcessEvents } from "./events/in-process.ts";
import { createRedisEvents } from "./events/redis.ts";
import { createDatabaseQueue } from "./jobs/database.ts";
import type { Queue } from "./jobs/queue.ts";
import type { RedisQueueOptions } from "./jobs/redis/queue.ts";
import { createLog, type Log } from "./log.ts";
import { expectDatabaseFile, expectFingerprint } from "./lost-data.ts";
import { openLiveDatabase } from "./moved.ts";
import type { Mail } from "./mail/mail.ts";
import { createOutbox } from "./mail/outbox.ts";
import { createSmtp } from "./mail/smtp.ts";
import { createOAuth } from "./forges/create-oauth.ts";
import type { OAuth } from "./forges/oauth.ts";
import { createForges, type Forges } from "./forges/forges.ts";
import { createGit } from "./reading/git.ts";
import type { Git } from "./reading/mirror.ts";
import type { ListenOnRedis, RedisConnection } from "./redis/connection.ts";
import type { Secrets } from "./secrets.ts";
import { createDatabaseSessions } from "./sessions/database.ts";
import { createRedisSessions } from "./sessions/redis.ts";
import type { Sessions } from "./sessions/sessions.ts";
import { createDiskStorage } from "./storage/disk.ts";
import { createS3Storage } from "./storage/s3.ts";
import type { Storage } from "./storage/storage.ts";
import { changesOf } from "./store/change-feed.ts";
import { insertNew, migrate, type Database, type OnQuery } from "./store/engine/database.ts";
import type { DatabaseAddress } from "./store/engine/engine.ts";

export type App = {
  config: Config;
  db: Database;
  jobs: Queue;
  git: Git;
  /** Clients of the forges. */
  forges: Forges;
  storage: Storage;
  /** Makes backups and tries them out, in a process of its own. */
  backups: BackupProcess;
  secrets: Secrets;
  mail: Mail;
  sessions: Sessions;
  events: Events;
  oauth: OAuth;
  /** null when none is configured. */
  redis: RedisConnection | null;
  /** null unless several servers share documents in Redis. */
  bodies: Bodies | null;
  /** Milliseconds since the epoch. */
  now: () => number;
  log: Log;
  close(): Promise<void>;
};

export type Overrides = Partial<Pick<App, "now" | "log" | "git" | "mail">> & {
  onQuery?: OnQuery;
  /** Whether a missing database is created; default true. */
  mayMake?: boolean;
  /** Whether the database is brought up to date; default true. */
  mayMigrate?: boolean;
};

/** Migrates the database; fails as a `Failure` that says what to do. */
export async function createApp(config: Config, overrides: Overrides = {}): Promise<App> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await openApp(config, overrides);
    } catch (error) {
      // The registry moved to another database between two statements.
      if (attempts === 3 || !(error instanceof Failure && error.code === "database_moved")) throw error;
    }
  }
}

async function openApp(config: Config, overrides: Overrides): Promise<App> {
  const log = overrides.log ?? createLog(config.log);
  const now = overrides.now ?? Date.now;
  const temporaryDir = join(config.dataDir, "tmp");
  const storage = createStorage(config);
  const place = { config, storage, mayMake: overrides.mayMake ?? true };
  await expectDatabaseFile(place);
  await makeFolders([config.dataDir, temporaryDir, join(config.dataDir, "dists")]);
  const { db, address } = await openLiveDatabase(config, overrides.onQuery);
  try {
    await expectFingerprint(db, place);
    const applied = overrides.mayMigrate === false ? [] : await migrate(db);
    if (applied.length > 0) log.info("database.migrated", { migrations: applied.join(" ") });
    const secrets = await openSecrets(config, db);
    if (overrides.mayMigrate !== false)
      await insertNew(db, "settings", { name: "app_url", value: config.appUrl }, ["name"]);
    const git = overrides.git ?? openGit(config, temporaryDir);
    const policy = { allow: config.outboundAllow };
    const providers = createForges({ policy, origins: config.forges, now });
    const mail = overrides.mail ?? openMail(config);
    const oauth = createOAuth({ policy, now, forges: config.forges, apps: config.oauth });
    const backups = createBackupProcess(config, ownCommand("backup-worker"));
    const shared = await openShared(config, { db, secrets, now, log });
    const close = async () => {
      await shared.close();
      await db.close();
    };
    return {
      config: liveConfig(config, address),
      db,
      secrets,
      git,
      forges: providers,
      oauth,
      storage,
      backups,
      mail,
      ...shared,
      now,
      log,
      close,
    };
  } catch (error) {
    await db.close();
    throw error;
  }
}

/** The same one, unless the registry has moved to another database. */
function liveConfig(config: Config, address: DatabaseAddress): Config {
  return JSON.stringify(address) === JSON.stringify(config.database)
    ? config
    : { ...config, database: address };
}

/** For commands that only read: fails as `notFound` when there is no database, and creates none. */
export function expectDatabase(config: Config): Promise<void> {
  return expectDatabaseFile({ config, storage: createStorage(config), mayMake: false });
}

/** State that processes share: in the database, or in Redis, which connects on first use. */
async function openShared(
  config: Config,
  { db, secrets, now, log }: Pick<App, "db" | "secrets" | "now" | "log">,
): Promise<Pick<App, "jobs" | "sessions" | "events" | "redis" | "bodies" | "close">> {
  const connections = await openConnections(config, log);
  const redis = connections?.redis ?? null;
  const prefix = connections?.prefix(secrets.fingerprint.slice(0, 12)) ?? "";
  const jobs =
    config.jobs.kind === "redis" && connections
      ? await openRedisQueue({ ...connections, prefix, db, now, log: log.info })
      : createDatabaseQueue({ db, now, log: log.info });
  const sessions =
    config.sessions.kind === "redis" && redis
      ? createRedisSessions({ redis, db, prefix, now })
      : createDatabaseSessions(db);
  const bodies = config.cache.kind === "redis" && redis ? createRedisBodies({ redis, prefix }) : null;
  const local = createInProcessEvents({ changes: changesOf(db), log });
  const events = connections ? createRedisEvents({ local, ...connections, prefix, log }) : local;
  db.whenRecorded(events.pollNow);
  const close = async () => {
    await events.close();
    await jobs.close();
    await redis?.close();
  };
  return { jobs, sessions, events, redis, bodies, close };
}

/** Loads the client only when Redis is configured. */
async function openConnections(
  { redis }: Config,
  log: Log,
): Promise<{
  redis: RedisConnection;
  listen: ListenOnRedis;
  prefix: (installation: string) => string;
} | null> {
  if (redis === null) return null;
  const { keyPrefix, openRedis } = await import("./redis/connection.ts");
  return {
    redis: openRedis({ ...redis, use: "asking", log }),
    listen: (whenReady) => openRedis({ ...redis, use: "listening", log, whenReady }),
    prefix: (installation) => keyPrefix(redis, installation),
  };
}

/** Loads BullMQ only when it is configured. */
async function openRedisQueue(options: RedisQueueOptions): Promise<Queue> {
  const { createRedisQueue } = await import("./jobs/redis/queue.ts");
  return createRedisQueue(options);
}

/** On Linux the running program, even when its file was replaced by a newer one. */
const ownProgram = existsSync("/proc/self/exe") ? "/proc/self/exe" : process.execPath;

function ownCommand(name: string): string[] {
  return [ownProgram, ...(Bun.isStandaloneExecutable ? [] : [join(import.meta.dir, "main.ts")]), name];
}

/** Git processes run this same program. */
function openGit(config: Config, temporaryDir: string): Git {
  const worker = { command: ownCommand("git-worker"), environment: config.certificates };
  return createGit({ policy: { allow: config.outboundAllow }, temporaryDir, worker });
}

function openMail({ mail, outboundAllow }: Config): Mail {
  if (mail.kind === "log") return createOutbox();
  return createSmtp({ ...mail.smtp, policy: { allow: outboundAllow } });
}

/** Where archives are: in a folder of the data directory, or in a bucket. */
export function createStorage(config: Config): Storage {
  if (config.storage.kind === "local") return createDiskStorage(join(config.dataDir, "dists"));
  return createS3Storage({ ...config.storage.s3, linkSeconds: config.storage.linkSeconds });
}

async function makeFolders(paths: string[]): Promise<void> {
  for (const path of paths)
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
    } catch (error) {
      throw unavailable(`The folder ${path} cannot be created: ${messageOf(error)}.`, {
        code: "data_dir",
        advice: "Set DATA_DIR to a folder that this user can write to.",
      });
    }
}

const abandonedAfterMs = 3_600_000;

/** Removes leftovers of dead processes; younger files may belong to a running worker or command. */
export async function clearTemporaryFiles(config: Config): Promise<void> {
  const folder = join(config.dataDir, "tmp");
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found && found.mtimeMs < Date.now() - abandonedAfterMs)
      await rm(path, { recursive: true, force: true });
  }
}
