// What a git server says first: its capabilities, and every ref with its object. gitprotocol-pack(5), version 0.

import { unavailable } from "../errors.ts";
import type { GitLimits, Ref, RefList } from "./mirror.ts";
import { protocolFailure, type PktLines } from "./pkt-line.ts";
import { refNameProblem } from "./ref-names.ts";
import { serverSaid } from "./server-words.ts";

export type Advertisement = {
  capabilities: string[];
  /** The object of each ref under its full name, `HEAD` included; of an annotated tag also the commit it leads to. */
  refs: Map<string, { object: string; peeled: string | null }>;
};

/** Far above what the limit on refs lets pass, because a forge shows other refs beside tags and branches. */
export const advertisementBytes: number = 64 * 1024 * 1024;

/** Reads up to the flush that ends the list and leaves `lines` behind it. */
export async function readAdvertisement(lines: PktLines, limits: GitLimits): Promise<Advertisement> {
  const advertisement: Advertisement = { capabilities: [], refs: new Map() };
  for (let bytes = 0; ;) {
    const { value: line, done } = await lines.next();
    if (done) throw protocolFailure("The list of refs breaks off.");
    if (line === null) break;
    addLine(advertisement, line, bytes === 0);
    bytes += line.length;
    if (bytes > advertisementBytes) throw tooManyRefs(limits);
  }
  const format = advertisement.capabilities.find((name) => name.startsWith("object-format="));
  if (format !== undefined && format !== "object-format=sha1") {
    throw unavailable("The repository uses SHA-256 object names, which can't be mirrored yet.", {
      code: "git_object_format",
    });
  }
  return advertisement;
}

/** The tags and branches of an advertisement, the unusable ones apart. Throws when there are too many. */
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

const emptyRepository = "capabilities^{}";

function addLine(advertisement: Advertisement, line: Buffer, first: boolean): void {
  if (line.subarray(0, 4).toString("latin1") === "ERR ") throw serverSaid(line.subarray(4));
  const text = line.toString("utf8").replace(/\n$/, "");
  const [entry = "", capabilities] = first ? text.split("\0") : [text];
  if (first) advertisement.capabilities = (capabilities ?? "").split(" ").filter(Boolean);
  const match = /^([0-9a-f]{40}|[0-9a-f]{64}) (.+)$/s.exec(entry);
  if (!match) {
    if (/^shallow [0-9a-f]+$/.test(entry)) return;
    throw protocolFailure("The list of refs is not in git's protocol.");
  }
  const [, object = "", name = ""] = match;
  if (name === emptyRepository) return;
  const known = name.endsWith("^{}") ? advertisement.refs.get(name.slice(0, -3)) : undefined;
  if (known) known.peeled = object;
  else if (!advertisement.refs.has(name)) advertisement.refs.set(name, { object, peeled: null });
}

function shortName(fullName: string): Pick<Ref, "kind" | "name"> | null {
  if (fullName.startsWith("refs/tags/")) return { kind: "tag", name: fullName.slice("refs/tags/".length) };
  if (fullName.startsWith("refs/heads/"))
    return { kind: "branch", name: fullName.slice("refs/heads/".length) };
  return null;
}

// A server that does not name HEAD's branch leaves a guess: a branch at the same commit, the usual names first.
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

function tooManyRefs({ refs }: GitLimits) {
  return unavailable(`The repository has more than ${refs} tags and branches.`, {
    code: "git_too_many_refs",
  });
}
