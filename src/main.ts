// argv → command. Nothing else. Each way loads only its own code: a mirror's process starts without the server.
const argv = process.argv.slice(2);
if (argv[0] === "git-worker") (await import("./reading/worker.ts")).runGitWorker();
else if (argv[0] === "backup-worker")
  process.exitCode = await (await import("./backup/worker.ts")).runBackupWorker();
else process.exitCode = await (await import("./cli/run.ts")).runCommandLine(argv);
