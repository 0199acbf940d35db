// Checks of operation without a test, and the reason.
export const notYet: Record<string, string> = {
  OP22: "the server's rate during a backup was not measured",
  OP23: "continuous backup (BACKUP_EVERY) is not built",
  OP24: "continuous backup (BACKUP_EVERY) is not built",
  OP25: "continuous backup (BACKUP_EVERY) is not built",
  OP45: "releases and `pricore upgrade` are not built",
  OP46: "releases and `pricore upgrade` are not built",
  OP47: "releases and `pricore upgrade` are not built",
  OP48: "releases and `pricore upgrade` are not built",
  OP49: "releases and `pricore upgrade` are not built",
  OP52: "no container could be run here, and the image is not rebuilt on a minimal base yet",
  OP57: "archives and jobs cannot be moved yet",
  OP58: "SERVE_PROCESSES is not built",
  OP59: "figures are in docs/benchmarks.md; tests assert no time, and several processes are not built",
  OP60: "checks 1 to 20 run against the executable, but nothing holds that each does",
};
