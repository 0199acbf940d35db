// One working server per SQLite database, and at most one that takes its place. The locks are the operating system's on
// a file beside the database: they end with the process that holds them, however that one ends, and no other program
// has to be asked whether it still runs.
import { Database } from "bun:sqlite";
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { conflict } from "../../errors.ts";
import type { DatabaseAddress } from "./engine.ts";
import { signOf } from "./errors.ts";
import { openingFailure } from "./open-errors.ts";

type ServeLock = { release(): void };

export type WorkLock = ServeLock & {
  /** The process that holds the work; null when this one does. */
  holder: number | null;
  /** Whether this process has the work now; asks the system again while it has not. */
  acquire(): boolean;
};

const free: WorkLock = { holder: null, acquire: () => true, release() {} };

/** For what needs the database alone. Fails as `conflict` while a server runs. Database servers need no lock. */
export function lockAlone(address: DatabaseAddress): ServeLock {
  if (address.engine !== "sqlite") return free;
  const lock = hold(address.path, "begin exclusive");
  if (lock === null) throw servedAlready(address.path);
  return lock;
}

/** Fails as `conflict` while another process has the work. Database servers are made for many: they need none. */
export function lockForServing(address: DatabaseAddress): WorkLock {
  if (address.engine !== "sqlite") return free;
  const lock = hold(address.path, "begin immediate");
  if (lock === null) throw servedAlready(address.path);
  return working(address.path, lock);
}

/**
 * Beside a server that still has the work. Fails as `conflict` when another process is about to take its place, or
 * when the server does not let anyone beside it, as older versions do not.
 */
export function lockToTakeOver(address: DatabaseAddress): WorkLock {
  if (address.engine !== "sqlite") return free;
  const { path } = address;
  const turn = hold(path, "begin exclusive", `${path}.next.lock`);
  if (turn === null)
    throw conflict(`Another process is about to take over the database ${path}.`, { code: "taking_over" });
  try {
    const first = hold(path, "begin immediate");
    if (first !== null) {
      turn.release();
      return working(path, first);
    }
    return waiting(path, turn);
  } catch (error) {
    turn.release();
    throw error;
  }
}

function waiting(path: string, turn: ServeLock): WorkLock {
  const holder = readHolder(path);
  let lock: ServeLock | null = null;
  return {
    holder,
    acquire() {
      if (lock !== null) return true;
      const work = hold(path, "begin immediate");
      if (work === null) return false;
      lock = working(path, work);
      turn.release();
      return true;
    },
    release() {
      lock?.release();
      if (lock === null) turn.release();
    },
  };
}

function working(path: string, lock: ServeLock): WorkLock {
  writeFileSync(`${path}.pid`, String(process.pid), { mode: 0o600 });
  return {
    holder: null,
    acquire: () => true,
    release() {
      rmSync(`${path}.pid`, { force: true });
      lock.release();
    },
  };
}

/** Only meant while somebody holds the work: what a killed process left behind names nobody. */
function readHolder(path: string): number {
  const pid = Number(readIfThere(`${path}.pid`));
  if (Number.isInteger(pid) && pid > 1) return pid;
  throw servedAlready(path);
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

/** Null while another process holds it. */
function hold(database: string, begin: string, path = `${database}.lock`): ServeLock | null {
  let file: Database | null = null;
  try {
    createEmpty(path);
    file = new Database(path);
    file.run(begin);
    const held = file;
    return { release: () => held.close() };
  } catch (error) {
    file?.close();
    if (signOf(error).startsWith("SQLITE_BUSY")) return null;
    throw openingFailure(error, { engine: "sqlite", path });
  }
}

/** A file that is there is not opened: closing it would drop the locks that this process holds on it. */
function createEmpty(path: string): void {
  try {
    closeSync(openSync(path, "wx", 0o600));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  }
}

function servedAlready(path: string) {
  return conflict(`Another server uses the database ${path}.`, {
    code: "served_already",
    advice:
      "Stop it first, or give this one a DATA_DIR of its own. Worker processes may run beside a server.",
  });
}
