// A conversation with `git-upload-pack`, whatever carries it.

import type { OutboundPolicy, Resolve } from "../outbound/outbound.ts";
import type { GitLimits } from "./mirror.ts";
import type { PktLines } from "./pkt-line.ts";

export type Transport = {
  /** The server's first words: the ref advertisement, without smart HTTP's service header. */
  lines: PktLines;
  /** Sends the one request; the answer's lines. */
  request(body: Uint8Array): Promise<PktLines>;
  /** The SSH host key that was met, `<type> <base64>`. */
  hostKey: string | null;
  close(): void;
};

export type Road = { policy: OutboundPolicy; limits: GitLimits; resolve?: Resolve };
