// Environment → Config, once: a line for each setting, a file for each section.
import { resolve } from "node:path";
import { parseOutboundAllow, type AllowEntry } from "../outbound/outbound.ts";
import type { Network } from "../outbound/networks.ts";
import type { DatabaseAddress } from "../store/engine/engine.ts";
import { appKey } from "./app-key.ts";
import { backup, type BackupConfig } from "./backup.ts";
import { database } from "./database.ts";
import type { Environment } from "./environment.ts";
import { forges, oauth, type Forges, type OAuth } from "./forges.ts";
import { appUrl, hstsSeconds, refuseInheritedSockets, trustedProxies } from "./listen.ts";
import { logSettings, type LogSettings } from "./log.ts";
import { mail, type Mail } from "./mail.ts";
import { horizon, metricsToken, releaseUrl, type Horizon } from "./operations.ts";
import { shownSettings, type ShownSetting } from "./shown.ts";
import { Reader, type Setting } from "./reader.ts";
import type { FileNames, UnknownSetting } from "./sources.ts";
import type { RedisAddress } from "../redis/address.ts";
import {
  cache,
  jobs,
  redisAddress,
  sessions,
  type InDatabase,
  type InMemory,
  type InRedis,
} from "./redis.ts";
import { storage, type Storage } from "./storage.ts";
import { tls, type Tls } from "./tls.ts";
import { freshnessLimit, gitConcurrency, syncInterval, workers, type Workers } from "./work.ts";

export type Config = Workers & {
  dataDir: string;
  /** An address, or `unix:` and the path of a socket. */
  host: string;
  port: number;
  /** The public origin, without a slash at the end. */
  appUrl: string;
  appName: string;
  tls: Tls;
  /** HSTS duration in seconds; 0 with http, and unless the operator sets it. */
  hstsSeconds: number;
  /** 32 bytes from APP_KEY; null reads DATA_DIR/app.key. */
  appKey: Uint8Array | null;
  database: DatabaseAddress;
  /** Where the jobs wait. */
  jobs: InDatabase | InRedis;
  /** Where sessions are stored. */
  sessions: InDatabase | InRedis;
  /** The cache of documents between each server's memory and the database. */
  cache: InMemory | InRedis;
  /** null when Redis is not configured; settings that need it repeat the URL. */
  redis: RedisAddress | null;
  storage: Storage;
  distEnabled: boolean;
  backup: BackupConfig;
  mail: Mail;
  forges: Forges;
  oauth: OAuth;
  /** Whether anyone may sign up; otherwise an invitation is needed. */
  signUpEnabled: boolean;
  outboundAllow: AllowEntry[];
  /** X-Forwarded-* headers are read only from these addresses. */
  trustedProxies: Network[];
  /** Additional certificate authorities of the operator; the only variables that child processes inherit. */
  certificates: Record<string, string>;
  gitConcurrency: number;
  horizon: Horizon;
  /** Token for /metrics from other machines; null: only this machine may read it. */
  metricsToken: string | null;
  /** Where the newest version is announced; null: nobody asks. */
  releaseUrl: string | null;
  /** null: never. */
  syncIntervalMs: number | null;
  /** A repository that was not checked successfully for this long raises an alert; null: never. */
  freshnessLimitMs: number | null;
  log: LogSettings;
  /** Variables that nothing reads; a starting server warns about them. */
  unknownSettings: UnknownSetting[];
  /** As an operator may see them. */
  settings: ShownSetting[];
};

/** `settings`: all that were read, in their order. */
type Parsed = { settings: Setting[] } & ({ config: Config } | { problems: string[] });

/**
 * All problems at once, each with the variable's name, or the configuration. `quiet` is for commands that answer and
 * end: their log is about what went wrong, unless LOG_LEVEL asks for more.
 */
export function parseConfig(
  env: Environment,
  { quiet = false, inEnvFile = new Set() }: { quiet?: boolean; inEnvFile?: FileNames } = {},
): Parsed {
  const problems: string[] = [];
  const read = new Reader(env, problems, inEnvFile);
  const port = read.integer("PORT", 8000, 0, 65_535);
  const host = read.text("HOST", "127.0.0.1");
  const dataDir = resolve(read.text("DATA_DIR", "data"));
  const redis = redisAddress(read);
  const syncIntervalMs = syncInterval(read);
  const ownUrl = appUrl(read, host, port);
  refuseInheritedSockets(read);
  const config: Config = {
    dataDir,
    host,
    port,
    appUrl: ownUrl,
    hstsSeconds: hstsSeconds(read, ownUrl),
    tls: tls(read, { appUrl: ownUrl, host, port }),
    appName: read.text("APP_NAME", "Pricore"),
    appKey: appKey(read),
    database: database(read, dataDir),
    jobs: jobs(read, redis),
    sessions: sessions(read, redis),
    cache: cache(read, redis),
    redis,
    storage: storage(read),
    distEnabled: read.flag("DIST_ENABLED", true),
    backup: backup(read),
    mail: mail(read),
    forges: forges(read),
    oauth: oauth(read),
    signUpEnabled: read.flag("SIGN_UP_ENABLED", false),
    outboundAllow: outboundAllow(read),
    trustedProxies: trustedProxies(read),
    certificates: read.all(["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"]),
    ...workers(read),
    gitConcurrency: read.integer("GIT_CONCURRENCY", gitConcurrency(), 1, 32),
    syncIntervalMs,
    freshnessLimitMs: freshnessLimit(read, syncIntervalMs),
    horizon: horizon(read),
    metricsToken: metricsToken(read),
    releaseUrl: releaseUrl(read),
    log: logSettings(read, { quiet }),
    unknownSettings: [],
    settings: [],
  };
  const settings = read.settings();
  config.settings = shownSettings(settings);
  return problems.length > 0 ? { problems, settings } : { config, settings };
}

function outboundAllow(read: Reader): AllowEntry[] {
  const { entries, problems } = parseOutboundAllow(read.text("OUTBOUND_ALLOW", ""));
  for (const problem of problems) read.problem("OUTBOUND_ALLOW", problem.replace("OUTBOUND_ALLOW: ", ""));
  return entries;
}
