// The key of an account at an authority, and what is signed with it (RFC 8555, 6.2; RFC 7638).
import { createHash, createHmac } from "node:crypto";

export type AccountKey = {
  jwk: JsonWebKey;
  /** Second half of every key authorization. */
  thumbprint: string;
  /** A JWS in flattened JSON; an empty payload is a "POST-as-GET". */
  sign(header: Record<string, unknown>, payload: unknown): Promise<string>;
};

const algorithm = { name: "ECDSA", namedCurve: "P-256" };

/** As JSON, to be encrypted and stored. */
export async function newAccountKey(): Promise<string> {
  const { privateKey } = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
  return JSON.stringify(await crypto.subtle.exportKey("jwk", privateKey));
}

export async function importAccountKey(json: string): Promise<AccountKey> {
  const whole = JSON.parse(json) as JsonWebKey;
  const privateKey = await crypto.subtle.importKey("jwk", whole, algorithm, false, ["sign"]);
  // The order of the members counts in the thumbprint.
  const jwk = { crv: whole.crv ?? "", kty: whole.kty ?? "", x: whole.x ?? "", y: whole.y ?? "" };
  const signature = async (text: string) => {
    const hashed = { name: "ECDSA", hash: "SHA-256" };
    return base64url(new Uint8Array(await crypto.subtle.sign(hashed, privateKey, Buffer.from(text))));
  };
  return {
    jwk,
    thumbprint: base64url(createHash("sha256").update(JSON.stringify(jwk)).digest()),
    sign: (header, payload) => jws({ alg: "ES256", ...header }, payload, signature),
  };
}

export type ExternalAccount = { keyId: string; key: string };

/** Proves that the account of `jwk` belongs to a customer of the authority (RFC 8555, 7.3.4). */
export function bindExternalAccount(
  { keyId, key }: ExternalAccount,
  { jwk, url }: { jwk: JsonWebKey; url: string },
): Promise<string> {
  const secret = Buffer.from(key, "base64url");
  const signature = async (text: string) => createHmac("sha256", secret).update(text).digest("base64url");
  return jws({ alg: "HS256", kid: keyId, url }, jwk, signature);
}

export function base64url(bytes: Uint8Array | string): string {
  return Buffer.from(bytes as Uint8Array).toString("base64url");
}

async function jws(
  header: Record<string, unknown>,
  payload: unknown,
  signature: (text: string) => Promise<string>,
): Promise<string> {
  const first = base64url(JSON.stringify(header));
  const second = payload === "" ? "" : base64url(JSON.stringify(payload));
  return JSON.stringify({
    protected: first,
    payload: second,
    signature: await signature(`${first}.${second}`),
  });
}
