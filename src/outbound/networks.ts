// Internet addresses and networks: parsing them, and telling public addresses from private ones.

import type { BlockList } from "node:net";
import { isIP, net } from "../net.ts";

export type Network = { address: string; prefix: number; family: "ipv4" | "ipv6" };

/** `10.0.0.0/8`, `fd00::/8`, or one address; null for anything else. */
export function parseNetwork(text: string): Network | null {
  const [address = "", prefixText, ...rest] = text.split("/");
  const version = isIP(address);
  if (version === 0 || address.includes("%") || rest.length > 0) return null;
  const bits = version === 4 ? 32 : 128;
  if (prefixText !== undefined && !/^\d{1,3}$/.test(prefixText)) return null;
  const prefix = prefixText === undefined ? bits : Number(prefixText);
  return prefix > bits ? null : { address, prefix, family: version === 4 ? "ipv4" : "ipv6" };
}

/** An IPv4 address inside an IPv6 one (`::ffff:10.0.0.1`) counts as the IPv4 address. */
export function inNetwork({ address: base, prefix, family }: Network, address: string): boolean {
  const list = new (net().BlockList)();
  list.addSubnet(base, prefix, family);
  return list.check(address, isIP(address) === 4 ? "ipv4" : "ipv6");
}

/** False for every address that the IANA special-purpose registries don't call globally reachable, and for multicast. */
export function isPublicAddress(address: string): boolean {
  const version = isIP(address);
  return version !== 0 && !specialList().check(address, version === 4 ? "ipv4" : "ipv6");
}

// NAT64, 6to4 and Teredo addresses contain an IPv4 address that a relay would connect to, so all of them are refused.
const specialNetworks = [
  "0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.2.0/24",
  "192.88.99.0/24 192.168.0.0/16 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4",
  "::/96 64:ff9b::/96 64:ff9b:1::/48 100::/64 2001::/23 2001:db8::/32 2002::/16 3fff::/20 5f00::/16",
  "fc00::/7 fe80::/10 fec0::/10 ff00::/8",
];

let special: BlockList | null = null;

function specialList(): BlockList {
  if (special) return special;
  const list = new (net().BlockList)();
  for (const text of specialNetworks.join(" ").split(" ")) {
    const network = parseNetwork(text);
    if (network) list.addSubnet(network.address, network.prefix, network.family);
  }
  return (special = list);
}
