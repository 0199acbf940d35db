// Moves the registry to another database while it is in use. Rows are copied while triggers note what changes; then
// writes are held for a moment, the rest is copied, both databases are compared row by row, and the old one points to
// the new one and refuses writes from then on. Until that commit nothing has happened.
import type { App } from "../../app.ts";
import { conflict, Failure, invalid, unavailable } from "../../errors.ts";
import { appliedMigrations, type Database, migrate, openDatabase } from "../../store/engine/database.ts";
import type { DatabaseAddress } from "../../store/engine/engine.ts";
import {
  allowWrites,
  forgetChanges,
  holdWrites,
  listChanges,
  refuseWrites,
  startCapture,
  stopCapture,
} from "../../store/move/capture.ts";
import { listMovedTables } from "../../store/move/tables.ts";
import { clearTables, countRows, insertRows, readPages, type Row } from "../../store/rows/rows.ts";
import type { Table } from "../../store/rows/tables.ts";
import { hasOrganizations } from "../../store/organizations/organizations.ts";
import { hasUsers } from "../../store/accounts/users.ts";
import { findSetting, removeSetting, setSetting } from "../../store/settings.ts";
import { sealAddress } from "../../moved.ts";
import { cancelMove, type MoveRecord, type MoveState } from "./record.ts";
import { applyChanges, comesLater } from "./changes.ts";
import { firstDifference } from "./compare.ts";

export type MoveProgress = { state: MoveState; table: string | null; rows: number; total: number };
type MoveReport = { tables: number; rows: number; changes: number; heldMs: number; seconds: number };

type Move = {
  app: App;
  target: Database;
  tables: Table[];
  onProgress: (progress: MoveProgress) => void;
};

/** Few enough that they are copied within a moment while writes are held. */
const fewChanges = 200;

/**
 * Fails as `invalid` (`move_same`, `move_from_mysql`) or `conflict` (`move_target_taken`) before anything is changed,
 * and as `conflict` (`move_differs`) when the copy is not the same: the old database then goes on as before.
 */
export async function moveDatabase(
  app: App,
  address: DatabaseAddress,
  onProgress: (progress: MoveProgress) => void,
): Promise<MoveReport> {
  if (app.db.engine === "mysql")
    throw invalid("A move from MySQL or MariaDB is not possible.", {
      code: "move_from_mysql",
      advice: "Restore a backup into the other database instead.",
    });
  const began = performance.now();
  const target = await openDatabase(address);
  try {
    const tables = await listMovedTables(app.config.dataDir);
    const move = { app, target, tables, onProgress };
    await prepareTarget(move);
    const done = await copyAndCutOver(move, address);
    await removeSetting(target, "moved_to");
    return { tables: tables.length, ...done, seconds: (performance.now() - began) / 1000 };
  } finally {
    await target.close();
  }
}

async function prepareTarget({ app, target, tables }: Move): Promise<void> {
  await refuseSame(app, target);
  await expectFree(app, target);
  await allowWrites(target, tables);
  await migrate(target);
  await setSetting(target, "move_target", `filling ${app.secrets.fingerprint}`);
  await clearTables(target, tables);
}

/** Under another name, a database can still be the same one: then it has what is written to ours. */
async function refuseSame({ db }: App, target: Database): Promise<void> {
  const mark = crypto.randomUUID();
  await setSetting(db, "move", mark);
  const isMade = (await appliedMigrations(target)).length > 0;
  const isSame = isMade && (await findSetting(target, "move")) === mark;
  await removeSetting(db, "move");
  if (isSame) throw invalid("The registry is in this database already.", { code: "move_same" });
}

/** Empty, or left by an earlier move of this same installation. */
async function expectFree({ secrets }: App, target: Database): Promise<void> {
  if ((await appliedMigrations(target)).length === 0) return;
  const marker = await findSetting(target, "move_target");
  if (marker?.endsWith(` ${secrets.fingerprint}`)) return;
  const isLeft = (await findSetting(target, "moved_to")) !== null;
  if (isLeft && (await findSetting(target, "key_fingerprint")) === secrets.fingerprint) return;
  if (!(await hasUsers(target)) && !(await hasOrganizations(target))) return;
  throw conflict("The other database is in use.", {
    code: "move_target_taken",
    advice: "Name an empty one.",
  });
}

