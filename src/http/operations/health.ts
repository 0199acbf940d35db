// GET /health: 200 only when the database answers, the queue moves and the disk can be written. With `?verbose` an
// administrator who is signed in also reads what is wrong, and whether Redis answers: without Redis Composer is
// served as ever, so that alone takes no server out of service.
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import type { App } from "../../app.ts";
import { Failure, messageOf } from "../../errors.ts";
import { findSetting } from "../../store/settings.ts";
import { json } from "../answers.ts";
import type { RequestContext } from "../request/context.ts";

const stuckAfterMs = 5 * 60_000;
const rememberedMs = 2000;

/** Checks at most every two seconds, however often it is requested. */
export function createHealth(app: App): (context: RequestContext) => Promise<Response> {
  let last: { at: number; found: Promise<Found> } | null = null;
  return async (context) => {
    const now = performance.now();
    if (!last || now - last.at > rememberedMs) last = { at: now, found: check(app) };
    const { problems, redis, certificate } = await last.found;
    for (const problem of problems) app.log.error("health.failing", { problem });
    const ok = problems.length === 0;
    return json(
      {
        status: ok ? "ok" : "failing",
        ...((await mayKnow(app, context)) ? { problems, ...redis, ...certificate } : {}),
      },
      {
        status: ok ? 200 : 503,
        headers: { "Cache-Control": "no-store", ...(ok ? {} : { "Retry-After": "5" }) },
      },
    );
  };
}

/** What /health would answer now. */
export async function isHealthy(app: App): Promise<boolean> {
  return (await problemsOf(app)).length === 0;
}

async function mayKnow(app: App, context: RequestContext): Promise<boolean> {
  if (!URL.parse(context.request.url)?.searchParams.has("verbose")) return false;
  // It is loaded with the pages, which a start does not wait for.
  const { viewerOf } = await import("../access.ts");
  const viewer = await viewerOf(app, context).catch(() => null);
  return viewer?.user.is_admin === 1;
}

/** `redis` is empty when none is configured, and `certificate` without TLS. */
type Found = {
  problems: string[];
  redis: { redis?: string };
  certificate: { certificate?: CertificateHealth };
};
/** Expired or not, a certificate takes no server out of service: nobody else has a better one. */
type CertificateHealth = { until: string | null; problem: string | null };

/** When the oldest due job was due, of the jobs that are not paused. */
async function oldestDueAt({ jobs }: App): Promise<number | null> {
  const paused = await jobs.paused();
  const counts = paused.all ? [] : await jobs.countsByName();
  const due = counts
    .filter(({ name }) => !paused.names.includes(name))
    .map(({ oldestDueAt: at }) => at ?? Infinity);
  const oldest = Math.min(Infinity, ...due);
  return oldest === Infinity ? null : oldest;
}

async function check(app: App): Promise<Found> {
  const [problems, redis, certificate] = await Promise.all([
    problemsOf(app),
    redisOf(app),
    certificateOf(app),
  ]);
  return { problems, redis, certificate };
}

async function certificateOf(app: App): Promise<Found["certificate"]> {
  if (app.config.tls.kind === "off") return {};
  const { certificateStatus } = await import("../../registry/certificates/status.ts");
  const found = await certificateStatus(app).catch(() => null);
  if (found === null) return {};
  const until = found.certificate === null ? null : new Date(found.certificate.notAfter).toISOString();
  return { certificate: { until, problem: found.problem } };
}

async function redisOf({ redis }: App): Promise<Found["redis"]> {
  if (!redis) return {};
  const isThere = await redis
    .ask((client) => client.ping())
    .then(
      () => true,
      () => false,
    );
  return { redis: isThere ? "ok" : `away: ${redis.problem() ?? "it did not answer"}` };
}

async function problemsOf(app: App): Promise<string[]> {
  const checks = {
    database: async () => {
      await findSetting(app.db, "app_url");
    },
    queue: async () => {
      const stats = await app.jobs.stats().catch((error: unknown) => {
        if (error instanceof Failure && error.code === "redis_away") return null;
        throw error;
      });
      if (stats === null || stats.running > 0) return;
      const isLate = (at: number | null) => at !== null && app.now() - at > stuckAfterMs;
      if (isLate(stats.oldestWaitingAt) && isLate(await oldestDueAt(app))) throw new Error("no job is taken");
    },
    disk: async () => {
      // The file is unlinked at once, so that a killed process leaves nothing.
      const path = join(app.config.dataDir, "tmp", "health");
      const file = await open(path, "w", 0o600);
      try {
        await rm(path, { force: true });
        await file.writeFile("ok");
      } finally {
        await file.close();
      }
    },
  };
  const found = await Promise.all(
    Object.entries(checks).map(([name, check]) =>
      check().then(
        () => null,
        (error) => `${name}: ${messageOf(error)}`,
      ),
    ),
  );
  return found.filter((problem) => problem !== null);
}
