// Builds the request for a pack from the server's ref advertisement.
import { unavailable } from "../errors.ts";
import { fullName, type Advertisement } from "./advertisement.ts";
import type { Ref } from "./mirror.ts";
import { flush, pktLine, protocolFailure } from "./pkt-line.ts";

const neededCapabilities = ["side-band-64k", "shallow"];
/** Capabilities in git's own order. Azure DevOps requires one of the first two, although nothing is negotiated. */
const usedCapabilities = ["multi_ack_detailed", "multi_ack", "side-band-64k", "ofs-delta", "agent"];

/**
 * Requests the commits of all `refs` that are still where they were listed, depth 1. gitprotocol-pack(5), "packfile
 * negotiation": there are no local objects, so it ends at once. Throws unavailable when no ref is still there, or when
 * the server lacks a capability.
 */
export function packRequest(advertisement: Advertisement, refs: Ref[]): Buffer {
  const wanted = wantedObjects(advertisement, refs);
  const lacking = neededCapabilities.find((name) => !advertisement.capabilities.includes(name));
  if (lacking) throw protocolFailure(`The git server can't do "${lacking}".`);
  const used = usedOf(advertisement.capabilities).join(" ");
  const wants = wanted.map((object, i) => pktLine(`want ${object}${i === 0 ? ` ${used}` : ""}\n`));
  return Buffer.concat([...wants, pktLine("deepen 1\n"), flush, pktLine("done\n")]);
}

// The object under the ref, not the peeled commit: a server only serves objects that it advertises.
function wantedObjects({ refs: advertised }: Advertisement, refs: Ref[]): string[] {
  const wanted = new Set<string>();
  for (const ref of refs) {
    const found = advertised.get(fullName(ref));
    if (found && (found.peeled ?? found.object) === ref.reference) wanted.add(found.object);
  }
  if (wanted.size === 0) {
    throw unavailable("Every tag and branch moved while it was being fetched.", { code: "git_refs_moved" });
  }
  return [...wanted];
}

/** A client may only name capabilities that the server offers: gitprotocol-capabilities(5). */
function usedOf(offered: string[]): string[] {
  const used = usedCapabilities.filter((name) =>
    offered.some((each) => each === name || each.startsWith(`${name}=`)),
  );
  const chosen = used.includes("multi_ack_detailed") ? used.filter((name) => name !== "multi_ack") : used;
  return chosen.map((name) => (name === "agent" ? "agent=pricore" : name));
}