async function copyAndCutOver(
  move: Move,
  address: DatabaseAddress,
): Promise<Pick<MoveReport, "rows" | "changes" | "heldMs">> {
  const { app, tables } = move;
  await app.db.transaction((db) => startCapture(db, tables));
  try {
    const rows = await copyAll(move);
    const changes = await catchUp(move);
    return { rows, changes, heldMs: await cutOver(move, address) };
  } catch (error) {
    await cancelMove(app).catch((reason: unknown) =>
      app.log.warn("move.cancel_failed", { reason: String(reason) }),
    );
    throw error;
  }
}

async function record({ app }: Move, state: MoveState): Promise<void> {
  await setSetting(app.db, "move", JSON.stringify({ state, at: app.now() } satisfies MoveRecord));
}

async function copyAll(move: Move): Promise<number> {
  const { app, target, tables, onProgress } = move;
  const counts = Object.values(await countRows(app.db, tables));
  const total = counts.reduce((sum, count) => sum + count, 0);
  let rows = 0;
  for (const table of tables) {
    await record(move, "copying");
    for await (const page of readPages(app.db.read, table)) {
      await addPage(target, table, page);
      rows += page.length;
      onProgress({ state: "copying", table: table.name, rows, total });
    }
  }
  return rows;
}

/** A row may have been changed after its parent was copied: its turn comes with the changes, which know it. */
async function addPage(target: Database, table: Table, page: Row[]): Promise<void> {
  try {
    await target.transaction((db) => insertRows(db.write, table, page));
  } catch (error) {
    if (!comesLater(error)) throw named(error, table);
    for (const row of page)
      await insertRows(target.write, table, [row]).catch((each: unknown) => {
        if (!comesLater(each)) throw named(each, table);
      });
  }
}

function named(error: unknown, { name }: Table): unknown {
  if (!(error instanceof Failure)) return error;
  return unavailable(`A row of the table ${name} could not be copied: ${error.message}`, {
    code: error.code,
  });
}

/** Until few changes are left. Returns how many were applied. */
async function catchUp(move: Move): Promise<number> {
  const { app, tables, target } = move;
  await record(move, "catching up");
  for (let applied = 0; ;) {
    const { changes, noted } = await listChanges(app.db, 1000);
    await applyChanges({ from: app.db, to: target, tables }, changes);
    await forgetChanges(app.db, noted);
    applied += changes.length;
    move.onProgress({ state: "catching up", table: null, rows: applied, total: applied });
    if (noted.length < fewChanges) return applied;
  }
}

/** Returns for how long writes were held, in milliseconds. */
async function cutOver(move: Move, address: DatabaseAddress): Promise<number> {
  const { app, target, tables } = move;
  await record(move, "cutting over");
  move.onProgress({ state: "cutting over", table: null, rows: 0, total: 0 });
  const { fingerprint } = app.secrets;
  let held = 0;
  await app.db.transaction(async (db) => {
    const began = performance.now();
    await holdWrites(db, tables);
    for (let isDone = false; !isDone;) {
      const { changes, noted } = await listChanges(db, 1000);
      await applyChanges({ from: db, to: target, tables }, changes);
      await forgetChanges(db, noted);
      isDone = noted.length === 0;
    }
    const difference = await firstDifference({ from: db, to: target, tables });
    if (difference) throw differs(difference);
    await stopCapture(db, tables);
    await removeSetting(db, "move");
    await setSetting(db, "moved_to", sealAddress(app.secrets, { address, at: app.now() }));
    await refuseWrites(db, tables);
    await setSetting(target, "move_target", `moved ${fingerprint}`);
    held = performance.now() - began;
  });
  move.onProgress({ state: "moved", table: null, rows: 0, total: 0 });
  return held;
}

function differs({ table, key }: { table: string; key: string }): Failure {
  return conflict(`The copy differs from the original in the table ${table}, at the row ${key}.`, {
    code: "move_differs",
    advice: "Nothing was moved. Make sure that nothing else writes to the other database, and try again.",
  });
}
