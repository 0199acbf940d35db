// Renewal at the time that the authority names.
import { X509Certificate } from "node:crypto";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "bun:test";
import { renewalIdOf } from "../../src/tls/acme/certificate-request.ts";
import { makeAuthority } from "../tools/servers/authority.ts";
import { shownCertificate } from "../tools/secure-client.ts";
import { startPebble, type Pebble } from "../tools/servers/pebble.ts";
import { startRenewalInfo, type RenewalInfo } from "../tools/servers/renewal-info.ts";
import { succeeded } from "../tools/process.ts";
import { until } from "../tools/until.ts";
import { logged, openSecureOperator, type SecureOperator } from "./secure-operator.ts";

const day = 86_400_000;
let pebble: Pebble;
let info: RenewalInfo;
let ann: SecureOperator;
beforeEach(async () => {
  pebble = await startPebble();
  const pem = await Bun.file(pebble.caFile).text();
  const folder = join(pebble.caFile, "..");
  const authority = await makeAuthority(
    await Bun.$`mktemp -d -p ${folder}`.text().then((text) => text.trim()),
  );
  info = startRenewalInfo(pebble, await authority.issue("info", ["localhost"]), pem);
  ann = await openSecureOperator({
    directory: info.directory,
    caFile: authority.file,
    httpPort: pebble.httpPort,
  });
});
afterEach(async () => {
  await ann.close();
  await info.stop();
  await pebble.stop();
});

test("OP9: a certificate is renewed in the window of the authority, and the order names the one before", async () => {
  const later = { start: new Date(Date.now() + 2 * day), end: new Date(Date.now() + 3 * day) };
  info.windowOf = () => later;
  const first = await ann.serveAcme({ LOG_LEVEL: "debug" });
  await logged(first, "tls.serving");
  const before = await shownCertificate(ann.port, { ca: await pebble.roots() });
  first.kill("SIGTERM");
  await first.ended;

  const second = await ann.serveAcme({ LOG_LEVEL: "debug" });
  const { due } = await logged(second, "tls.not_due");
  expect(Number(due)).toBeGreaterThanOrEqual(later.start.getTime());
  expect(Number(due)).toBeLessThanOrEqual(later.end.getTime());
  expect(info.orders).toEqual([expect.not.objectContaining({ replaces: expect.anything() })]);
  second.kill("SIGTERM");
  await second.ended;

  // The authority changed its mind: its window has passed. It is asked again when the six hours are over.
  const [id = ""] = info.asked;
  info.windowOf = (each) => (each === id ? { start: new Date(0), end: new Date(1) } : later);
  const file = join(ann.dataDir, "pricore.sqlite");
  const sooner =
    "update settings set value = json_set(value, '$.advice.askAgainAt', 0) where name = 'certificate_renewal'";
  await succeeded(["sqlite3", file, sooner]);
  const third = await ann.serveAcme({ LOG_LEVEL: "debug" });
  await logged(third, "tls.renewed");
  expect(info.orders.map(({ replaces }) => replaces)).toEqual([undefined, id]);
  await until(async () => (await shownCertificate(ann.port, { ca: "" })).serial !== before.serial, {
    withinMs: 40_000,
  });
});

test("OP9: the id of a certificate is that of RFC 9773, and keeps the first zero of its number", async () => {
  // The example of RFC 9773, appendix A, has the serial 87:65:43:21 and this key identifier.
  const folder = await Bun.$`mktemp -d`.text().then((text) => text.trim());
  const authority = await makeAuthority(folder);
  const { cert } = await authority.issue("any", ["localhost"]);
  const pem = await Bun.file(cert).text();
  const id = (await renewalIdOf(pem)) ?? "";
  const serial = Buffer.from(id.split(".")[1] ?? "", "base64url").toString("hex");
  expect(BigInt(`0x${serial}`)).toBe(BigInt(`0x${new X509Certificate(pem).serialNumber}`));
  expect(Number.parseInt(serial.slice(0, 2), 16)).toBeLessThan(128);
  await Bun.$`rm -rf ${folder}`;
});
