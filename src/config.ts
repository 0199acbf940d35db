// Environment → Config, once. The only reader of process.env. Long, because every variable has its line here.
import { existsSync, readFileSync, statSync } from "node:fs";
import { availableParallelism, totalmem } from "node:os";
import { dirname, join, resolve } from "node:path";
import { isIP } from "./net.ts";
import { durationText, parseDuration } from "./duration.ts";
import { invalid, messageOf } from "./errors.ts";
import { parseNetwork, type Network } from "./outbound/networks.ts";
import { parseOutboundAllow, type AllowEntry } from "./outbound/outbound.ts";
import type { DatabaseAddress } from "./store/engine/engine.ts";

export type Config = {
  dataDir: string;
  host: string;
  port: number;
  /** The public origin, without a slash at the end. */
  appUrl: string;
  appName: string;
  /** HSTS duration in seconds; 0 with http, and unless the operator sets it. */
  hstsSeconds: number;
  /** 32 bytes from APP_KEY; null reads DATA_DIR/app.key. */
  appKey: Uint8Array | null;
  database: DatabaseAddress;
  /** Where the jobs wait. */
  jobs: { kind: "database" } | { kind: "redis"; redis: RedisAddress };
  /** Where sessions are stored. */
  sessions: { kind: "database" } | { kind: "redis"; redis: RedisAddress };
  /** The cache of documents between each server's memory and the database. */
  cache: { kind: "memory" } | { kind: "redis"; redis: RedisAddress };
  /** null when Redis is not configured; settings that need it repeat the URL. */
  redis: RedisAddress | null;
  storage: { kind: "local" } | { kind: "s3"; s3: S3Address; linkSeconds: number };
  distEnabled: boolean;
  mail: { kind: "log" } | { kind: "smtp"; smtp: MailServer };
  /** Where each kind of forge is: the public one, or the company's own. There is no public Gitea. */
  forges: {
    github: { origin: string };
    gitlab: { origin: string };
    bitbucket: { origin: string };
    gitea: { origin: string | null };
  };
  /** OAuth client id and secret; null where not configured. */
  oauth: Record<ForgeName, OAuthApp | null> & { oidc: OidcApp | null };
  /** Whether anyone may sign up; otherwise an invitation is needed. */
  signUpEnabled: boolean;
  outboundAllow: AllowEntry[];
  /** X-Forwarded-* headers are read only from these addresses. */
  trustedProxies: Network[];
  /** Additional certificate authorities of the operator; the only variables that child processes inherit. */
  certificates: Record<string, string>;
  /** Jobs at once in a process: from `workerMinimum`, and more while jobs wait. */
  workerConcurrency: number;
  workerMinimum: number;
  gitConcurrency: number;
  /** The job dashboard: its path without leading and trailing slash, and who may see it besides administrators. */
  horizon: { path: string; emails: string[] };
  /** Token for /metrics from other machines; null: only this machine may read it. */
  metricsToken: string | null;
  /** null: never. */
  syncIntervalMs: number | null;
  /** A repository that was not checked successfully for this long raises an alert; null: never. */
  freshnessLimitMs: number | null;
  log: { level: LogLevel; format: "text" | "json" };
};

/** `redis://user:password@host:port/database`, or `rediss:` for TLS. */
export type RedisAddress = { url: string };

export type S3Address = {
  accessKeyId: string;
  secretAccessKey: string;
  region: string;
  bucket: string;
  endpoint: string | null;
  virtualHosted: boolean;
};

export type MailServer = {
  host: string;
  port: number;
  encryption: "tls" | "ssl" | "none";
  credentials: { username: string; password: string } | null;
  from: { address: string; name: string };
};

export type OAuthApp = { clientId: string; clientSecret: string };
/** `name` is the display name. */
export type OidcApp = OAuthApp & { issuer: string; name: string };
type ForgeName = "github" | "gitlab" | "bitbucket" | "gitea";

export type LogLevel = "debug" | "info" | "warn" | "error";
export type Environment = Record<string, string | undefined>;
/** Options of the command line; they override the environment. */
export type ConfigArguments = { dataDir?: string; envFile?: string; host?: string; port?: string };

