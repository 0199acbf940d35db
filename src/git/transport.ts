// A conversation with `git-upload-pack`, whatever carries it.

import type { OutboundPolicy, Resolve } from "../outbound/outbound.ts";
import type { GitLimits } from "./mirror.ts";
import type { PktLines } from "./pkt-line.ts";

export type Transport = {
  /** The server's first words: the ref advertisement, without smart HTTP's service header. */
  lines: PktLines;
  /** Sends the one request; the answer's lines. */
  request(body: Uint8Array): Promise<PktLines>;
  /** Where a later request may be sent without asking for the refs again; null where every talk begins with them. */
  packUrl: string | null;
  /** The SSH host key that was met, `<type> <base64>`. */
  hostKey: string | null;
  /** The address on the same host that the server has redirected to; null when it did not. */
  movedTo: string | null;
  close(): void;
};

export type TransportOptions = { policy: OutboundPolicy; limits: GitLimits; resolve?: Resolve };
