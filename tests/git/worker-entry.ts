// What the executable does for `git-worker`, alone.
import { runGitWorker } from "../../src/reading/worker.ts";

runGitWorker();
