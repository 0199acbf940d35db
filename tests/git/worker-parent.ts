// A registry of its own process for a test that kills it: prints the worker's process id and opens a mirror that hangs.
import { gitLimits } from "../../src/git/mirror.ts";
import { startWorker } from "../../src/git/worker-process.ts";
import { someCommit } from "./evil-server.ts";
import { anonymous, loopback, sourceWorker } from "./ground.ts";

const worker = startWorker(sourceWorker, { totalMs: 60_000 });
console.log(worker.pid);
await worker.call("open", {
  remote: anonymous(process.argv[2] ?? ""),
  refs: [{ kind: "branch", name: "main", reference: someCommit }],
  policy: loopback,
  limits: gitLimits,
});
