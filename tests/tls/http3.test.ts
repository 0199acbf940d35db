// HTTP/3: off unless it is wanted, announced to browsers, and on with the next certificate.
import { afterEach, beforeEach, expect, test } from "bun:test";
import type { Operator } from "../worlds/shell.ts";
import { secureFetch, type Version } from "../tools/secure-client.ts";
import { makeAuthority, putPair, type Authority, type Certificate } from "../tools/servers/authority.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { until } from "../tools/until.ts";
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

async function serve(env: Record<string, string> = {}) {
  const PORT = String(reservedPort());
  const https = `https://localhost:${PORT}`;
  const files = { TLS: "files", TLS_CERT_FILE: pair.cert, TLS_KEY_FILE: pair.key, HTTP_PORT: "off" };
  const served = await ann.serve({ env: { ...files, PORT, APP_URL: https, ...env } });
  // Bun's client knows one address of a name for HTTP/3, and that is the IPv6 one.
  const get = (version: Version) =>
    secureFetch(`${version === "http3" ? `https://127.0.0.1:${PORT}` : https}/health`, {
      ca: authority.pem,
      version,
    });
  return { served, get, PORT };
}

test("OP17: HTTP/3 is off and not announced by default", async () => {
  const { get } = await serve();
  expect((await get("http2")).headers.get("alt-svc")).toBe(null);
});

test("OP17: HTTP/3 answers, is announced, and loses no short request when the certificate changes", async () => {
  const { served, get, PORT } = await serve({ HTTP3: "true" });
  for (const version of ["http1.1", "http2"] as const)
    expect((await get(version)).headers.get("alt-svc")).toBe(`h3=":${PORT}"; ma=3600`);
  const over = new AbortController();
  const answers: (number | string)[] = [];
  const load = (async () => {
    while (!over.signal.aborted)
      answers.push(
        await get("http3").then(
          ({ status }) => status,
          (error: Error) => error.message,
        ),
      );
  })();
  for (let at = 1; at <= 2; at++) {
    await putPair(await authority.issue(`next-${at}`, ["localhost"]), pair);
    served.kill("SIGHUP");
    await until(() => served.events().filter((event) => event === "tls.swapped").length === at);
    const before = answers.length;
    await until(() => answers.length > before + 20, { what: "HTTP/3 goes on" });
  }
  over.abort();
  await load;
  expect(answers.filter((answer) => answer !== 200)).toEqual([]);
  served.kill("SIGTERM");
  expect(await served.ended).toBe(0);
});

test("OP17: a second server with HTTP/3 on the port is refused", async () => {
  const { PORT } = await serve({ HTTP3: "true" });
  const second = await serve({
    HTTP3: "true",
    PORT,
    APP_URL: `https://localhost:${PORT}`,
    DATA_DIR: `${ann.folder}/b`,
  });
  expect([second.served.code(), second.served.printed()]).toEqual([
    1,
    expect.stringContaining(`Port ${PORT} on 127.0.0.1 is in use`),
  ]);
});
