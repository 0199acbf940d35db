// Fills in `$Format:…$` of `export-subst` as git-log(1) describes under PRETTY FORMATS. Placeholders that need a
// history, a clock or a keyring are not supported: `%ar` stays as written.

import type { Ref } from "./mirror.ts";

/** A commit as git stores it, and the refs that point to it. */
export type CommitSource = {
  reference: string;
  bytes: Buffer;
  refs: Ref[];
};

export type Substitute = (content: Buffer) => Buffer;

const opening = "$Format:";

/** Fills in every `$Format:…$` that is terminated. */
export function substituteFor(source: CommitSource): Substitute {
  const commit = parseCommit(source);
  return (content) => {
    if (!content.includes(opening)) return content;
    const text = content.toString("latin1");
    const filled = text.replace(/\$Format:([^$]*)\$/g, (_, format: string) =>
      expand(format.split("\0", 1)[0] ?? "", commit),
    );
    return Buffer.from(filled, "latin1");
  };
}

/** Byte strings throughout, in the commit's own encoding: `git archive` does not convert it either. */
type Commit = {
  hash: string;
  tree: string;
  parents: string[];
  author: Person;
  committer: Person;
  encoding: string;
  message: string;
  isSigned: boolean;
  names: string[];
  tag: string;
};

type Person = { name: string; mail: string; seconds: number; zone: string };

function parseCommit({ reference, bytes, refs }: CommitSource): Commit {
  const raw = bytes.toString("latin1");
  const end = raw.indexOf("\n\n");
  const head = end < 0 ? raw : raw.slice(0, end);
  const header = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(head)?.[1] ?? "";
  return {
    hash: reference,
    tree: header("tree"),
    parents: [...head.matchAll(/^parent ([0-9a-f]{40})$/gm)].map((found) => found[1] ?? ""),
    author: personIn(header("author")),
    committer: personIn(header("committer")),
    encoding: header("encoding"),
    message: end < 0 ? "" : raw.slice(end + 2),
    isSigned: /^gpgsig/m.test(head),
    names: decorations(refs),
    tag: Buffer.from(refs.find(({ kind }) => kind === "tag")?.name ?? "").toString("latin1"),
  };
}

function personIn(line: string): Person {
  const [, name = "", mail = "", seconds = "", zone = "+0000"] =
    /^(.*?) ?<([^>]*)>(?: (-?\d+) ([+-]\d{4}))?/.exec(line) ?? [];
  return { name: name.trim(), mail, seconds: Number(seconds), zone };
}

/** Decorations in git's order: HEAD's branch, tags, branches, each from last to first. */
function decorations(refs: CommitSource["refs"]): string[] {
  const byName = refs.toSorted((a, b) => (a.name < b.name ? 1 : -1));
  const bytes = (text: string) => Buffer.from(text).toString("latin1");
  const head = byName.filter(({ isDefaultBranch }) => isDefaultBranch);
  const tags = byName.filter(({ kind }) => kind === "tag");
  const branches = byName.filter(({ kind, isDefaultBranch }) => kind === "branch" && !isDefaultBranch);
  return [
    ...head.map(({ name }) => `HEAD -> ${bytes(name)}`),
    ...tags.map(({ name }) => `tag: ${bytes(name)}`),
    ...branches.map(({ name }) => bytes(name)),
  ];
}

const short = (hash: string) => hash.slice(0, 7);

const placeholders: Record<string, (commit: Commit) => string> = {
  n: () => "\n",
  "%": () => "%",
  H: ({ hash }) => hash,
  h: ({ hash }) => short(hash),
  T: ({ tree }) => tree,
  t: ({ tree }) => short(tree),
  P: ({ parents }) => parents.join(" "),
  p: ({ parents }) => parents.map(short).join(" "),
  d: ({ names }) => (names.length === 0 ? "" : ` (${names.join(", ")})`),
  D: ({ names }) => names.join(", "),
  e: ({ encoding }) => encoding,
  s: ({ message }) => subjectOf(message),
  f: ({ message }) => sanitized(withoutBlankStart(message).split("\n", 1)[0] ?? ""),
  b: ({ message }) => bodyOf(message),
  B: ({ message }) => message,
  m: () => ">",
  "G?": ({ isSigned }) => (isSigned ? "E" : "N"),
};

