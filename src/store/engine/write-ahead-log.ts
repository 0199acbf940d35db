// Checks a write-ahead log before SQLite reads it: SQLite drops what follows a damaged place without
// an error, and the rest looks like a database that never had more.
// https://www.sqlite.org/walformat.html
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { unavailable } from "../../errors.ts";

const headerBytes = 32;
const frameHeaderBytes = 24;
const batchBytes = 4 * 1024 * 1024;
/** A process that writes meanwhile can spoil one reading, but not all of them. */
const maxReadings = 10;
const betweenLooksMs = 30;

/**
 * Fails as `unavailable` when the log holds less than was committed, and changes nothing. What a process leaves that
 * is killed in the middle of a write is no loss: the write was never acknowledged.
 */
export function refuseLostLog(path: string): void {
  for (let reading = 1; ; reading++) {
    const loss = lossIn(path);
    if (loss === null) return;
    if (reading < maxReadings) {
      Bun.sleepSync(betweenLooksMs);
      continue;
    }
    throw unavailable(`The database ${path} has lost changes: ${loss}. Everything was left as it is.`, {
      code: "log_damaged",
      advice:
        `Keep a copy of the folder, look at the disk, and restore the last backup. ` +
        `To go on with what the file itself has, and without the changes, move ${path}-wal and ${path}-shm away.`,
    });
  }
}

/** The problem as text; null when the log holds everything that was committed. */
function lossIn(path: string): string | null {
  const index = readIndex(`${path}-shm`);
  const log = readLog(`${path}-wal`);
  const isSaved = index !== null && index.backfilled >= index.frames;
  if (log === "none") return index === null || isSaved ? null : `its log ${path}-wal is missing or cut off`;
  if (log === "unreadable") return isSaved ? null : `the head of its log ${path}-wal is damaged`;
  const { usable, marked, salts } = log;
  const loss = `its log ${path}-wal is damaged after ${usable} of ${Math.max(marked, index?.frames ?? 0)} pages`;
  if (index === null || index.salts !== salts) return marked > usable ? loss : null;
  if (usable === 0 && isSaved) return null;
  // An index that is behind the log is one of before a power cut: then it cannot say where the log ended.
  return usable < index.frames || (marked > usable && usable > index.frames) ? loss : null;
}

type Log = {
  salts: string;
  /** The frames that SQLite will use: up to the last commit before an invalid one. */
  usable: number;
  /** The last frame of this log, damaged or not, that ends a transaction. */
  marked: number;
};

export function readLog(path: string): Log | "none" | "unreadable" {
  const file = openIfThere(path);
  if (file === null) return "none";
  try {
    const size = fstatSync(file).size;
    // The head is written before anything that counts.
    if (size < headerBytes) return "none";
    const head = read(file, 0, headerBytes);
    const isLittle = (head.getUint32(0) & 1) === 0;
    const pageBytes = head.getUint32(8);
    const sums = sum([0, 0], head, { from: 0, to: 24, isLittle });
    const isHead = (head.getUint32(0) & ~1) === 0x377f0682 && pageBytes >= 512 && pageBytes <= 65_536;
    if (!isHead || !matches(sums, head, 24)) return "unreadable";
    return { salts: saltsAt(head, 16), ...readFrames(file, { size, head, pageBytes, isLittle, sums }) };
  } finally {
    closeSync(file);
  }
}

type Sums = [number, number];
type Frames = { size: number; head: DataView; pageBytes: number; isLittle: boolean; sums: Sums };

function readFrames(file: number, { size, head, pageBytes, isLittle, sums }: Frames) {
  const salts = saltsAt(head, 16);
  const frameBytes = frameHeaderBytes + pageBytes;
  const count = Math.floor((size - headerBytes) / frameBytes);
  const perBatch = Math.max(1, Math.floor(batchBytes / frameBytes));
  let [isSound, usable, marked] = [true, 0, 0];
  for (let first = 0; first < count; first += perBatch) {
    const batch = read(
      file,
      headerBytes + first * frameBytes,
      Math.min(perBatch, count - first) * frameBytes,
    );
    for (
      let from = 0, frame = first + 1;
      from + frameBytes <= batch.byteLength;
      from += frameBytes, frame++
    ) {
      const isOurs = saltsAt(batch, from + 8) === salts;
      const endsTransaction = batch.getUint32(from + 4) !== 0;
      if (isOurs && endsTransaction) marked = frame;
      if (!isOurs) isSound = false;
      if (!isSound) continue;
      sums = sum(sums, batch, { from, to: from + 8, isLittle });
      sums = sum(sums, batch, { from: from + frameHeaderBytes, to: from + frameBytes, isLittle });
      isSound = matches(sums, batch, from + 16) && batch.getUint32(from) !== 0;
      if (isSound && endsTransaction) usable = frame;
    }
  }
  return { usable, marked };
}

type Index = {
  salts: string;
  /** Frames of the log that transactions had filled when they were acknowledged. */
  frames: number;
  /** How many of them are in the database file as well. */
  backfilled: number;
};

/** SQLite keeps it in shared memory, in the byte order of the machine, so that a killed process leaves it as it was. */
function readIndex(path: string): Index | null {
  const file = openIfThere(path);
  if (file === null) return null;
  try {
    const index = read(file, 0, 100);
    if (index.byteLength < 100 || index.getUint8(12) !== 1) return null;
    const sums = sum([0, 0], index, { from: 0, to: 40, isLittle: true });
    if (index.getUint32(40, true) !== sums[0] || index.getUint32(44, true) !== sums[1]) return null;
    return {
      salts: saltsAt(index, 32),
      frames: index.getUint32(16, true),
      backfilled: index.getUint32(96, true),
    };
  } finally {
    closeSync(file);
  }
}

function openIfThere(path: string): number | null {
  try {
    return openSync(path, "r");
  } catch {
    // SQLite needs the same file, and reports that it cannot be read.
    return null;
  }
}

function read(file: number, from: number, count: number): DataView {
  const bytes = new Uint8Array(count);
  return new DataView(bytes.buffer, 0, readSync(file, bytes, 0, count, from));
}

function saltsAt(view: DataView, at: number): string {
  return `${view.getUint32(at)} ${view.getUint32(at + 4)}`;
}

function matches(sums: Sums, view: DataView, at: number): boolean {
  return view.getUint32(at) === sums[0] && view.getUint32(at + 4) === sums[1];
}

function sum([one, two]: Sums, view: DataView, range: { from: number; to: number; isLittle: boolean }): Sums {
  for (let at = range.from; at < range.to; at += 8) {
    one = (one + view.getUint32(at, range.isLittle) + two) >>> 0;
    two = (two + view.getUint32(at + 4, range.isLittle) + one) >>> 0;
  }
  return [one, two];
}
