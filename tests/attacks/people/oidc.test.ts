// Signing in by an OpenID Connect provider: tokens that are forged, answers that are another's, a provider that is not
// one.
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { listUsers, updateUser } from "../../../src/store/accounts/users.ts";
import { setUpApp } from "../../pages/accounts/code-app.ts";
import { signedIn, visitor, visitorAt, type Visitor } from "../../pages/visitor.ts";
import type { TestApp } from "../../worlds/process.ts";
import { startOidc, type Lie, type OidcServer } from "../../tools/forges/oidc-server.ts";
import { openWorld } from "../../worlds/world.ts";

const minute = 60_000;
let provider: OidcServer;
let world: TestApp;

beforeAll(() => {
  provider = startOidc({ now: () => world.app.now() });
});
beforeEach(async () => {
  await world?.close();
  Object.assign(provider, { lie: null, saysEmail: true, person: ann });
  provider.requests.length = 0;
  world = await openWorld({
    in: "process",
    environment: { ...provider.environment, SIGN_UP_ENABLED: "true" },
  });
});
afterAll(async () => {
  await world?.close();
  await provider.stop();
});

const ann = {
  sub: "u-7",
  email: "Ann@acme.test",
  email_verified: true,
  name: "Ann",
  preferred_username: "ann",
};

async function goThere(person: Visitor = visitor(world)): Promise<Response> {
  const away = await person.get("/auth/oidc/redirect");
  if (away.status !== 303) return away;
  return person.get(await provider.agree(away.headers.get("location") ?? ""));
}

async function goByForm(person: Visitor, path: string, form = {}): Promise<Response> {
  const shown = await person.post(path, form);
  if (shown.status !== 200) return shown;
  const [, href = ""] = /content="0; url=([^"]+)"/.exec(await shown.text()) ?? [];
  return person.get(await provider.agree(href.replaceAll("&amp;", "&")));
}

async function isIn(person: Visitor): Promise<boolean> {
  return (await person.get("/account/sessions")).status === 200;
}

const people = async () => (await listUsers(world.app.db)).map(({ email }) => email);

test("I12: the way to the provider carries state, nonce and PKCE; an honest answer signs in", async () => {
  const browser = visitor(world);
  const away = await browser.get("/auth/oidc/redirect");
  const { searchParams } = new URL(away.headers.get("location") ?? "");
  for (const name of ["state", "nonce", "code_challenge"])
    expect([name, /^[\w-]{43}$/.test(searchParams.get(name) ?? "")]).toEqual([name, true]);
  expect(searchParams.get("redirect_uri")).toBe(`${world.app.config.appUrl}/auth/oidc/callback`);
  expect(searchParams.get("scope")).toBe("openid email profile");
  expect((await browser.get(await provider.agree(away.headers.get("location") ?? ""))).status).toBe(303);
  expect(await isIn(browser)).toBe(true);
  expect(await people()).toEqual(["ann@acme.test"]);
  expect(await browser.read("/account/connections")).toContain("Acme ID");
  expect(await visitor(world).read("/sign-in")).toContain("Sign in with Acme ID");
});

const lies: [Lie, number][] = [
  ["another key", 422],
  ["unsigned", 422],
  ["another audience", 422],
  ["another issuer", 422],
  ["another nonce", 422],
  ["expired", 422],
  ["no issuer in the answer", 422],
  ["another issuer in the answer", 400],
  ["another issuer in its description", 422],
];
for (const [lie, status] of lies)
  test(`I12: an answer with ${lie} opens nothing and makes nothing`, async () => {
    provider.lie = lie;
    const browser = visitor(world);
    const answer = await goThere(browser);
    expect([answer.status, await answer.text()]).toEqual([status, expect.stringContaining("Acme ID")]);
    expect(await isIn(browser)).toBe(false);
    expect(await people()).toEqual([]);
  });

test("I12: a code that was stolen is worth nothing in another browser, and an answer works once", async () => {
  const [victim, thief] = [visitor(world), visitor(world)];
  const path = await provider.agree((await victim.get("/auth/oidc/redirect")).headers.get("location") ?? "");
  const own = await provider.agree((await thief.get("/auth/oidc/redirect")).headers.get("location") ?? "");
  expect((await thief.get(path)).status).toBe(400);
  const mixed = new URL(own, "http://localhost");
  mixed.searchParams.set("code", new URL(path, "http://localhost").searchParams.get("code") ?? "");
  expect((await thief.get(mixed.pathname + mixed.search)).status).toBe(422);
  const answer = await goThere(victim);
  expect(answer.status).toBe(303);
  expect((await victim.get(path)).status).toBe(400);
});

