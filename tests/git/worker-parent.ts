// A parent process that a test can kill: prints the worker's process id and opens a mirror, which hangs. `worker-parent
// <url> [command of the worker…]`.
import { gitLimits } from "../../src/git/mirror.ts";
import { startWorker } from "../../src/reading/worker-process.ts";
import { someCommit } from "./evil-server.ts";
import { anonymous, loopback, makeFolder, sourceWorker } from "./ground.ts";

const [url = "", ...command] = process.argv.slice(2);
const worker = startWorker(command.length > 0 ? { command, environment: {} } : sourceWorker, {
  ...gitLimits,
  memoryBytes: Number.MAX_SAFE_INTEGER,
});
console.log(worker.pid);
await worker
  .call("open", {
    remote: anonymous(url),
    refs: [{ kind: "branch", name: "main", reference: someCommit }],
    policy: loopback,
    limits: gitLimits,
    folder: await makeFolder(),
  })
  .catch(() => Bun.sleep(60_000));
