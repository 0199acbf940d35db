// Parses the ref advertisement of a git server: its capabilities, and every ref with its object. gitprotocol-pack(5),
// version 0.

import { unavailable } from "../errors.ts";
import type { GitLimits, Ref, RefList } from "./mirror.ts";
import { protocolFailure, type PktLines } from "./pkt-line.ts";
import { refNameProblem } from "./ref-names.ts";
import { serverMessage } from "./server-message.ts";
import { yieldWhenDue } from "../yielding.ts";

export type Advertisement = {
  capabilities: string[];
  /**
   * HEAD and every tag and branch by full name, with its object; for an annotated tag also the peeled commit. Other
   * refs are ignored.
   */
  refs: Map<string, { object: string; peeled: string | null }>;
};

/** Far more than the limit on refs needs, because forges advertise other refs besides tags and branches. */
export const advertisementBytes: number = 64 * 1024 * 1024;

/** Bytes of the length prefix of each line. */
const framingBytes = 4;

/** Reads up to the flush that ends the list and leaves `lines` positioned after it. */
export async function readAdvertisement(lines: PktLines, limits: GitLimits): Promise<Advertisement> {
  const advertisement: Advertisement = { capabilities: [], refs: new Map() };
  for (let bytes = 0; ;) {
    const { value: line, done } = await lines.next();
    if (done) throw protocolFailure("The list of refs breaks off.");
    if (line === null) break;
    addLine(advertisement, line, bytes === 0);
    bytes += line.length + framingBytes;
    if (bytes > advertisementBytes) throw tooLong();
    // HEAD is listed too and counts neither as tag nor as branch.
    if (advertisement.refs.size > limits.refs + 1) throw tooManyRefs(limits);
    const turn = yieldWhenDue();
    if (turn) await turn;
  }
  const format = advertisement.capabilities.find((name) => name.startsWith("object-format="));
  if (format !== undefined && format !== "object-format=sha1") {
    throw unavailable("The repository uses SHA-256 object names, which can't be mirrored yet.", {
      code: "git_object_format",
    });
  }
  return advertisement;
}

/** The tags and branches of an advertisement, unusable ones separately. Throws when there are too many. */
export function toRefList(
  { capabilities, refs }: Advertisement,
  limits: GitLimits,
): Omit<RefList, "hostKey" | "movedTo"> {
  const list: Omit<RefList, "hostKey" | "movedTo"> = { defaultBranch: null, refs: [], unusable: [] };
  for (const [fullName, { object, peeled }] of refs) {
    const short = shortName(fullName);
    if (!short) continue;
    const reason = refNameProblem(short.name);
    if (reason) list.unusable.push({ kind: short.kind, name: short.name.slice(0, 255), reason });
    else if (peeled === null) list.refs.push({ ...short, reference: object });
    else list.refs.push({ ...short, reference: peeled, tagObject: object });
    if (list.refs.length + list.unusable.length > limits.refs) throw tooManyRefs(limits);
  }
  list.defaultBranch = defaultBranch(capabilities, refs, list.refs);
  return list;
}

export function fullName({ kind, name }: Pick<Ref, "kind" | "name">): string {
  return kind === "tag" ? `refs/tags/${name}` : `refs/heads/${name}`;
}

/** Names may have 255 characters. Only this many bytes of a longer one are kept, which is still too long. */
const keptNameBytes = 1024;

function addLine(advertisement: Advertisement, line: Buffer, first: boolean): void {
  if (line.toString("latin1", 0, 4) === "ERR ") throw serverMessage(line.subarray(4));
  const zero = first ? line.indexOf(0) : -1;
  if (zero >= 0)
    advertisement.capabilities = line
      .toString("utf8", zero + 1)
      .trim()
      .split(" ")
      .filter(Boolean);
  const entry = zero >= 0 ? line.subarray(0, zero) : withoutLineFeed(line);
  const object = /^(?:[0-9a-f]{40}|[0-9a-f]{64})(?= .)/s.exec(entry.toString("latin1", 0, 66))?.[0];
  if (object === undefined) {
    if (/^shallow [0-9a-f]+$/.test(entry.toString("latin1", 0, 80))) return;
    throw protocolFailure("The list of refs is not in git's protocol.");
  }
  const nameAt = object.length + 1;
  if (!/^(?:HEAD$|refs\/(?:heads|tags)\/)/.test(entry.toString("latin1", nameAt, nameAt + 11))) return;
  addRef(advertisement.refs, entry.toString("utf8", nameAt, nameAt + keptNameBytes), object);
}

function addRef(refs: Advertisement["refs"], name: string, object: string): void {
  const known = name.endsWith("^{}") ? refs.get(name.slice(0, -3)) : undefined;
  if (known) known.peeled = object;
  else if (!refs.has(name)) refs.set(name, { object, peeled: null });
}

function withoutLineFeed(line: Buffer): Buffer {
  return line.at(-1) === 0x0a ? line.subarray(0, -1) : line;
}

function shortName(fullName: string): Pick<Ref, "kind" | "name"> | null {
  if (fullName.startsWith("refs/tags/")) return { kind: "tag", name: fullName.slice("refs/tags/".length) };
  if (fullName.startsWith("refs/heads/"))
    return { kind: "branch", name: fullName.slice("refs/heads/".length) };
  return null;
}

// When the server does not name HEAD's branch, it is guessed: a branch at the same commit, the usual names first.
function defaultBranch(capabilities: string[], all: Advertisement["refs"], refs: Ref[]): string | null {
  const branches = refs.filter((ref) => ref.kind === "branch");
  const named = capabilities.find((name) => name.startsWith("symref=HEAD:refs/heads/"));
  if (named) {
    const name = named.slice("symref=HEAD:refs/heads/".length);
    return branches.some((branch) => branch.name === name) ? name : null;
  }
  const head = all.get("HEAD")?.object;
  const same = branches.filter((branch) => branch.reference === head);
  const usual =
    same.find(({ name }) => name === "main") ?? same.find(({ name }) => name === "master") ?? same[0];
  return usual?.name ?? null;
}

function tooLong() {
  return unavailable(`The list of refs is larger than ${advertisementBytes / 1024 / 1024} MB.`, {
    code: "git_too_many_refs",
  });
}

function tooManyRefs({ refs }: GitLimits) {
  return unavailable(`The repository has more than ${refs} tags and branches.`, {
    code: "git_too_many_refs",
  });
}
