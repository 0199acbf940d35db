// Chooses the transport for a URL.

import { invalid } from "../errors.ts";
import type { Remote } from "./mirror.ts";
import { parseRemote } from "./remote.ts";
import { openSmartHttp } from "./smart-http.ts";
import type { TransportOptions, Transport } from "./transport.ts";

/** Connects to `remote` over HTTP or SSH. Failures say what to do and never contain the credential. */
export async function openTransport(remote: Remote, options: TransportOptions): Promise<Transport> {
  const url = parseRemote(remote.url);
  const { credential } = remote;
  if (url.kind === "http") {
    if (credential?.kind === "ssh-key") throw wrongCredential("An SSH key can't open an https:// address.");
    return openSmartHttp(url, credential, options);
  }
  if (url.kind === "local") throw new Error("a local repository is read, not talked to");
  if (credential?.kind !== "ssh-key") throw wrongCredential("This address needs an SSH key.");
  const { openSsh } = await import("./ssh.ts");
  return openSsh(url, { privateKey: credential.privateKey, hostKey: remote.hostKey }, options);
}

function wrongCredential(message: string) {
  return invalid(message, { code: "credential_kind", field: "credential" });
}
