// Certificates from an authority, by the built binary and pebble.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import { connect } from "node:tls";
import { startPebble, type Pebble } from "../tools/servers/pebble.ts";
import { reservedPort } from "../tools/servers/ports.ts";
import { until } from "../tools/until.ts";
import { eventsIn } from "../tools/world.ts";
import { logged, openSecureOperator, type SecureOperator } from "./secure-operator.ts";

const name = "packages.acme.test";
let pebble: Pebble;
let ann: SecureOperator;
beforeAll(async () => void (pebble = await startPebble({ refusedNonces: 20 })));
beforeEach(async () => void (ann = await openSecureOperator(pebble)));
afterEach(() => ann.close());
afterAll(() => pebble.stop());

/** The certificate that a client gets who believes only this authority. */
async function leafAt(port: number, roots?: string): Promise<X509Certificate> {
  const ca = roots ?? (await pebble.roots());
  const { promise, resolve, reject } = Promise.withResolvers<X509Certificate>();
  const socket = connect({ host: "127.0.0.1", port, ca, servername: name }, () => {
    resolve(new X509Certificate(socket.getPeerCertificate().raw));
    socket.end();
  });
  socket.on("error", reject);
  return promise;
}

describe("a certificate from an authority", () => {
  test("OP1, OP2, OP4: is there seconds after the first start, for two names, though every fifth nonce is refused", async () => {
    const served = await ann.serveAcme({ TLS_NAMES: "p2.acme.test" });
    const started = performance.now();
    await logged(served, "tls.serving");
    expect(performance.now() - started).toBeLessThan(15_000);
    const leaf = await leafAt(ann.port);
    expect(leaf.subjectAltName).toBe(`DNS:${name}, DNS:p2.acme.test`);
    const { status } = await fetch(`https://127.0.0.1:${ann.port}/health`, {
      headers: { Host: new URL(ann.https).host },
      tls: { ca: await pebble.roots(), serverName: name, checkServerIdentity: () => undefined },
    } as RequestInit);
    expect(status).toBe(200);
    expect(served.printed()).not.toContain("PRIVATE KEY");
  });

  test("OP3: is the same after a restart, and so is the account", async () => {
    const first = await ann.serveAcme();
    await logged(first, "tls.serving");
    const before = (await leafAt(ann.port)).serialNumber;
    first.kill("SIGTERM");
    await first.ended;
    const second = await ann.serveAcme();
    expect((await leafAt(ann.port)).serialNumber).toBe(before);
    // Another name needs another certificate; the first one serves until then.
    second.kill("SIGTERM");
    await second.ended;
    const accounts = () => pebble.printed().match(/There are now \d+ accounts in memory/g)?.length ?? 0;
    const accountsBefore = accounts();
    const third = await ann.serveAcme({ TLS_NAMES: "p2.acme.test" });
    await logged(third, "tls.serving");
    expect((await leafAt(ann.port)).serialNumber).toBe(before);
    await logged(third, "tls.renewed");
    expect(accounts()).toBe(accountsBefore);
  });

  test("OP13: a second server answers the challenge of the first", async () => {
    const worker = await ann.serve({ args: ["worker"] });
    const server = await ann.serve({ args: ["serve", "--no-worker"] });
    await logged(worker, "tls.renewed");
    await logged(server, "tls.serving");
    expect((await leafAt(ann.port)).subjectAltName).toBe(`DNS:${name}`);
  });

  test("OP5: that the authority refuses is reported in its words, and tried no more than four times an hour", async () => {
    const elsewhere = String(reservedPort());
    let served = await ann.serveAcme({ HTTP_PORT: elsewhere });
    const { reason } = await logged(served, "tls.renewal_failed");
    expect(reason).toMatch(/packages\.acme\.test: .*connection refused.*\(connection\)/);
    const page = `http://127.0.0.1:${elsewhere}/sign-in`;
    await until(async () => (await (await fetch(page)).text()).includes("connection refused"));
    const waiting = await fetch(page);
    expect([waiting.status, waiting.headers.get("retry-after")]).toEqual([503, "10"]);
    const composer = await fetch(`http://127.0.0.1:${elsewhere}/acme/packages.json`);
    expect([composer.status, composer.headers.get("retry-after")]).toEqual([503, "1"]);
    expect(((await composer.json()) as { warning: string }).warning).toContain(
      "waiting for its first certificate",
    );
    for (let restart = 1; restart <= 3; restart++) {
      served.kill("SIGTERM");
      await served.ended;
      served = await ann.serveAcme({ HTTP_PORT: elsewhere });
      await logged(served, "tls.renewal_failed");
    }
    // The fifth attempt of this hour: the job runs, and does nothing.
    served.kill("SIGTERM");
    await served.ended;
    served = await ann.serveAcme({ HTTP_PORT: elsewhere, LOG_LEVEL: "debug" });
    await logged(served, "tls.not_due");
    expect(eventsIn(served.printed(), "tls.renewal_failed")).toEqual([]);
  });
});
