// File names in archives: hostile names refuse the commit, names that some systems cannot store are left out. Names are
// byte strings.

import { invalid } from "../errors.ts";

const longestName = 255;
const longestPath = 4000;

/**
 * Why a file with this name is left out; null for a good name. Throws invalid (`git_unsafe_path`) for a hostile one.
 */
export function whyLeftOut(name: string): string | null {
  // A fast path for nearly all names.
  if (/^[\w+@-][\w.+@ -]{0,200}$/.test(name)) return null;
  refuseHostile(name);
  if (isBroken(name)) return "its name is not valid UTF-8";
  if (name.includes("\\")) return "a backslash in its name separates folders on Windows";
  return name.length > longestName ? `its name is longer than ${longestName} bytes` : null;
}

/** The same for a whole path whose individual names are good. */
export function whyPathLeftOut(path: string): string | null {
  return path.length > longestPath ? `its path is longer than ${longestPath} bytes` : null;
}

/** Names that git never checks out on any system: leaving the folder, and every spelling of .git on HFS+ or NTFS. */
function refuseHostile(name: string): void {
  if (name === "" || name.includes("/")) throw unsafe(name, "leads elsewhere");
  for (const part of name.split("\\")) {
    if (part === "" || part === "." || part === ".." || /^[a-z]:$/i.test(part))
      throw unsafe(name, "leads elsewhere");
    const text = Buffer.from(part, "latin1").toString("utf8");
    const plain = text.replace(/[\p{Cf}\uFFFD]/gu, "").toLowerCase();
    if (/^(\.git|git~1)([. ]*(:.*)?)$/.test(plain)) throw unsafe(name, "is git's own");
  }
}

const strictly = new TextDecoder("utf-8", { fatal: true });

function isBroken(name: string): boolean {
  try {
    strictly.decode(Buffer.from(name, "latin1"));
    return false;
  } catch {
    return true;
  }
}

/** Decodes a byte string for display. */
export function displayPath(path: string): string {
  const text = Buffer.from(path, "latin1")
    .toString("utf8")
    .replace(/[\p{Cc}\p{Cf}]/gu, "?");
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function unsafe(name: string, why: string) {
  return invalid(`The file name "${displayPath(name)}" ${why}.`, {
    code: "git_unsafe_path",
    advice: "Rename the file in git, then tag or push again.",
  });
}
