import { clearTemporaryFiles } from "../app.ts";
import { startServer } from "../http/server.ts";
import { messageOf } from "../errors.ts";
import { adoptAppUrl, resumeSyncs } from "../registry/start.ts";
import type { Command } from "./command.ts";
import { startWork, untilStopped } from "./work.ts";

export const serve: Command = {
  summary: "Serve Composer and the dashboard, run jobs and the timetable",
  usage: "",
  arity: [0, 0],
  options: {
    host: { type: "string", value: "ADDRESS", help: "Where to listen (HOST)" },
    port: { type: "string", value: "NUMBER", help: "On which port (PORT)" },
    "no-worker": { type: "boolean", help: "Leave the jobs to `pricore worker`" },
  },
  async run(app, args, out) {
    await clearTemporaryFiles(app.config);
    await adoptAppUrl(app);
    const server = await startServer(app);
    const work = args.flag("no-worker") ? null : await startWork(app, app.config.workerConcurrency);
    await resumeSyncs(app);
    const { appUrl, host, dataDir } = app.config;
    app.log.info("serve.ready", { url: appUrl, host, port: server.port, dataDir, pid: process.pid });
    if (process.stderr.isTTY) out.note(`\n  ${app.config.appName} is at ${appUrl}\n`);
    await untilStopped();
    app.log.info("serve.stopping");
    await server
      .stop()
      .catch((error: unknown) => app.log.warn("serve.stop_failed", { reason: messageOf(error) }));
    await work?.stop();
  },
};
