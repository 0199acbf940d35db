// HTTPS with a certificate in two files that another program renews.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import type { Operator } from "../worlds/shell.ts";
import type { Served } from "../tools/binary.ts";
import { secureFetch, shownCertificate, type Version } from "../tools/secure-client.ts";
import { makeAuthority, putPair, type Authority, type Certificate } from "../tools/servers/authority.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { until } from "../tools/until.ts";
import { eventsIn } from "../tools/world.ts";
import { openWorld } from "../worlds/world.ts";

let ann: Operator;
let authority: Authority;
let pair: Certificate;
beforeEach(async () => {
  ann = await openWorld({ in: "shell" });
  authority = await makeAuthority(ann.folder);
  pair = await authority.issue("served", ["localhost"]);
});
afterEach(() => ann.close());

type Secure = Served & { https: string; http: string };

async function serve(env: Record<string, string> = {}): Promise<Secure> {
  const [PORT, HTTP_PORT] = [String(reservedPort()), String(reservedPort())];
  const files = { TLS: "files", TLS_CERT_FILE: pair.cert, TLS_KEY_FILE: pair.key };
  const https = `https://localhost:${PORT}`;
  const served = await ann.serve({ env: { ...files, PORT, HTTP_PORT, APP_URL: https, ...env } });
  return { ...served, https, http: `http://127.0.0.1:${HTTP_PORT}` };
}

const ca = () => authority.pem;
const statusOf = async (url: string, version: Version) =>
  (await secureFetch(`${url}/health`, { ca: ca(), version })).status;

async function readSerial({ cert }: Certificate): Promise<string> {
  const { X509Certificate } = await import("node:crypto");
  return new X509Certificate(await Bun.file(cert).text()).serialNumber;
}

describe("a certificate in files", () => {
  test("is served over HTTP/1.1 and HTTP/2", async () => {
    const { https, port } = await serve();
    for (const version of ["http1.1", "http2"] as const) expect(await statusOf(https, version)).toBe(200);
    const { serial, protocol } = await shownCertificate(port, { ca: ca() });
    expect({ serial, protocol }).toEqual({ serial: await readSerial(pair), protocol: "h2" });
  });

  test("is taken with any free port", async () => {
    const started = await serve({ PORT: "0", APP_URL: "https://localhost:0" });
    expect(await statusOf(`https://localhost:${started.port}`, "http1.1")).toBe(200);
  });

  test("OP12: is replaced without a signal within 65 seconds, and a pair that does not fit is not", async () => {
    const served = await serve();
    const next = await authority.issue("next", ["localhost"]);
    const serials = async () => [
      await readSerial(pair),
      (await shownCertificate(served.port, { ca: ca() })).serial,
    ];
    const before = await readSerial(pair);
    await putPair({ cert: next.cert, key: pair.key }, pair);
    served.kill("SIGHUP");
    await until(() => served.events().includes("tls.refused"), { what: "the mismatch is logged" });
    expect(eventsIn(served.printed(), "tls.refused")[0]?.reason).toBe(
      "The private key does not belong to the certificate.",
    );
    expect((await shownCertificate(served.port, { ca: ca() })).serial).toBe(before);
    await putPair(next, pair);
    await until(async () => new Set(await serials()).size === 1, { withinMs: 65_000 });
    expect(served.events().filter((event) => event === "tls.swapped")).toHaveLength(1);
  });

  test("OP12: of other names, or no longer valid, does not replace a good one", async () => {
    const served = await serve();
    const before = await readSerial(pair);
    const others = [
      await authority.issue("other", ["packages.acme.test"]),
      await authority.issue("expired", ["localhost"], { days: -1 }),
    ];
    for (const [at, other] of others.entries()) {
      await putPair(other, pair);
      served.kill("SIGHUP");
      await until(() => eventsIn(served.printed(), "tls.refused").length === at + 1);
    }
    const reasons = eventsIn(served.printed(), "tls.refused").map(({ reason }) => reason);
    expect(reasons).toEqual([
      "The certificate is for other names: localhost is missing.",
      "The new certificate is not valid now.",
    ]);
    expect((await shownCertificate(served.port, { ca: ca() })).serial).toBe(before);
  });

  test("that cannot be used refuses the start, and says why", async () => {
    const other = await authority.issue("other", ["localhost"]);
    for (const [env, reason] of [
      [{ TLS_KEY_FILE: other.key }, "The private key does not belong to the certificate."],
      [{ TLS_CERT_FILE: pair.key }, "The certificate is not PEM"],
      [{ TLS_CERT_FILE: `${ann.folder}/none.pem` }, "none.pem cannot be read"],
      [{ TLS_NAMES: "p2.acme.test" }, "p2.acme.test is missing"],
    ] as const) {
      const refused = await serve(env);
      expect(refused.code()).toBe(1);
      expect(refused.printed()).toContain(reason);
    }
  });

  test("OP16: that has expired goes on being served, and the log says so", async () => {
    pair = await authority.issue("expired", ["localhost"], { days: -1 });
    const served = await serve();
    expect((await shownCertificate(served.port, { ca: ca() })).serial).toBe(await readSerial(pair));
    expect(served.events()).toContain("tls.expired");
  });
});

describe("the plain port", () => {
  test("sends readers to HTTPS, and nobody else", async () => {
    const { http, https } = await serve();
    const path = "/docs/installation?from=plain";
    const redirect = await fetch(http + path, { redirect: "manual" });
    expect([redirect.status, redirect.headers.get("location")]).toEqual([308, https + path]);
    const posted = await fetch(`${http}/sign-in`, { method: "POST", body: "a=b", redirect: "manual" });
    expect([posted.status, posted.headers.get("upgrade"), posted.headers.get("location")]).toEqual([
      426,
      "TLS/1.2",
      null,
    ]);
    expect(await posted.text()).toContain(https);
  });

  test("OP15: refuses a credential that was sent in clear, and logs it without the credential", async () => {
    const served = await serve();
    const headers = { Authorization: "Bearer prc_0123456789abcdefghij" };
    const refused = await fetch(`${served.http}/acme/packages.json?a=b`, { headers, redirect: "manual" });
    expect([refused.status, refused.headers.get("location")]).toEqual([403, null]);
    await until(() => served.events().includes("tls.credential_in_clear"));
    const [event] = eventsIn(served.printed(), "tls.credential_in_clear");
    expect(event).toMatchObject({ method: "GET", path: "/acme/packages.json", address: "127.0.0.1" });
    expect(served.printed()).not.toContain("prc_0123456789");
  });

  test("OP14: answers an unknown challenge with 404, and does not send it to HTTPS", async () => {
    const { http } = await serve();
    for (const token of ["unknown", "", "..%2f..%2fetc", "a".repeat(5000)]) {
      const url = `${http}/.well-known/acme-challenge/${token}`;
      expect((await fetch(url, { redirect: "manual" })).status).toBe(404);
    }
  });

  test("can be off", async () => {
    const { https, http } = await serve({ HTTP_PORT: "off" });
    expect(await statusOf(https, "http1.1")).toBe(200);
    expect(await fetch(http).catch((error) => error.code)).toBe("ECONNREFUSED");
  });
});