/**
 * Reads the process environment and the `.env` of the data directory (or `--env-file`), never one of the
 * working directory: a binary that runs inside a cloned repository must not obey it. Fails as `invalid`.
 */
export function readEnvironment(args: ConfigArguments): Environment {
  const fromProcess: Environment = { ...process.env };
  if (args.dataDir) fromProcess["DATA_DIR"] = args.dataDir;
  if (args.host) fromProcess["HOST"] = args.host;
  if (args.port) fromProcess["PORT"] = args.port;
  const file = args.envFile ?? join(fromProcess["DATA_DIR"] || "data", ".env");
  if (!args.envFile && !fromProcess["DATA_DIR"]) refuseForeign(file);
  return { ...readEnvFile(file, args.envFile !== undefined), ...withoutEmpty(fromProcess) };
}

/** A secret for a command, read from the process environment only, never from a file. Empty counts as unset. */
export function secretVariable(name: string): string | null {
  return process.env[name] || null;
}

/**
 * All problems at once, each with the variable's name, or the configuration. `quiet` is for commands that answer and
 * end: their log is about what went wrong, unless LOG_LEVEL asks for more.
 */
export function parseConfig(
  env: Environment,
  { quiet = false } = {},
): { config: Config } | { problems: string[] } {
  const problems: string[] = [];
  const read = new Reader(env, problems);
  const port = read.integer("PORT", 8000, 0, 65_535);
  const host = read.text("HOST", "127.0.0.1");
  const dataDir = resolve(read.text("DATA_DIR", "data"));
  const redis = redisAddress(read);
  const syncIntervalMs = syncInterval(read);
  const ownUrl = appUrl(read, host, port);
  const config: Config = {
    dataDir,
    host,
    port,
    appUrl: ownUrl,
    hstsSeconds: hstsSeconds(read, ownUrl),
    appName: read.text("APP_NAME", "Pricore"),
    appKey: appKey(read),
    database: database(read, dataDir),
    jobs: jobs(read, redis),
    sessions: sessions(read, redis),
    cache: cache(read, redis),
    redis,
    storage: storage(read),
    distEnabled: read.flag("DIST_ENABLED", true),
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
    log: {
      level: read.choice("LOG_LEVEL", quiet ? "warn" : "info", ["debug", "info", "warn", "error"]),
      format: read.choice("LOG_FORMAT", process.stderr.isTTY ? "text" : "json", ["text", "json"]),
    },
  };
  return problems.length > 0 ? { problems } : { config };
}

/** At least two, so that a long job leaves a slot for short ones. */
function workers(read: Reader): Pick<Config, "workerConcurrency" | "workerMinimum"> {
  const workerConcurrency = read.integer("WORKER_CONCURRENCY", Math.max(2, availableParallelism()), 1, 64);
  const workerMinimum = read.integer("WORKER_MIN_CONCURRENCY", Math.min(2, workerConcurrency), 1, 64);
  if (workerMinimum > workerConcurrency)
    read.problem(
      "WORKER_MIN_CONCURRENCY",
      `is ${workerMinimum}, more than WORKER_CONCURRENCY (${workerConcurrency})`,
    );
  return { workerConcurrency, workerMinimum };
}

function metricsToken(read: Reader): string | null {
  const token = read.text("METRICS_TOKEN", "");
  if (token !== "" && !/^[\x21-\x7e]{16,200}$/.test(token))
    read.problem(
      "METRICS_TOKEN",
      "must have 16 to 200 characters without spaces, for instance from: openssl rand -hex 24",
    );
  return token || null;
}

function horizon(read: Reader): Config["horizon"] {
  const path = read.text("HORIZON_PATH", "horizon").replace(/^\/+|\/+$/g, "");
  if (!/^[a-z0-9-]+(\/[a-z0-9-]+)*$/.test(path))
    read.problem(
      "HORIZON_PATH",
      `"${path}" is not a path like horizon, of lower-case letters, digits and hyphens`,
    );
  const emails = listIn(read.text("HORIZON_ALLOWED_EMAILS", "").toLowerCase());
  for (const email of emails)
    if (!/^[^\s@]+@[^\s@]+$/.test(email)) read.problem("HORIZON_ALLOWED_EMAILS", `"${email}" is no address`);
  return { path, emails };
}

