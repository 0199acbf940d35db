import { createApp } from "../app.ts";
import { invalid } from "../errors.ts";
import { untilMoved } from "../registry/moves/record.ts";
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
  async runOn(config, args) {
    const concurrency = Number(args.text("concurrency") ?? config.workerConcurrency);
    if (!Number.isInteger(concurrency) || concurrency < 1 || concurrency > 64)
      throw invalid("--concurrency is a whole number from 1 to 64.", { code: "usage" });
    const stopped = untilStopped();
    surviveHangup();
    for (let isOver = false; !isOver;) {
      const app = await createApp(config, { mayMake: false });
      try {
        const work = await startWork(app, concurrency);
        app.log.info("worker.ready", { concurrency, pid: process.pid });
        const moved = untilMoved(app);
        isOver = await Promise.race([stopped.then(() => true), moved.happened.then(() => false)]);
        moved.stop();
        app.log.info("worker.stopping");
        await work.stop();
      } finally {
        await app.close();
      }
    }
  },
};
