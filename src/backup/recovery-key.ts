// The recovery key: an X25519 pair whose private half is printed once and stored nowhere. What is sealed for the public
// half, the installation itself cannot open.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
} from "node:crypto";
import { invalid, unavailable } from "../errors.ts";

type RecoveryPair = {
  /** The public half, base64. */
  publicKey: string;
  /** The private half, to be printed. */
  text: string;
};

/** What stands before the 32 bytes of a key in its DER forms. */
const privateHead = Buffer.from("302e020100300506032b656e04220420", "hex");
const publicHead = Buffer.from("302a300506032b656e032100", "hex");
const keyBytes = 32;
const checkBytes = 3;

export function makeRecoveryPair(): RecoveryPair {
  const { privateKey } = generateKeyPairSync("x25519");
  const secret = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-keyBytes);
  return { publicKey: publicHalf(secret).toString("base64"), text: recoveryText(secret) };
}

/** Fails as `invalid` for a text with a wrong or missing character. Case, spaces and hyphens do not matter. */
export function parseRecoveryKey(text: string): Buffer {
  const bytes = fromBase32(text.trim().replace(/^pricore-/i, ""));
  const secret = bytes.subarray(0, keyBytes);
  if (bytes.length === keyBytes + checkBytes && checkOf(secret).equals(bytes.subarray(keyBytes)))
    return secret;
  throw invalid("This is not a recovery key: a character is wrong or missing.", {
    code: "recovery_key",
    advice: "It begins with pricore- and has 14 groups of four characters.",
  });
}

/** base64: the sender's public half, then the sealed bytes. */
export function sealFor(publicKey: string, purpose: string, bytes: Uint8Array): string {
  const { privateKey } = generateKeyPairSync("x25519");
  const secret = privateKey.export({ format: "der", type: "pkcs8" }).subarray(-keyBytes);
  const [sender, receiver] = [publicHalf(secret), Buffer.from(publicKey, "base64")];
  const cipher = createCipheriv(
    "aes-256-gcm",
    sharedKey(secret, receiver, { sender, receiver, purpose }),
    noNonce,
  );
  const text = Buffer.concat([cipher.update(bytes), cipher.final()]);
  return Buffer.concat([sender, text, cipher.getAuthTag()]).toString("base64");
}

/** Fails as `unavailable` when it was sealed for another key or has changed. */
export function openWith(secret: Buffer, purpose: string, sealed: string): Uint8Array {
  const bytes = Buffer.from(sealed, "base64");
  const [sender, receiver] = [bytes.subarray(0, keyBytes), publicHalf(secret)];
  try {
    const key = sharedKey(secret, sender, { sender, receiver, purpose });
    const cipher = createDecipheriv("aes-256-gcm", key, noNonce).setAuthTag(bytes.subarray(-16));
    return new Uint8Array(Buffer.concat([cipher.update(bytes.subarray(keyBytes, -16)), cipher.final()]));
  } catch {
    throw unavailable("This recovery key does not open this backup.", {
      code: "recovery_key",
      advice: "Use the one that was printed when the backup was set up.",
    });
  }
}

/** The key is made for one message only, so that the nonce may be constant. */
const noNonce = Buffer.alloc(12);

type Ends = { sender: Buffer; receiver: Buffer; purpose: string };

function sharedKey(secret: Buffer, other: Buffer, { sender, receiver, purpose }: Ends): Buffer {
  const shared = diffieHellman({
    privateKey: createPrivateKey({ key: Buffer.concat([privateHead, secret]), format: "der", type: "pkcs8" }),
    publicKey: createPublicKey({ key: Buffer.concat([publicHead, other]), format: "der", type: "spki" }),
  });
  return Buffer.from(
    hkdfSync("sha256", shared, Buffer.concat([sender, receiver]), `pricore recovery of ${purpose}`, 32),
  );
}

function publicHalf(secret: Buffer): Buffer {
  const key = createPrivateKey({ key: Buffer.concat([privateHead, secret]), format: "der", type: "pkcs8" });
  return createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-keyBytes);
}

function checkOf(secret: Uint8Array): Buffer {
  return createHash("sha256").update("pricore recovery key").update(secret).digest().subarray(0, checkBytes);
}

function recoveryText(secret: Buffer): string {
  const text = toBase32(Buffer.concat([secret, checkOf(secret)]));
  return `pricore-${text.match(/.{4}/g)?.join("-")}`;
}

/** Crockford's: without letters that look like digits. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

function toBase32(bytes: Buffer): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{5}/g) ?? []).map((five) => alphabet[Number.parseInt(five, 2)]).join("");
}

function fromBase32(text: string): Buffer {
  const clean = text.toUpperCase().replace(/[\s-]/g, "").replaceAll("O", "0").replace(/[IL]/g, "1");
  const bits = [...clean].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  return Buffer.from((bits.match(/[01]{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
}