/** One mirror at a time per 512 MB of memory, and no more than cores. */
function gitConcurrency(): number {
  return Math.max(1, Math.min(availableParallelism(), Math.floor(totalmem() / (512 * 1024 * 1024))));
}

function appUrl(read: Reader, host: string, port: number): string {
  const text = read.text("APP_URL", "");
  const fallback = `http://localhost:${port}`;
  if (text === "") {
    if (!isLoopback(host))
      read.problem(
        "APP_URL",
        `is needed because HOST is ${host}: set it to the address that people use for Pricore`,
      );
    return fallback;
  }
  const url = URL.parse(text);
  if (!url || !["http:", "https:"].includes(url.protocol)) {
    read.problem("APP_URL", `"${text}" is not an address like https://packages.example.com`);
    return fallback;
  }
  if (url.pathname !== "/" || url.search || url.hash || url.username || url.password)
    read.problem("APP_URL", "is an origin only, without path, query or credentials");
  return url.origin;
}

/** Two years at most. */
function hstsSeconds(read: Reader, url: string): number {
  const seconds = read.integer("HSTS_SECONDS", 0, 0, 63_072_000);
  if (seconds > 0 && !url.startsWith("https:"))
    read.problem("HSTS_SECONDS", "is for an APP_URL of https: a browser ignores it over http");
  return seconds;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}

function appKey(read: Reader): Uint8Array | null {
  const text = read.text("APP_KEY", "");
  if (text === "") return null;
  const key = decodeKey(text);
  if (!key) read.problem("APP_KEY", "must be 32 bytes in base64, for instance from: openssl rand -base64 32");
  return key;
}

/** 32 bytes of base64, with or without Laravel's `base64:` in front; null when it is anything else. */
export function decodeKey(text: string): Uint8Array | null {
  const key = Buffer.from(text.trim().replace(/^base64:/, ""), "base64");
  return key.length === 32 ? new Uint8Array(key) : null;
}

function database(read: Reader, dataDir: string): DatabaseAddress {
  const connection = read.choice("DB_CONNECTION", "sqlite", ["sqlite", "pgsql", "mysql", "mariadb"]);
  if (connection === "sqlite")
    return { engine: "sqlite", path: resolve(dataDir, read.text("DB_DATABASE", "pricore.sqlite")) };
  const engine = connection === "pgsql" ? "pgsql" : "mysql";
  const url = read.text("DB_URL", "");
  if (url !== "") {
    if (!URL.parse(url)) read.problem("DB_URL", "is not an address like postgres://user@host:5432/pricore");
    return { engine, url };
  }
  const built = new URL(engine === "pgsql" ? "postgres://localhost" : "mysql://localhost");
  built.hostname = read.text("DB_HOST", "127.0.0.1");
  built.port = String(read.integer("DB_PORT", engine === "pgsql" ? 5432 : 3306, 1, 65_535));
  built.username = encodeURIComponent(read.required("DB_USERNAME", "the database user"));
  built.password = encodeURIComponent(read.text("DB_PASSWORD", ""));
  built.pathname = `/${encodeURIComponent(read.required("DB_DATABASE", "the database's name"))}`;
  return { engine, url: built.href };
}

function jobs(read: Reader, redis: RedisAddress | null): Config["jobs"] {
  const kind = read.choice("QUEUE_CONNECTION", "database", ["database", "redis"]);
  if (kind === "database") return { kind };
  return { kind, redis: redis ?? missingRedis(read, "QUEUE_CONNECTION=redis") };
}

function sessions(read: Reader, redis: RedisAddress | null): Config["sessions"] {
  const kind = read.choice("SESSION_DRIVER", "database", ["database", "redis"]);
  if (kind === "database") return { kind };
  return { kind, redis: redis ?? missingRedis(read, "SESSION_DRIVER=redis") };
}

