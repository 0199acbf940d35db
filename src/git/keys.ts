// SSH keys in the forms that the registry shows and pins.

import { createHash } from "node:crypto";
import ssh2 from "ssh2";
import { invalid } from "../errors.ts";

export type KeyPair = {
  /** OpenSSH private key format, without a passphrase. */
  privateKey: string;
  /** One line for a forge's list of deploy keys. */
  publicKey: string;
  fingerprint: string;
};

/** A new Ed25519 key pair; `comment` tells the forge's administrator what the key is for. */
export function generateKeyPair(comment: string): KeyPair {
  let pair = ssh2.utils.generateKeyPairSync("ed25519", { comment });
  // About one of 256 generated keys is encoded in a form that nothing can parse, ssh2 itself included.
  while (ssh2.utils.parseKey(pair.private) instanceof Error)
    pair = ssh2.utils.generateKeyPairSync("ed25519", { comment });
  return { privateKey: pair.private, publicKey: pair.public, fingerprint: fingerprint(pair.public) };
}

/** `SHA256:…` as `ssh-keygen -l` prints it; `key` is `<type> <base64>` with or without a comment. */
export function fingerprint(key: string): string {
  const blob = Buffer.from(key.split(" ")[1] ?? "", "base64");
  return `SHA256:${createHash("sha256").update(blob).digest("base64").replace(/=+$/, "")}`;
}

/**
 * The public key `<type> <base64>` of a private key. Throws invalid (`ssh_key_unreadable`) unless it is a key without a
 * passphrase.
 */
export function publicKeyOf(privateKey: string): string {
  const key = ssh2.utils.parseKey(privateKey);
  const parsed = Array.isArray(key) ? key[0] : key;
  if (!parsed || parsed instanceof Error || !parsed.isPrivateKey()) {
    throw invalid("That is no private SSH key, or it has a passphrase.", {
      code: "ssh_key_unreadable",
      field: "ssh-key",
      advice: "Give a key in OpenSSH's format that was made with an empty passphrase.",
    });
  }
  return `${parsed.type} ${parsed.getPublicSSH().toString("base64")}`;
}
