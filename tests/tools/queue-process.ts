// A process of its own at a queue: `bun queue-process.ts add|work|timetable ADDRESS`. Tells what it does, a line each.
import { runTimetable } from "../../src/jobs/timetable.ts";
import { handlersFor, openQueue } from "./queues.ts";

const [, , task, address = ""] = process.argv;
const { queue, db } = await openQueue(address);
const handlers = handlersFor(async ({ name, payload, running }) => {
  console.log(`began ${name} ${payload.repositoryId ?? ""}`);
  if (payload.reason === "hang") {
    running.signal.addEventListener("abort", () => console.log("told to stop"));
    await new Promise(() => {});
  }
  await Bun.sleep(payload.reason === "slow" ? 3000 : 5);
});

if (task === "add") {
  const payload = { repositoryId: "blog", reason: "test" };
  console.log(await queue.enqueue("sync-repository", payload));
}
if (task === "work" || task === "timetable") {
  await queue.start(handlers, { concurrency: 3 });
  console.log("ready");
}
if (task === "timetable") {
  const entries = [{ name: "prune" as const, everyMs: 3_600_000 }];
  runTimetable({ db, jobs: queue, now: Date.now, entries });
}
// Until it is ended.
setInterval(() => {}, 60_000);
