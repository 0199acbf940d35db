// One server per SQLite database. The lock is the operating system's on a file beside the database: it ends with the
// process that holds it, however that one ends, and no other program has to be asked whether it still runs.
import { Database } from "bun:sqlite";
import { closeSync, openSync } from "node:fs";
import { conflict } from "../../errors.ts";
import type { DatabaseAddress } from "./engine.ts";
import { signOf } from "./errors.ts";
import { openingFailure } from "./open-errors.ts";

type ServeLock = { release(): void };

/** Fails as `conflict` while another process holds it. Database servers are made for many: they need none. */
export function lockForServing(address: DatabaseAddress): ServeLock {
  if (address.engine !== "sqlite") return { release() {} };
  const path = `${address.path}.lock`;
  try {
    closeSync(openSync(path, "a", 0o600));
    const file = new Database(path);
    file.run("begin exclusive");
    return { release: () => file.close() };
  } catch (error) {
    if (signOf(error).startsWith("SQLITE_BUSY")) throw servedAlready(address.path);
    throw openingFailure(error, { engine: "sqlite", path });
  }
}

function servedAlready(path: string) {
  return conflict(`Another server uses the database ${path}.`, {
    code: "served_already",
    advice:
      "Stop it first, or give this one a DATA_DIR of its own. Worker processes may run beside a server.",
  });
}
