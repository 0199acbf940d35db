// Verifies deliveries: over the raw bytes, in constant time.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

type Bytes = string | Uint8Array;

/** HMAC-SHA256 as 64 lower-case hex digits and nothing else. `null` never verifies. */
export function isSignedHex(signature: string | null, body: Bytes, secrets: string[]): boolean {
  if (signature === null || !/^[0-9a-f]{64}$/.test(signature)) return false;
  const received = Buffer.from(signature, "hex");
  return secrets.filter((secret) => timingSafeEqual(received, hmac(secret, [body]))).length > 0;
}

/** The same with the prefix `sha256=`. */
export function isSigned(signature: string | null, body: Bytes, secrets: string[]): boolean {
  return isSignedHex(signature?.startsWith("sha256=") ? signature.slice(7) : null, body, secrets);
}

/** HMAC-SHA256 of the concatenated parts. */
export function hmac(key: Bytes, parts: Bytes[]): Buffer {
  const sum = createHmac("sha256", key);
  for (const part of parts) sum.update(part);
  return sum.digest();
}

/** Digests are compared, so that not even the length can be measured. */
export function isSecret(received: string | null, secrets: string[]): boolean {
  if (received === null || received === "") return false;
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return secrets.filter((secret) => timingSafeEqual(digest(received), digest(secret))).length > 0;
}
