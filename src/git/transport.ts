// A conversation with `git-upload-pack`, whatever carries it.

import { invalid } from "../errors.ts";
import type { OutboundPolicy, Resolve } from "../outbound.ts";
import type { GitLimits, Remote } from "./mirror.ts";
import type { PktLines } from "./pkt-line.ts";
import { parseRemote } from "./remote.ts";
import { openSmartHttp } from "./smart-http.ts";
import { openSsh } from "./ssh.ts";

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

/** Connects to `remote` over HTTP or SSH. Throws a Failure that says what to do, without the credential. */
export function openTransport(remote: Remote, road: Road): Promise<Transport> {
  const url = parseRemote(remote.url);
  const { credential } = remote;
  if (url.kind === "http") {
    if (credential?.kind === "ssh-key") throw wrongCredential("An SSH key can't open an https:// address.");
    return openSmartHttp(url, credential, road);
  }
  if (url.kind === "local") throw new Error("a local repository is read, not talked to");
  if (credential?.kind !== "ssh-key") throw wrongCredential("This address needs an SSH key.");
  return openSsh(url, { privateKey: credential.privateKey, hostKey: remote.hostKey }, road);
}

function wrongCredential(message: string) {
  return invalid(message, { code: "credential_kind", field: "credential" });
}
