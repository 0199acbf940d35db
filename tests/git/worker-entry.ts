// The executable's `git-worker` part alone.
import { runGitWorker } from "../../src/reading/worker.ts";

runGitWorker();
