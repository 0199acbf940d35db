import { clearTemporaryFiles, createApp, type App } from "../app.ts";
import type { Config } from "../config/config.ts";
import { messageOf } from "../errors.ts";
import { untilMoved } from "../registry/moves/record.ts";
import { surviveHangup } from "../hangup.ts";
import { pollAfterAbsence } from "../registry/syncs/polling.ts";
import { resumeSyncs } from "../registry/syncs/reconcile.ts";
import { refuseTakenHorizonPath } from "../registry/jobs/operators.ts";
import { setupLink } from "../registry/accounts/setup.ts";
import { adoptAppUrl } from "../registry/start.ts";
import { startCheckpoints } from "../store/engine/checkpoints.ts";
import { lockForServing } from "../store/engine/serve-lock.ts";
import { refuseDamaged } from "../store/engine/soundness.ts";
import type { Command, Output } from "./command.ts";
import { startWork, untilStopped } from "./run-jobs.ts";

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
    "no-worker": { type: "boolean", help: "Leave jobs to `pricore worker`" },
  },
  makesDatabase: () => true,
  async runOn(config, args, out) {
    const mode = { withWork: !args.flag("no-worker"), out };
    // Registered first, so that a signal during startup also shuts down in order.
    const stopped = untilStopped();
    surviveHangup();
    for (let before: Serving | null = null, isOver = false; !isOver;) {
      // Listeners with certificates are not handed on: for them the port is closed for a moment.
      if (config.tls.kind !== "off") await before?.stop();
      const { app, ...serving } = await open(config, mode).catch(async (error: unknown) => {
        await before?.stop();
        throw error;
      });
      // The database that was left still answers reads, so its server ends only when the next one serves.
      await before?.stop();
      const moved = untilMoved(app);
      isOver = await Promise.race([stopped.then(() => true), moved.happened.then(() => false)]);
      moved.stop();
      if (isOver) await serving.stop();
      else before = serving;
    }
  },
};

async function open(config: Config, mode: Mode): Promise<Serving & { app: App }> {
  const app = await createApp(config);
  try {
    const serving = await openServing(app, mode);
    return { app, stop: () => serving.stop().finally(() => app.close()) };
  } catch (error) {
    await app.close();
    throw error;
  }
}

type Serving = { stop(): Promise<void> };
type Mode = { withWork: boolean; out: Output };

async function openServing(app: App, mode: Mode): Promise<Serving> {
  const { database } = app.config;
  const lock = lockForServing(database);
  try {
    if (database.engine === "sqlite") refuseDamaged(app.db, database.path);
    const checkpoints = startCheckpoints(app.db);
    const serving = await startServing(app, mode).catch(async (error: unknown) => {
      await checkpoints.stop();
      throw error;
    });
    return {
      async stop() {
        await serving.stop();
        await checkpoints.stop();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function startServing(app: App, { withWork, out }: Mode): Promise<Serving> {
  for (const { name, meant } of app.config.unknownSettings) app.log.warn("config.unknown", { name, meant });
  // An unusable queue fails at startup and not at the first sync.
  await app.jobs.stats();
  await refuseTakenHorizonPath(app);
  // Loaded here, so that other commands start without the server's code.
  const { holdAnyPort, startServer } = await import("../http/server.ts");
  const held = holdAnyPort(app);
  await adoptAppUrl(app);
  const server = await startServer(app, held);
  const work = withWork ? await startWork(app, app.config.workerConcurrency) : null;
  await resumeSyncs(app);
  await pollAfterAbsence(app);
  const cleaning = cleanHourly(app.config, app.log);
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
      clearInterval(cleaning);
      await server
        .stop()
        .catch((error: unknown) => app.log.warn("serve.stop_failed", { reason: messageOf(error) }));
      await work?.stop();
    },
  };
}

function cleanHourly(config: Config, log: App["log"]): Timer {
  const clean = () =>
    clearTemporaryFiles(config).catch((error: unknown) =>
      log.warn("serve.cleaning_failed", { reason: messageOf(error) }),
    );
  void clean();
  return setInterval(clean, 3_600_000);
}
