// Loads node:net on first use: importing it with its dependencies takes a tenth of the start time.

import type * as Net from "node:net";

/** As in node:net. */
export function isIP(text: string): number {
  return net().isIP(text);
}

export function net(): typeof Net {
  return require("node:net");
}

/**
 * The network whose requests are counted together: an IPv4 address, or the /64 of an IPv6 address, because one machine
 * usually has a whole /64. Different spellings of an address give the same network.
 */
export function networkOf(address: string): string {
  const groups = groupsOf(address.toLowerCase().replace(/%.*$/, ""));
  if (groups === null) return address;
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped)
    return groups
      .slice(6)
      .flatMap((group) => [group >> 8, group & 255])
      .join(".");
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}

/** The eight groups of an IPv6 address; null for anything else. */
function groupsOf(address: string): number[] | null {
  if (!address.includes(":")) return null;
  const [front = "", back] = address.split("::");
  const [head, tail] = [front, back ?? ""].map((half) => half.split(":").filter(Boolean).flatMap(groupsIn));
  const left = head ?? [];
  const right = tail ?? [];
  const missing = 8 - left.length - right.length;
  if (missing < 0 || (back === undefined && missing > 0)) return null;
  const groups = [...left, ...Array.from({ length: missing }, () => 0), ...right];
  return groups.some((group) => !(group >= 0 && group <= 0xffff)) ? null : groups;
}

/** An IPv4 address at the end of an IPv6 one is two groups. */
function groupsIn(text: string): number[] {
  if (!text.includes(".")) return [/^[0-9a-f]{1,4}$/.test(text) ? Number.parseInt(text, 16) : NaN];
  const [a = NaN, b = NaN, c = NaN, d = NaN] = text.split(".").map(Number);
  return [a * 256 + b, c * 256 + d];
}
