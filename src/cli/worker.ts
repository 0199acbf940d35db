import { invalid } from "../errors.ts";
import { surviveHangup } from "../hangup.ts";
import type { Command } from "./command.ts";
import { startWork, untilStopped } from "./run-jobs.ts";

export const worker: Command = {
  summary: "Run jobs without serving HTTP, next to a server on the same database",
  usage: "",
  arity: [0, 0],
  options: {
    concurrency: { type: "string", value: "N", help: "How many jobs to run at once (WORKER_CONCURRENCY)" },
  },
  async run(app, args) {
    const concurrency = Number(args.text("concurrency") ?? app.config.workerConcurrency);
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 64)
      throw invalid("--concurrency is a whole number from 1 to 64.", { code: "usage" });
    const stopped = untilStopped();
    surviveHangup();
    const work = await startWork(app, concurrency);
    app.log.info("worker.ready", { concurrency, pid: process.pid });
    await stopped;
    app.log.info("worker.stopping");
    await work.stop();
  },
};
