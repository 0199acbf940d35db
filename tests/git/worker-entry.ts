// What the executable does for `git-worker`, alone.
import { runGitWorker } from "../../src/git/worker.ts";

runGitWorker();
