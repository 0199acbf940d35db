// The key that encrypts stored secrets.
import type { Reader } from "./reader.ts";

export function appKey(read: Reader): Uint8Array | null {
  const text = read.text("APP_KEY", "");
  if (text === "") return null;
  const key = decodeKey(text);
  if (!key) read.problem("APP_KEY", "must be 32 bytes in base64, for instance from: openssl rand -base64 32");
  return key;
}

/** 32 bytes of base64, with or without Laravel's `base64:` in front; null when it is anything else. */
export function decodeKey(text: string): Uint8Array | null {
  const key = Buffer.from(text.trim().replace(/^base64:/, ""), "base64");
  return key.length === 32 ? new Uint8Array(key) : null;
}
