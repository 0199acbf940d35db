// Carries the steps out on this machine. A step that finds everything as it should be changes nothing.
import {
  chmodSync,
  chownSync,
  copyFileSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { unavailable } from "../errors.ts";
import type { Owner, Step } from "./plan.ts";
import { places } from "./unit.ts";

/** Returns the steps that changed something, in their order. */
export function carryOut(steps: Step[]): Step[] {
  const changed = new Set<string>();
  return steps.filter((step) => {
    if (step.do === "run") return runIfNeeded(step, changed);
    const hasChanged = carryOne(step);
    if (hasChanged && "path" in step) changed.add(step.path);
    return hasChanged;
  });
}

function runIfNeeded({ words, when }: Extract<Step, { do: "run" }>, changed: Set<string>): boolean {
  if (when === "always") {
    run(words);
    return false;
  }
  const isNeeded =
    "present" in when ? found(when.present) !== null : when.changed.some((path) => changed.has(path));
  if (isNeeded) run(words);
  return isNeeded;
}

function carryOne(step: Exclude<Step, { do: "run" }>): boolean {
  switch (step.do) {
    case "create-user":
      return createUser(step.name, step.home);
    case "make-folder":
      return makeFolder(step.path, step);
    case "copy-program":
      return copyProgram(step.from, step.path);
    case "write-file":
      return writeFile(step);
    case "link":
      return link(step.path, step.to);
    case "remove":
      return remove(step.path);
  }
}

function createUser(name: string, home: string): boolean {
  if (userIds() !== null) return false;
  run(["useradd", "-r", "-d", home, "-s", "/usr/sbin/nologin", name]);
  return true;
}

/** Null as long as the service has no user. */
function userIds(): { uid: number; gid: number } | null {
  const line = new RegExp(`^${places.user}:[^:]*:(\\d+):(\\d+):`, "m").exec(
    readFileSync("/etc/passwd", "utf8"),
  );
  return line && { uid: Number(line[1]), gid: Number(line[2]) };
}

type Rights = { mode: number; owner: Owner; group?: Owner };

function makeFolder(path: string, rights: Rights): boolean {
  const isNew = found(path) === null;
  if (isNew) mkdirSync(path, { recursive: true, mode: rights.mode });
  return setRights(path, rights) || isNew;
}

function setRights(path: string, { mode, owner, group = owner }: Rights): boolean {
  const ids = userIds();
  const uid = owner === "root" ? 0 : (ids?.uid ?? 0);
  const gid = group === "root" ? 0 : (ids?.gid ?? 0);
  const now = statSync(path);
  const isRight = now.uid === uid && now.gid === gid && (now.mode & 0o7777) === mode;
  if (isRight) return false;
  chownSync(path, uid, gid);
  chmodSync(path, mode);
  return true;
}

/** A program that runs cannot be written over, but another one can take its name. */
function copyProgram(from: string, path: string): boolean {
  if (found(path) !== null && readFileSync(from).equals(readFileSync(path))) return false;
  copyFileSync(from, `${path}.new`);
  chmodSync(`${path}.new`, 0o755);
  renameSync(`${path}.new`, path);
  return true;
}

function writeFile({ path, text, ...rights }: Extract<Step, { do: "write-file" }>): boolean {
  if (found(path) !== null && readFileSync(path, "utf8") === text) return setRights(path, rights);
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  setRights(`${path}.new`, rights);
  renameSync(`${path}.new`, path);
  return true;
}

/** Replaced in one move: at no moment is there no link. */
function link(path: string, to: string): boolean {
  const now = found(path);
  if (now?.isSymbolicLink() && readlinkSync(path) === to) return false;
  rmSync(`${path}.new`, { force: true });
  symlinkSync(to, `${path}.new`);
  renameSync(`${path}.new`, path);
  return true;
}

function remove(path: string): boolean {
  if (found(path) === null) return false;
  rmSync(path, { recursive: true, force: true });
  return true;
}

function found(path: string) {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function run(words: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(words, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  if (exitCode === 0) return;
  const reason = stderr.toString().trim().split("\n").at(-1) ?? "";
  throw unavailable(`${words.join(" ")} ended with ${exitCode}: ${reason}`, { code: "service_step_failed" });
}
