// Limits by network: somebody with a /64 of IPv6 has 2^64 addresses and is still counted once.
import { afterAll, beforeEach, expect, test } from "bun:test";
import { networkOf } from "../../../src/net.ts";
import { makePerson, password, visitor } from "../../pages/visitor.ts";
import type { TestApp } from "../../worlds/process.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;

beforeEach(async () => {
  await world?.close();
  world = await openWorld({
    in: "process",
    environment: { TRUSTED_PROXIES: "127.0.0.1", SIGN_UP_ENABLED: "true" },
  });
});
afterAll(() => world?.close());

const inOneNetwork = (at: number) => `2001:db8:1:2:${at.toString(16)}::${(at * 7).toString(16)}`;

async function refusedOf(
  count: number,
  ask: (from: string, at: number) => Promise<Response>,
): Promise<number> {
  let refused = 0;
  for (let at = 1; at <= count; at++) if ((await ask(inOneNetwork(at), at)).status === 429) refused++;
  return refused;
}

test("FA12: one network has one name, however its address is written", () => {
  const cases: [string, string][] = [
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["::FFFF:c000:0207", "192.0.2.7"],
    ["0:0:0:0:0:ffff:c000:207", "192.0.2.7"],
    ["2001:db8::1", "2001:db8:0:0::/64"],
    ["2001:DB8:0:0:1:2:3:4", "2001:db8:0:0::/64"],
    ["2001:0db8:0000:0000::5", "2001:db8:0:0::/64"],
    ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
    ["2001:db8:1:2:3:4:192.0.2.1", "2001:db8:1:2::/64"],
    ["fe80::1%eth0", "fe80:0:0:0::/64"],
    ["::1", "0:0:0:0::/64"],
    ["", ""],
    ["made up", "made up"],
    ["1:2:3", "1:2:3"],
  ];
  for (const [address, name] of cases) expect([address, networkOf(address)]).toEqual([address, name]);
});

test("FA12: mail that is asked for from one /64 is counted together", async () => {
  const ask = (from: string, at: number) =>
    visitor(world).post("/reset-password", { email: `p${at}@acme.test` }, { "X-Forwarded-For": from });
  expect(await refusedOf(30, ask)).toBe(10);
});

test("FA12: challenges for passkeys from one /64 are counted together", async () => {
  const ask = (from: string) =>
    visitor(world).post("/sign-in/passkey/challenge", {}, { "X-Forwarded-For": from });
  expect(await refusedOf(70, ask)).toBe(10);
});

test("FA12: passwords that are guessed from one /64 are counted together", async () => {
  await makePerson(world, "ann");
  const ask = (from: string, at: number) =>
    visitor(world).post(
      "/sign-in",
      { email: `p${at}@acme.test`, password: password("ann") },
      { "X-Forwarded-For": from },
    );
  expect(await refusedOf(35, ask)).toBe(5);
});
