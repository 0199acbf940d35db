// The client of a request. A proxy names the client it forwards for, and anybody can claim to be a proxy: only those
// that the operator named are trusted.
import { isIP } from "../../net.ts";
import { inNetwork, type Network } from "../../outbound/networks.ts";

/** A peer that connected to our socket file: it has no address, and is trusted because the file let it in. */
export const socketPeer = "unix";

/**
 * The peer's address, or, when the peer is one of `trusted`, the last address in `X-Forwarded-For` that is not: the
 * client may have written everything before it.
 */
export function clientAddress(peer: string, forwardedFor: string | null, trusted: Network[]): string {
  const isTrusted = (address: string) =>
    address === socketPeer || trusted.some((network) => inNetwork(network, address));
  const hops = (forwardedFor ?? "").split(",").map(withoutPort);
  let address = peer;
  while (hops.length > 0 && isTrusted(address)) {
    const hop = hops.pop() ?? "";
    if (isIP(hop) === 0) break;
    address = hop;
  }
  return address;
}

/** `192.0.2.1:4711` and `[2001:db8::1]:4711` are written by some proxies. */
function withoutPort(hop: string): string {
  const text = hop.trim();
  return /^\[([^\]]+)\](?::\d+)?$/.exec(text)?.[1] ?? /^(\d+(?:\.\d+){3}):\d+$/.exec(text)?.[1] ?? text;
}
