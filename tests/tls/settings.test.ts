// Settings of HTTPS that contradict each other are reported together, before anything listens.
import { describe, expect, test } from "bun:test";
import { parseConfig } from "../../src/config/config.ts";

function problemsOf(env: Record<string, string>): string[] {
  const parsed = parseConfig(env);
  return "problems" in parsed ? parsed.problems : [];
}

const own = { APP_URL: "https://packages.acme.test", PORT: "443" };
const files = { ...own, TLS: "files", TLS_CERT_FILE: "/a.pem", TLS_KEY_FILE: "/a.key" };
const acme = { ...own, TLS: "acme" };

describe("settings of HTTPS", () => {
  test("fit", () => {
    for (const env of [files, acme, { ...files, HTTP_PORT: "off", HTTP3: "true" }])
      expect(problemsOf(env)).toEqual([]);
    const dns = {
      ACME_CHALLENGE: "dns-01",
      ACME_DNS_HOOK: "/hook",
      TLS_NAMES: "*.acme.test",
      HTTP_PORT: "off",
    };
    expect(problemsOf({ ...acme, ...dns })).toEqual([]);
  });

  test("are reported together with every other mistake", () => {
    const problems = problemsOf({
      TLS: "acme",
      APP_URL: "http://packages.acme.test",
      HTTP_PORT: "off",
      ACME_DIRECTORY: "ftp://authority.test",
      ACME_EAB_KID: "kid-1",
      TLS_NAMES: "*.acme.test,not_a host",
      SYNC_INTERVAL: "soon",
    });
    for (const name of [
      "TLS ",
      "HTTP_PORT ",
      "ACME_DIRECTORY ",
      "ACME_EAB_HMAC_KEY ",
      "TLS_NAMES ",
      "SYNC_INTERVAL ",
    ])
      expect(problems.some((problem) => problem.startsWith(name))).toBe(true);
  });

  for (const [what, env] of [
    ["a port that APP_URL does not name", { ...files, PORT: "8443" }],
    ["a plain port that is the same", { ...files, HTTP_PORT: "443" }],
    ["files without TLS=files", { TLS_CERT_FILE: "/a.pem" }],
    ["HTTP/3 without TLS", { HTTP3: "true" }],
    ["localhost at a public authority", { ...acme, APP_URL: "https://localhost" }],
    ["a private address at a public authority", { ...acme, APP_URL: "https://10.0.0.1" }],
    ["a wildcard without dns-01", { ...acme, TLS_NAMES: "*.acme.test" }],
    ["dns-01 without a hook", { ...acme, ACME_CHALLENGE: "dns-01" }],
    ["a plain directory elsewhere", { ...acme, ACME_DIRECTORY: "http://authority.test/dir" }],
    ["a certificate authority that cannot be read", { ...acme, ACME_CA_FILE: "/none.pem" }],
    ["a unix socket", { ...files, HOST: "unix:/run/http.sock" }],
    ["a unix socket without a path", { ...own, HOST: "unix:http.sock" }],
  ] as [string, Record<string, string>][])
    test(`are refused with ${what}`, () => expect(problemsOf(env)).toHaveLength(1));

  test("OP19: a socket of the service manager is refused with its reason", () => {
    expect(problemsOf({ LISTEN_FDS: "1" })).toEqual([
      "LISTEN_FDS is set, but Pricore opens its port itself: remove the .socket unit (socket activation is not supported)",
    ]);
  });
});