const personParts: Record<string, (person: Person) => string> = {
  n: ({ name }) => name,
  N: ({ name }) => name,
  e: ({ mail }) => mail,
  E: ({ mail }) => mail,
  l: ({ mail }) => mail.split("@", 1)[0] ?? "",
  L: ({ mail }) => mail.split("@", 1)[0] ?? "",
  d: (person) => shownDate(person, "%a %b %-d %T %Y %z"),
  D: (person) => shownDate(person, "%a, %-d %b %Y %T %z"),
  i: (person) => shownDate(person, "%F %T %z"),
  I: (person) => shownDate(person, "%FT%T%Z"),
  s: (person) => shownDate(person, "%F"),
  t: ({ seconds }) => String(seconds),
};

const placeholder =
  /^(?:(x[0-9a-fA-F]{2})|([ac])([nNeElLdDiIst])|(G\?)|(C(?:\([^)]*\)|reset|red|green|blue))|\((describe)(?::[^)]*)?\)|([nHhTtPpdDesfbBm%]))/;

function expand(format: string, commit: Commit): string {
  let out = "";
  let at = 0;
  for (let percent = format.indexOf("%"); percent >= 0; percent = format.indexOf("%", at)) {
    out += format.slice(at, percent);
    const magic = /^[+\- ]/.exec(format.slice(percent + 1, percent + 2))?.[0] ?? "";
    at = percent + 1 + magic.length;
    // Only placeholders with brackets are longer.
    const found = placeholder.exec(format.slice(at, at + 200));
    at += found?.[0].length ?? 0;
    const value = found ? valueOf(found, commit) : magic === "" ? "%" : "";
    if (magic === "-" && value === "") out = withoutLineEnds(out);
    out += value === "" || magic === "-" || magic === "" ? value : (magic === "+" ? "\n" : " ") + value;
  }
  return out + format.slice(at);
}

function withoutLineEnds(text: string): string {
  let end = text.length;
  while (text[end - 1] === "\n") end--;
  return text.slice(0, end);
}

function valueOf(
  [, hex, who, part = "", signature, color, describe, plain = ""]: RegExpExecArray,
  commit: Commit,
): string {
  if (hex !== undefined) return String.fromCharCode(Number.parseInt(hex.slice(1), 16));
  if (who !== undefined) return personParts[part]?.(who === "a" ? commit.author : commit.committer) ?? "";
  if (color !== undefined) return "";
  if (describe !== undefined) return commit.tag;
  return placeholders[signature ?? plain]?.(commit) ?? "";
}

function withoutBlankStart(message: string): string {
  return message.replace(/^(?:[ \t\r\f\v]*\n)+/, "");
}

/** The lines up to the first empty one, joined into one line. */
function subjectOf(message: string): string {
  const lines: string[] = [];
  for (const line of withoutBlankStart(message).split("\n")) {
    const trimmed = line.replace(/[ \t\r\f\v]+$/, "");
    if (trimmed === "") break;
    lines.push(trimmed);
  }
  return lines.join(" ");
}

function bodyOf(message: string): string {
  const lines = withoutBlankStart(message).split("\n");
  let at = 0;
  const isBlank = (line: string | undefined) => line !== undefined && line.trim() === "";
  while (at < lines.length && !isBlank(lines[at])) at++;
  while (at < lines.length && isBlank(lines[at])) at++;
  return lines.slice(at).join("\n");
}

/** The subject in a form that is safe in file names (`%f`). */
function sanitized(subject: string): string {
  return subject
    .replace(/[^A-Za-z0-9._]+/g, "-")
    .replace(/\.{2,}/g, ".")
    .replace(/^-+|[-.]+$/g, "");
}

const days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** The date in the author's or committer's own time zone. */
function shownDate({ seconds, zone }: Person, format: string): string {
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(3));
  const time = new Date((seconds + (zone.startsWith("-") ? -minutes : minutes) * 60) * 1000);
  if (Number.isNaN(time.getTime())) return "";
  const iso = time.toISOString();
  const parts: Record<string, string> = {
    a: days[time.getUTCDay()] ?? "",
    b: months[time.getUTCMonth()] ?? "",
    "-d": String(time.getUTCDate()),
    T: iso.slice(-13, -5),
    Y: String(time.getUTCFullYear()),
    F: iso.slice(0, -14),
    z: zone,
    Z: `${zone.slice(0, 3)}:${zone.slice(3)}`,
  };
  return format.replace(/%(-?[a-zA-Z])/g, (_, name: string) => parts[name] ?? "");
}
