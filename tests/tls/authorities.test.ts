// Authorities that want more than a name, and the record that a program sets.
import { afterEach, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runHook } from "../../src/tls/acme/dns-hook.ts";
import { fakeTimeLibrary } from "../tools/fake-time.ts";
import { shownCertificate } from "../tools/secure-client.ts";
import { startPebble, type Pebble, type PebbleOptions } from "../tools/servers/pebble.ts";
import { until } from "../tools/until.ts";
import { logged, openSecureOperator, type SecureOperator } from "./secure-operator.ts";

const name = "packages.acme.test";
const opened: { pebble: Pebble; ann: SecureOperator }[] = [];
afterEach(async () => {
  for (const { pebble, ann } of opened.splice(0)) {
    await ann.close();
    await pebble.stop();
  }
});

async function open(options: PebbleOptions = {}): Promise<{ pebble: Pebble; ann: SecureOperator }> {
  const pebble = await startPebble(options);
  const ann = await openSecureOperator(pebble);
  opened.push({ pebble, ann });
  return { pebble, ann };
}

/** A process that ended and was not collected is not running. */
function isRunning(pid: string): boolean {
  const path = `/proc/${pid}/stat`;
  return existsSync(path) && !/\) [ZX] /.test(readFileSync(path, "utf8"));
}

const externalAccount = {
  keyId: "kid-1",
  key: "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W",
};

describe("an authority", () => {
  test("OP6: that wants an external account refuses none and a wrong one in its words, and takes the right one", async () => {
    const { ann } = await open({ externalAccount });
    const wrong = Buffer.from("another key of thirty-two bytes.").toString("base64url");
    const tries = [
      [{}, /set ACME_EAB_KID and ACME_EAB_HMAC_KEY/],
      [{ ACME_EAB_KID: "kid-1", ACME_EAB_HMAC_KEY: wrong }, /\((unauthorized|malformed)\)/],
    ] as const;
    for (const [env, reason] of tries) {
      const refused = await ann.serveAcme(env);
      expect((await logged(refused, "tls.renewal_failed")).reason).toMatch(reason);
      expect(refused.printed()).not.toContain(wrong);
      refused.kill("SIGTERM");
      await refused.ended;
    }
    const served = await ann.serveAcme({ ACME_EAB_KID: "kid-1", ACME_EAB_HMAC_KEY: externalAccount.key });
    await logged(served, "tls.serving");
  });

  test("OP7: that nobody vouches for is refused, and the reason names ACME_CA_FILE", async () => {
    const { ann } = await open();
    const system = "/etc/ssl/certs/ca-certificates.crt";
    const refused = await ann.serveAcme({ ACME_CA_FILE: system });
    const { reason } = await logged(refused, "tls.renewal_failed");
    expect(reason).toMatch(/The certificate of localhost:\d+ can't be verified .*ACME_CA_FILE/);
  });

  test("OP10: gives the next certificate when a third of the lifetime is left, by the server's clock", async () => {
    const { ann } = await open({ lifetimeSeconds: 90 * 86_400 });
    const first = await ann.serveAcme();
    await logged(first, "tls.serving");
    first.kill("SIGTERM");
    await first.ended;
    const at = async (days: number) => {
      const env = { LD_PRELOAD: fakeTimeLibrary() ?? "", FAKETIME: `+${days}d`, LOG_LEVEL: "debug" };
      return ann.serveAcme(env);
    };
    const early = await at(59);
    await logged(early, "tls.not_due");
    expect(early.events()).not.toContain("tls.renewed");
    early.kill("SIGTERM");
    await early.ended;
    await logged(await at(61), "tls.renewed");
  });
});

describe("a record that a program sets", () => {
  /** Writes what it is called with, and tells pebble's name server. */
  function hook(ann: SecureOperator, body: string): string {
    const path = join(ann.folder, "dns-hook");
    writeFileSync(path, `#!/bin/sh\necho "$@" >> ${ann.folder}/calls\n${body}\n`);
    chmodSync(path, 0o755);
    return path;
  }

  test("OP8: proves a wildcard, and is cleared afterwards", async () => {
    const { ann, pebble } = await open();
    const json = `{\\"host\\":\\"$2.\\",\\"value\\":\\"$3\\"}`;
    const path = hook(ann, `curl -sf -d "${json}" ${pebble.dnsCommands}/$1-txt`);
    const env = { ACME_CHALLENGE: "dns-01", ACME_DNS_HOOK: path, TLS_NAMES: "*.acme.test", HTTP_PORT: "off" };
    await logged(await ann.serveAcme(env), "tls.serving");
    const { names } = await shownCertificate(ann.port, { ca: await pebble.roots(), name });
    expect(names.split(", ").toSorted()).toEqual(["DNS:*.acme.test", `DNS:${name}`]);
    const calls = readFileSync(join(ann.folder, "calls"), "utf8").trim().split("\n");
    expect(calls.map((each) => each.split(" ").slice(0, 2).join(" ")).toSorted()).toEqual([
      "clear _acme-challenge.acme.test",
      `clear _acme-challenge.${name}`,
      "set _acme-challenge.acme.test",
      `set _acme-challenge.${name}`,
    ]);
  });

  test("OP8: by one that fails is reported with what it printed", async () => {
    const { ann } = await open();
    const path = hook(ann, "echo the zone is locked >&2; exit 3");
    const env = { ACME_CHALLENGE: "dns-01", ACME_DNS_HOOK: path, HTTP_PORT: "off" };
    const { reason } = await logged(await ann.serveAcme(env), "tls.renewal_failed");
    expect(reason).toBe(`The program ${path} (set) ended with 3. the zone is locked.`);
  });

  test("OP8: by one that hangs is ended, with whatever it has started", async () => {
    const { ann } = await open();
    const path = hook(ann, "sleep 60 & echo $! > pid; sleep 60".replace("pid", join(ann.folder, "pid")));
    const failure = await runHook(path, ["set", "a", "b"], 1000).catch((error: Error) => error.message);
    expect(failure).toBe(`The program ${path} (set) did not end within 1 s.`);
    const started = readFileSync(join(ann.folder, "pid"), "utf8").trim();
    await until(() => !isRunning(started), { what: "what it has started is ended", withinMs: 5000 });
  });
});
