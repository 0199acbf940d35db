import { clearTemporaryFiles, type App } from "../app.ts";
import { messageOf } from "../errors.ts";
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
  async run(app, args, out) {
    const lock = lockForServing(app.config.database);
    try {
      const { database } = app.config;
      if (database.engine === "sqlite") refuseDamaged(app.db, database.path);
      const checkpoints = startCheckpoints(app.db);
      try {
        await serveUntilStopped(app, { withWork: !args.flag("no-worker"), out });
      } finally {
        await checkpoints.stop();
      }
    } finally {
      lock.release();
    }
  },
};

async function serveUntilStopped(
  app: App,
  { withWork, out }: { withWork: boolean; out: Output },
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
  const server = await startServer(app, held);
  const work = withWork ? await startWork(app, app.config.workerConcurrency) : null;
  await resumeSyncs(app);
  await pollAfterAbsence(app);
  const cleaning = cleanHourly(app);
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
  clearInterval(cleaning);
  await server
    .stop()
    .catch((error: unknown) => app.log.warn("serve.stop_failed", { reason: messageOf(error) }));
  await work?.stop();
}

function cleanHourly(app: App): Timer {
  const clean = () =>
    clearTemporaryFiles(app.config).catch((error: unknown) =>
      app.log.warn("serve.cleaning_failed", { reason: messageOf(error) }),
    );
  void clean();
  return setInterval(clean, 3_600_000);
}
