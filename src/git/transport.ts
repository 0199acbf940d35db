// A connection to `git-upload-pack` over any transport.

import type { OutboundPolicy, Resolve } from "../outbound/outbound.ts";
import type { GitLimits } from "./mirror.ts";
import type { PktLines } from "./pkt-line.ts";

export type Transport = {
  /** The ref advertisement, without smart HTTP's service header. */
  lines: PktLines;
  /** Sends the one request and answers the response's lines. */
  request(body: Uint8Array): Promise<PktLines>;
  /** Where a later request may go without listing the refs again; null where every connection begins with them. */
  packUrl: string | null;
  /** The server's SSH host key, `<type> <base64>`. */
  hostKey: string | null;
  /** The redirect target on the same host; null without a redirect. */
  movedTo: string | null;
  close(): void;
};

export type TransportOptions = { policy: OutboundPolicy; limits: GitLimits; resolve?: Resolve };