test("I13: an identity is issuer and subject; the address counts only when it is verified", async () => {
  provider.saysEmail = false;
  const browser = visitor(world);
  expect((await goThere(browser)).status).toBe(303);
  expect(await people()).toEqual(["ann@acme.test"]);
  provider.person = { sub: "u-7", email: "other@acme.test", email_verified: false };
  const again = visitor(world);
  expect((await goThere(again)).status).toBe(303);
  expect(await isIn(again)).toBe(true);
  expect(await people()).toEqual(["ann@acme.test"]);
  for (const person of [
    { sub: "u-8", email: "eve@acme.test", email_verified: false },
    { sub: "u-8", email: "eve@acme.test" },
    { sub: "u-8" },
    { ...ann, sub: "u-8" },
  ]) {
    provider.person = person;
    expect((await goThere()).status).toBe(403);
  }
  expect(await people()).toEqual(["ann@acme.test"]);
});

test("I14: a second factor is asked for after the provider, too", async () => {
  const browser = visitor(world);
  await goThere(browser);
  await setUpApp(world, browser);
  const next = visitor(world);
  expect((await goThere(next)).headers.get("location")).toBe("/sign-in/code");
  expect(await isIn(next)).toBe(false);
  expect(await next.read("/sign-in/code")).toContain("Acme ID");
});

test("I15: a user without a password is asked for everything again at the provider, which has to say so", async () => {
  const browser = visitor(world);
  await goThere(browser);
  world.tick(10 * minute);
  const form = { next: "/account/security/app" };
  expect((await browser.get(form.next)).headers.get("location")).toStartWith("/confirm");
  for (const lie of ["no auth_time", "an auth_time of before"] as const) {
    provider.lie = lie;
    expect([lie, (await goByForm(browser, "/auth/oidc/confirm", form)).status]).toEqual([lie, 422]);
    expect((await browser.get(form.next)).status).toBe(303);
  }
  provider.lie = null;
  expect((await goByForm(browser, "/auth/oidc/confirm", form)).headers.get("location")).toBe(form.next);
  expect((await browser.get(form.next)).status).toBe(200);
  const way = provider.requests.filter(
    ({ query }) => query["prompt"] === "login" && query["max_age"] === "0",
  );
  expect(way.length).toBe(3);
});

test("I15: what somebody with a password connects asks for that password, not for the provider", async () => {
  const person = await signedIn(world, "ben");
  provider.person = { ...ann, sub: "u-9", email: "ben@home.test" };
  expect((await goByForm(person, "/auth/oidc/link")).status).toBe(303);
  world.tick(10 * minute);
  expect(await person.read("/confirm")).not.toContain("Confirm with Acme ID");
  await updateUser(world.app.db, person.user.id, { password_hash: null });
  expect(await person.read("/confirm")).toContain("Confirm with Acme ID");
});

test("a provider that does not answer is named, and passwords still work", async () => {
  provider.lie = "down";
  const answer = await goThere();
  expect([answer.status, await answer.text()]).toEqual([
    503,
    expect.stringContaining("Acme ID could not be reached"),
  ]);
  expect((await visitor(world).get("/sign-in")).status).toBe(200);
});

test("S15: an issuer on the address of the cloud's metadata, or on any private one, is not asked", async () => {
  const issuers = [
    "http://169.254.169.254/latest",
    "https://10.0.0.7",
    "http://[::1]:9",
    "http://127.0.0.1:9",
  ];
  for (const issuer of issuers) {
    await world.close();
    world = await openWorld({
      in: "process",
      environment: { ...provider.environment, OIDC_ISSUER: issuer, OUTBOUND_ALLOW: "" },
    });
    const answer = await goThere();
    expect([issuer, answer.status]).toEqual([issuer, 503]);
    const text = await answer.text();
    expect(text).toContain("is on a private network");
    expect(text).toContain("OUTBOUND_ALLOW");
  }
  // And what a public issuer names beside it, neither.
  expect(provider.requests).toEqual([]);
});

test("S15: a provider cannot send the registry on to the metadata, either", async () => {
  const inner = Bun.serve({
    hostname: "127.0.0.2",
    port: 0,
    fetch: () => Response.json({ issuer: "inner" }),
  });
  const outer = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: () => Response.redirect(`http://127.0.0.2:${inner.port}/`, 302),
  });
  try {
    await world.close();
    const issuer = `http://127.0.0.1:${outer.port}`;
    world = await openWorld({ in: "process", environment: { ...provider.environment, OIDC_ISSUER: issuer } });
    const answer = await goThere();
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringContaining("not allowed")]);
  } finally {
    await outer.stop(true);
    await inner.stop(true);
  }
});

test("I12, I13: the built server signs in by the provider, and takes no forged token", async () => {
  const own = startOidc();
  const operator = await openWorld({ in: "shell", env: { ...own.environment, SIGN_UP_ENABLED: "true" } });
  try {
    const server = await operator.serve();
    const go = async (person: Visitor) => {
      const away = await person.get("/auth/oidc/redirect");
      return person.get(await own.agree(away.headers.get("location") ?? ""));
    };
    own.lie = "another key";
    expect((await go(visitorAt(server.url))).status).toBe(422);
    own.lie = null;
    const browser = visitorAt(server.url);
    expect((await go(browser)).status).toBe(303);
    expect(await isIn(browser)).toBe(true);
    expect(server.printed()).not.toContain("s3cret");
  } finally {
    await operator.close();
    await own.stop();
  }
}, 60_000);