function cache(read: Reader, redis: RedisAddress | null): Config["cache"] {
  const kind = read.choice("CACHE_STORE", "memory", ["memory", "redis"]);
  if (kind === "memory") return { kind };
  if (read.text("DB_CONNECTION", "sqlite") !== "pgsql")
    read.problem(
      "CACHE_STORE",
      "redis is for PostgreSQL: SQLite and MariaDB give a document sooner than Redis; leave it out",
    );
  return { kind, redis: redis ?? missingRedis(read, "CACHE_STORE=redis") };
}

/** From REDIS_URL or from its parts; null when neither is set. */
function redisAddress(read: Reader): RedisAddress | null {
  const parts = ["REDIS_HOST", "REDIS_PORT", "REDIS_PASSWORD"].filter((name) => read.text(name, "") !== "");
  const url = read.text("REDIS_URL", "");
  if (url === "" && parts.length === 0) return null;
  if (url === "") return { url: redisUrl(read) };
  if (parts.length > 0) read.problem("REDIS_URL", `says it all already: leave out ${parts.join(", ")}`);
  if (!["redis:", "rediss:"].includes(URL.parse(url)?.protocol ?? ""))
    read.problem("REDIS_URL", "is not an address like redis://:password@host:6379");
  return { url };
}

function redisUrl(read: Reader): string {
  const host = read.text("REDIS_HOST", "127.0.0.1");
  const port = read.integer("REDIS_PORT", 6379, 1, 65_535);
  const password = encodeURIComponent(read.text("REDIS_PASSWORD", ""));
  const url = `redis://${password === "" ? "" : `:${password}@`}${isIP(host) === 6 ? `[${host}]` : host}:${port}`;
  if (URL.parse(url) === null) read.problem("REDIS_HOST", `"${host}" is not a host like redis.example.com`);
  return url;
}

/** The same problem may be reported for two settings; the variable to set is the same. */
function missingRedis(read: Reader, what: string): RedisAddress {
  read.problem("REDIS_URL", `is needed with ${what}, for instance redis://:password@127.0.0.1:6379`);
  return { url: "" };
}

function storage(read: Reader): Config["storage"] {
  if (read.choice("DIST_DISK", "local", ["local", "s3"]) === "local") return { kind: "local" };
  const either = (name: string) => read.text(`S3_${name}`, read.text(`AWS_${name}`, ""));
  const needed = (name: string, what: string) => {
    const value = either(name);
    if (value === "") read.problem(`S3_${name}`, `is needed with DIST_DISK=s3: ${what}`);
    return value;
  };
  return {
    kind: "s3",
    linkSeconds: read.integer("DIST_SIGNED_URL_EXPIRY", 30, 1, 10_080) * 60,
    s3: {
      accessKeyId: needed("ACCESS_KEY_ID", "the access key"),
      secretAccessKey: needed("SECRET_ACCESS_KEY", "the secret key"),
      region: either("DEFAULT_REGION") || "us-east-1",
      bucket: needed("BUCKET", "the bucket for archives"),
      endpoint: either("ENDPOINT") || null,
      virtualHosted: !["true", "1"].includes(either("USE_PATH_STYLE_ENDPOINT") || "false"),
    },
  };
}

/** `tls` is STARTTLS and what a server on 587 expects; 465 is for TLS from the first byte. */
function mail(read: Reader): Config["mail"] {
  if (read.choice("MAIL_MAILER", "log", ["smtp", "log"]) === "log") return { kind: "log" };
  const port = read.integer("MAIL_PORT", 587, 1, 65_535);
  const username = read.text("MAIL_USERNAME", "");
  const password = read.text("MAIL_PASSWORD", "");
  if ((username === "") !== (password === ""))
    read.problem(username === "" ? "MAIL_USERNAME" : "MAIL_PASSWORD", "is missing: the two go together");
  const name = read.text("MAIL_FROM_NAME", read.text("APP_NAME", "Pricore"));
  if (/[\r\n]/.test(name)) read.problem("MAIL_FROM_NAME", "must be a single line");
  return {
    kind: "smtp",
    smtp: {
      host: mailHost(read),
      port,
      encryption: read.choice("MAIL_ENCRYPTION", port === 465 ? "ssl" : "tls", ["tls", "ssl", "none"]),
      credentials: username === "" ? null : { username, password },
      from: { address: mailFrom(read), name },
    },
  };
}

