import { describe, expect, test } from "bun:test";
import { createLog, redact } from "../src/log.ts";
import { createSecrets } from "../src/secrets.ts";
import { hashToken, newToken } from "../src/registry/tokens.ts";
import { tokenIn } from "../src/http/composer/token-auth.ts";

const key = new Uint8Array(32).fill(7);

describe("a stored secret", () => {
  test("opens again with the same key and row", () => {
    const secrets = createSecrets(key);
    const sealed = secrets.seal("credentials", "row-1", "s3cret");
    expect(sealed).not.toContain("s3cret");
    expect(secrets.open("credentials", "row-1", sealed)).toBe("s3cret");
  });

  test("never looks the same twice", () => {
    const secrets = createSecrets(key);
    expect(secrets.seal("credentials", "row", "x")).not.toBe(secrets.seal("credentials", "row", "x"));
  });

  test("does not open for another row, with another key, or when it was changed", () => {
    const secrets = createSecrets(key);
    const sealed = secrets.seal("credentials", "row-1", "s3cret");
    const changed = sealed.slice(0, -2) + (sealed.endsWith("A=") ? "B=" : "A=");
    expect(() => secrets.open("credentials", "row-2", sealed)).toThrow("APP_KEY");
    expect(() => createSecrets(new Uint8Array(32)).open("credentials", "row-1", sealed)).toThrow("APP_KEY");
    expect(() => secrets.open("credentials", "row-1", changed)).toThrow("APP_KEY");
  });

  test("tells a wrong key by its fingerprint, which is not the key", () => {
    expect(createSecrets(key).fingerprint).toBe(createSecrets(key).fingerprint);
    expect(createSecrets(key).fingerprint).not.toBe(createSecrets(new Uint8Array(32)).fingerprint);
    expect(createSecrets(key).fingerprint).not.toContain(Buffer.from(key).toString("hex").slice(0, 16));
  });
});

describe("a new access token", () => {
  test("is prc_, 40 characters and a checksum of 6, and never the same", () => {
    const tokens = new Set(Array.from({ length: 200 }, newToken));
    expect(tokens.size).toBe(200);
    for (const token of tokens) expect(token).toMatch(/^prc_[0-9A-Za-z]{46}$/);
  });

  test("is kept as its SHA-256", () => {
    expect(hashToken("abc")).toBe("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  });

  test("is found in every form that Composer sends", () => {
    const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
    expect(tokenIn(basic("token:prc_1"))).toBe("prc_1");
    expect(tokenIn(basic("prc_1:"))).toBe("prc_1");
    expect(tokenIn(basic("prc_1:x-oauth-basic"))).toBe("prc_1");
    expect(tokenIn("Bearer prc_1")).toBe("prc_1");
    expect(tokenIn("bearer prc_1")).toBe("prc_1");
    for (const nothing of [null, "", "Basic", "Basic Og==", "Digest prc_1", `Bearer ${"x".repeat(2000)}`])
      expect(tokenIn(nothing)).toBeNull();
  });
});

describe("a log line", () => {
  const secrets = [
    "prc_0123456789abcdefghijABCDEFGHIJ0123456789abcdef",
    "https://ann:hunter2hunter2@git.acme.test/blog.git",
    "redis://:hunter2@hunter2hunter2@redis.acme.test:6379/1",
    "rediss://default:hunter2hunter2@[2001:db8::1]:6379",
    "Authorization: Basic dG9rZW46aHVudGVyMmh1bnRlcjI=",
    "authorization: bearer hunter2hunter2hunter2",
    "GET https://registry.acme.test/setup/hunter2hunter2hunter2hunter2hunter2hunter2xyz",
    "/reset-password/hunter2hunter2hunter2hunter2hunter2hunter2xyz?from=mail",
    "-----BEGIN OPENSSH PRIVATE KEY-----\nhunter2hunter2\n-----END OPENSSH PRIVATE KEY-----",
  ];

  test("never holds a token, a password or a key", () => {
    for (const format of ["json", "text"] as const) {
      const lines: string[] = [];
      const log = createLog({ level: "debug", format, write: (line) => lines.push(line) });
      for (const secret of secrets) log.warn("test.secret", { detail: secret });
      expect(lines).toHaveLength(secrets.length);
      expect(lines.join("\n")).not.toMatch(/hunter2|prc_0123|dG9rZW46/);
    }
  });

  test("keeps what is no secret", () => {
    expect(redact("https://git.acme.test/acme/blog.git at 3c1d")).toBe(
      "https://git.acme.test/acme/blog.git at 3c1d",
    );
  });
});
