import { createApp, type App } from "../app.ts";
import type { Config } from "../config/config.ts";
import { messageOf, unavailable } from "../errors.ts";
import { surviveHangup } from "../hangup.ts";
import { untilMoved } from "../registry/moves/record.ts";
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
  async runOn(config, args, out) {
    const mode = { withJobs: !args.flag("no-worker"), out };
    // Registered first, so that a signal during startup also shuts down in order.
    const stopped = untilStopped();
    surviveHangup();
    for (let before: Serving | null = null, isOver = false; !isOver;) {
      const takesOver = args.flag("take-over") && before === null;
      const opened: Opened = await open(config, { ...mode, takesOver, isNext: before !== null }).catch(
        async (error: unknown) => {
          await before?.stop();
          throw error;
        },
      );
      // The database that was left still answers reads, so its server ends only when the next one serves.
      const ended = before?.stop();
      const moved = untilMoved(opened.app);
      isOver = await Promise.race([stopped.then(() => true), moved.happened.then(() => false)]);
      moved.stop();
      await ended;
      if (isOver) await opened.serving.stop();
      else before = opened.serving;
    }
  },
};

type Serving = { stop(): Promise<void> };
type Opened = { app: App; serving: Serving };
/** `isNext`: this process serves already, from the database that was left. */
type Mode = { withJobs: boolean; out: Output; takesOver: boolean; isNext: boolean };

async function open(config: Config, mode: Mode): Promise<Opened> {
  const app = await createApp(config);
  try {
    const { database } = app.config;
    const lock = mode.takesOver ? lockToTakeOver(database) : lockForServing(database);
    try {
      if (database.engine === "sqlite") refuseDamaged(app.db, database.path);
      const serving = await startServing(app, lock, mode);
      return { app, serving: { stop: () => endInOrder(app, { lock, serving }) } };
    } catch (error) {
      lock.release();
      throw error;
    }
  } catch (error) {
    await app.close();
    throw error;
  }
}

async function endInOrder(app: App, { lock, serving }: { lock: WorkLock; serving: Serving }): Promise<void> {
  try {
    await serving.stop();
  } finally {
    lock.release();
    await app.close();
  }
}

async function startServing(app: App, lock: WorkLock, { withJobs, out, isNext }: Mode): Promise<Serving> {
  for (const { name, meant } of app.config.unknownSettings) app.log.warn("config.unknown", { name, meant });
  // An unusable queue fails at startup and not at the first sync.
  await app.jobs.stats();
  await refuseTakenHorizonPath(app);
  // Loaded here, so that other commands start without the server's code.
  const { holdAnyPort, startServer } = await import("../http/server.ts");
  const held = holdAnyPort(app);
  await adoptAppUrl(app);
  const isBeside = lock.holder !== null;
  const server = await startServer(app, { held, isBeside: isBeside || isNext });
  if (isBeside) await expectHealthy(server);
  const work = { lock, withJobs };
  const working = isBeside ? takeOver(app, work) : await startWorking(app, work);
  const { appUrl, appName, host, dataDir } = app.config;
  app.log.info("serve.ready", { url: appUrl, host, port: server.port, dataDir, pid: process.pid });
  // Whatever the log leaves out: nobody could know it otherwise.
  if (held) out.result({ host, port: server.port }, `Listening on ${host}:${server.port}`);
  if (process.stderr.isTTY) out.note(`\n  ${appName} is at ${appUrl}\n`);
  const setup = await setupLink(app);
  // Printed and not logged: it is a secret for the reader of the terminal or the journal.
  if (setup !== null) out.note(`  Nobody has an account yet. Set it up at ${setup}\n`);
  return {
    async stop() {
      app.log.info("serve.stopping");
      await server
        .stop()
        .catch((error: unknown) => app.log.warn("serve.stop_failed", { reason: messageOf(error) }));
      await working.stop();
    },
  };
}

/** Checked before the other server gets its SIGTERM. */
async function expectHealthy(server: RunningServer): Promise<void> {
  if (await server.isHealthy()) return;
  await server.stop();
  throw unavailable("This server is not healthy, so the other one goes on.", { code: "not_healthy" });
}