function mailHost(read: Reader): string {
  const host = read.required("MAIL_HOST", "the mail server");
  if (host !== "" && isIP(host) === 0 && !/^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/i.test(host))
    read.problem("MAIL_HOST", `"${host}" is not a host like mail.example.com`);
  return host;
}

function mailFrom(read: Reader): string {
  const address = read.required("MAIL_FROM_ADDRESS", "from whom mail comes");
  if (address !== "" && !/^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/.test(address))
    read.problem("MAIL_FROM_ADDRESS", `"${address}" is not an address like pricore@example.com`);
  return address;
}

function forges(read: Reader): Config["forges"] {
  return {
    github: { origin: forgeOrigin(read, "GITHUB_URL") ?? "https://github.com" },
    gitlab: { origin: forgeOrigin(read, "GITLAB_INSTANCE_URI") ?? "https://gitlab.com" },
    bitbucket: { origin: "https://bitbucket.org" },
    gitea: { origin: forgeOrigin(read, "GITEA_URL") },
  };
}

function forgeOrigin(read: Reader, name: string): string | null {
  const text = read.text(name, "");
  if (text === "") return null;
  const url = URL.parse(text);
  if (url && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`) return url.origin;
  read.problem(name, `"${text}" is not an origin like https://git.example.com`);
  return null;
}

function oauth(read: Reader): Config["oauth"] {
  const gitea = oauthApp(read, "GITEA");
  if (gitea) read.required("GITEA_URL", "where the Gitea is that GITEA_CLIENT_ID belongs to");
  return {
    github: oauthApp(read, "GITHUB"),
    gitlab: oauthApp(read, "GITLAB"),
    bitbucket: oauthApp(read, "BITBUCKET"),
    gitea,
    oidc: oidcApp(read),
  };
}

function oauthApp(read: Reader, name: string): OAuthApp | null {
  const clientId = read.text(`${name}_CLIENT_ID`, "");
  const clientSecret = read.text(`${name}_CLIENT_SECRET`, "");
  if (clientId !== "" && clientSecret !== "") return { clientId, clientSecret };
  const [missing, present] = clientId === "" ? ["ID", "SECRET"] : ["SECRET", "ID"];
  if (clientId !== clientSecret)
    read.problem(`${name}_CLIENT_${missing}`, `is missing: it goes with ${name}_CLIENT_${present}`);
  return null;
}

function oidcApp(read: Reader): OidcApp | null {
  const app = oauthApp(read, "OIDC");
  const issuer = read.text("OIDC_ISSUER", "");
  if (issuer === "") {
    if (app) read.problem("OIDC_ISSUER", "is missing: the address of the provider that OIDC_CLIENT_ID is of");
    return null;
  }
  const url = URL.parse(issuer);
  const isAddress = url && /^https?:$/.test(url.protocol) && !url.search && !url.hash && !url.username;
  if (!isAddress || issuer.length > 255)
    read.problem("OIDC_ISSUER", `"${issuer}" is not an address like https://id.example.com`);
  else if (!app) read.required("OIDC_CLIENT_ID", "as what OIDC_ISSUER knows this registry");
  return app && { ...app, issuer, name: read.text("OIDC_NAME", url?.host ?? issuer) };
}

function outboundAllow(read: Reader): AllowEntry[] {
  const { entries, problems } = parseOutboundAllow(read.text("OUTBOUND_ALLOW", ""));
  for (const problem of problems) read.problem("OUTBOUND_ALLOW", problem.replace("OUTBOUND_ALLOW: ", ""));
  return entries;
}

function trustedProxies(read: Reader): Network[] {
  return listIn(read.text("TRUSTED_PROXIES", "")).flatMap((part) => {
    const network = parseNetwork(part);
    if (network === null)
      read.problem("TRUSTED_PROXIES", `"${part}" is no address and no network like 10.0.0.0/8`);
    return network ?? [];
  });
}

function syncInterval(read: Reader): number | null {
  const text = read.text("SYNC_INTERVAL", "15m");
  if (text === "off") return null;
  const ms = parseDuration(text);
  if (ms === null || ms < 1000) read.problem("SYNC_INTERVAL", `"${text}" is not a duration like 15m, or off`);
  return ms;
}

function listIn(text: string): string[] {
  return text
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

const hourMs = 3_600_000;

/** Without polling there is no limit by default, because nothing checks the repositories. */
function freshnessLimit(read: Reader, syncIntervalMs: number | null): number | null {
  const fallback = syncIntervalMs === null ? null : Math.max(hourMs, 2 * syncIntervalMs);
  const text = read.text("FRESHNESS_LIMIT", "");
  if (text === "" || text === "off") return text === "" ? fallback : null;
  const ms = parseDuration(text);
  if (ms === null || ms < 1000)
    read.problem("FRESHNESS_LIMIT", `"${text}" is not a duration like 1h, or off`);
  else if (syncIntervalMs !== null && ms <= syncIntervalMs)
    read.problem(
      "FRESHNESS_LIMIT",
      `"${text}" is not longer than SYNC_INTERVAL (${durationText(syncIntervalMs)}): every repository would be late`,
    );
  return ms;
}

class Reader {
  constructor(
    private env: Environment,
    private problems: string[],
  ) {}

  problem(name: string, text: string): void {
    this.problems.push(`${name} ${text}`);
  }

  text(name: string, fallback: string): string {
    return this.env[name] || fallback;
  }

  all(names: string[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, this.text(name, "")]).filter(([, value]) => value));
  }

  required(name: string, what: string): string {
    const value = this.text(name, "");
    if (value === "") this.problem(name, `is missing: ${what}`);
    return value;
  }

  integer(name: string, fallback: number, min: number, max: number): number {
    const text = this.env[name];
    if (!text) return fallback;
    const value = Number(text);
    if (Number.isInteger(value) && value >= min && value <= max) return value;
    this.problem(name, `"${text}" is not a whole number from ${min} to ${max}`);
    return fallback;
  }

  flag(name: string, fallback: boolean): boolean {
    return ["true", "1"].includes(
      this.choice(name, fallback ? "true" : "false", ["true", "false", "1", "0"]),
    );
  }

  choice<Value extends string>(name: string, fallback: NoInfer<Value>, values: Value[]): Value {
    const text = this.env[name];
    if (!text) return fallback;
    const value = values.find((each) => each === text);
    if (value === undefined) this.problem(name, `"${text}" is not one of ${values.join(", ")}`);
    return value ?? fallback;
  }
}

function withoutEmpty(env: Environment): Environment {
  return Object.fromEntries(Object.entries(env).filter(([, value]) => value));
}

/** The default data directory may come from a cloned repository with open permissions, so they are set here. */
function refuseForeign(file: string): void {
  const mode = statSync(dirname(file), { throwIfNoEntry: false })?.mode ?? 0;
  if ((mode & 0o077) === 0 || process.platform === "win32" || !existsSync(file)) return;
  throw invalid(`${resolve(file)} was not read because other users can read that folder.`, {
    code: "usage",
    advice: "Remove the file if it is not yours.",
    remedy: { do: "choose-data-folder" },
  });
}

function readEnvFile(path: string, mustExist: boolean): Environment {
  try {
    const env: Environment = {};
    for (const line of readFileSync(path, "utf8").split(/\r?\n/)) {
      const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
      if (match?.[1]) env[match[1]] = match[2]?.replace(/^(["'])(.*)\1$/, "$2");
    }
    return env;
  } catch (error) {
    if (mustExist)
      throw invalid(`The environment file ${path} cannot be read: ${messageOf(error)}.`, { code: "usage" });
    return {};
  }
}
