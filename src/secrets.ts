// Secrets at rest: AES-256-GCM, one sub-key per purpose (HKDF), the row's identity as associated data, so that
// a value copied to another row does not decrypt.
import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { unavailable } from "./errors.ts";

type Purpose =
  | "credentials"
  | "first-install"
  | "mail"
  | "shown-once"
  | "totp"
  | "known-browser"
  | "oauth"
  | "webhooks"
  | "setup"
  | "move"
  | "probe"
  | "tls";
export type Secrets = {
  /** Identifies the key without revealing it; stored in the database to recognize a wrong key at start. */
  fingerprint: string;
  seal(purpose: Purpose, row: string, secret: string): string;
  /** Fails as `unavailable` when the key is not the one that sealed it or is gone, or the row is another. */
  open(purpose: Purpose, row: string, sealed: string): string;
};

export function createSecrets(key: Uint8Array): Secrets {
  const subKey = (purpose: string) =>
    Buffer.from(hkdfSync("sha256", key, new Uint8Array(0), `pricore ${purpose}`, 32));
  return {
    fingerprint: createHash("sha256").update(subKey("fingerprint")).digest("hex").slice(0, 32),
    seal(purpose, row, secret) {
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", subKey(purpose), nonce).setAAD(Buffer.from(row));
      const text = Buffer.concat([cipher.update(secret, "utf8"), cipher.final()]);
      return `v1.${Buffer.concat([nonce, cipher.getAuthTag(), text]).toString("base64")}`;
    },
    open(purpose, row, sealed) {
      if (sealed === "")
        throw unavailable("This was encrypted with a key that was replaced.", {
          code: "secret_forgotten",
          advice: "Enter it again.",
        });
      try {
        const bytes = Buffer.from(sealed.replace(/^v1\./, ""), "base64");
        const cipher = createDecipheriv("aes-256-gcm", subKey(purpose), bytes.subarray(0, 12));
        cipher.setAAD(Buffer.from(row)).setAuthTag(bytes.subarray(12, 28));
        return Buffer.concat([cipher.update(bytes.subarray(28)), cipher.final()]).toString("utf8");
      } catch {
        throw unavailable("A stored credential cannot be read with this APP_KEY.", {
          code: "key_mismatch",
          advice: "Start with the key it was encrypted with, or enter the credential again.",
        });
      }
    },
  };
}
