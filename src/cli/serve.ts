import type { App } from "../app.ts";
import { messageOf, unavailable } from "../errors.ts";
import { surviveHangup } from "../hangup.ts";
import { refuseTakenHorizonPath } from "../registry/jobs/operators.ts";
import { setupLink } from "../registry/accounts/setup.ts";
import { adoptAppUrl } from "../registry/start.ts";
import { lockForServing, lockToTakeOver, type WorkLock } from "../store/engine/serve-lock.ts";
import { refuseDamaged } from "../store/engine/soundness.ts";
import type { RunningServer } from "../http/server.ts";
import type { Command, Output } from "./command.ts";
import { untilStopped } from "./run-jobs.ts";
import { startWorking, takeOver } from "./working.ts";

export const serve: Command = {
  summary: "Serve Composer and the dashboard, and run jobs",
  usage: "",
  arity: [0, 0],
  options: {
    host: { type: "string", value: "ADDRESS", help: "Address to listen on (HOST)" },
    port: {
      type: "string",
      value: "NUMBER",
      help: "Port to listen on (PORT); with 0 a free one is chosen and printed",
    },
    "take-over": {
      type: "boolean",
      help: "Serve beside the server that runs, and take its place without a pause",
    },
    "no-worker": { type: "boolean", help: "Leave jobs to `pricore worker`" },
  },
  makesDatabase: () => true,
  async run(app, args, out) {
    const { database } = app.config;
    const lock = args.flag("take-over") ? lockToTakeOver(database) : lockForServing(database);
    try {
      if (database.engine === "sqlite") refuseDamaged(app.db, database.path);
      await serveUntilStopped(app, { lock, withJobs: !args.flag("no-worker"), out });
    } finally {
      lock.release();
    }
  },
};

async function serveUntilStopped(
  app: App,
  { out, ...work }: { lock: WorkLock; withJobs: boolean; out: Output },
): Promise<void> {
  // Registered first, so that a signal during startup also shuts down in order.
  const stopped = untilStopped();
  surviveHangup();
  // An unusable queue fails at startup and not at the first sync.
  await app.jobs.stats();
  await refuseTakenHorizonPath(app);
  // Loaded here, so that other commands start without the server's code.
  const { holdAnyPort, startServer } = await import("../http/server.ts");
  const held = holdAnyPort(app);
  await adoptAppUrl(app);
  const isBeside = work.lock.holder !== null;
  const server = await startServer(app, { held, isBeside });
  if (isBeside) await expectHealthy(server);
  const working = isBeside ? takeOver(app, work) : await startWorking(app, work);
  const { appUrl, appName, host, dataDir } = app.config;
  app.log.info("serve.ready", { url: appUrl, host, port: server.port, dataDir, pid: process.pid });
  // Whatever the log leaves out: nobody could know it otherwise.
  if (held) out.result({ host, port: server.port }, `Listening on ${host}:${server.port}`);
  if (process.stderr.isTTY) out.note(`\n  ${appName} is at ${appUrl}\n`);
  const setup = await setupLink(app);
  // Printed and not logged: it is a secret for the reader of the terminal or the journal.
  if (setup !== null) out.note(`  Nobody has an account yet. Set it up at ${setup}\n`);
  await stopped;
  app.log.info("serve.stopping");
  await server
    .stop()
    .catch((error: unknown) => app.log.warn("serve.stop_failed", { reason: messageOf(error) }));
  await working.stop();
}

/** Before the other server is told to end. */
async function expectHealthy(server: RunningServer): Promise<void> {
  if (await server.isHealthy()) return;
  await server.stop();
  throw unavailable("This server is not healthy, so the other one goes on.", { code: "not_healthy" });
}
