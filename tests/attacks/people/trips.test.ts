// To a forge and back: states that are planted, answers that are taken elsewhere or twice.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { visitor } from "../../pages/visitor.ts";
import { eventsIn } from "../../tools/world.ts";
import { isSignedIn, type OAuthForge } from "../../worlds/oauth.ts";
import { openWorld, type World } from "../../worlds/world.ts";

const minute = 60_000;

let world: World<{ oauth: OAuthForge[] }>;
beforeEach(async () => {
  const environment = { TRUSTED_PROXIES: "127.0.0.1" };
  world = await openWorld({ in: "process", oauth: ["github", "gitlab"], environment });
});
afterEach(() => world.close());

test("I12: the way to a forge carries a state, PKCE and the callback of APP_URL alone", async () => {
  const browser = visitor(world);
  const answer = await browser.get("/auth/github/redirect", { "X-Forwarded-Host": "evil.test" });
  const { origin, searchParams } = new URL(answer.headers.get("location") ?? "");
  expect(origin).toBe(world.github.origin);
  expect(searchParams.get("redirect_uri")).toBe(`${world.app.config.appUrl}/auth/github/callback`);
  expect(searchParams.get("code_challenge_method")).toBe("S256");
  expect(searchParams.get("code_challenge")).toMatch(/^[\w-]{43}$/);
  expect(searchParams.get("state")).toMatch(/^[\w-]{43}$/);
  expect(searchParams.get("scope")).toBe("read:user user:email");
  expect(answer.headers.getSetCookie().join()).toContain("HttpOnly; SameSite=Lax");
});

test("I12: a callback without a state, with a made-up one, or with two of them is refused", async () => {
  await world.connected();
  const browser = visitor(world);
  const path = await world.github.agree(await world.setOut(browser));
  const code = new URL(path, "http://localhost").searchParams.get("code") ?? "";
  const state = new URL(path, "http://localhost").searchParams.get("state") ?? "";
  const forged = [`?code=${code}`, `?code=${code}&state=guessed`, `?code=${code}&state=${state}&state=x`, ""];
  for (const query of forged) {
    const answer = await browser.get(`/auth/github/callback${query}`);
    expect([query, answer.status]).toEqual([query, 400]);
    expect(await answer.text()).toContain("Start again");
  }
  expect(await isSignedIn(browser)).toBe(false);
  expect(eventsIn(world.log.join("\n"), "oauth.state")).toHaveLength(4);
  // And the right one is still good.
  expect((await browser.get(path)).status).toBe(303);
  expect(await isSignedIn(browser)).toBe(true);
});

test("I12: what one browser began no other finishes, so that nobody is signed in as somebody else", async () => {
  await world.connected();
  const attacker = visitor(world);
  const path = await world.github.agree(await world.setOut(attacker));
  const victim = visitor(world);
  expect((await victim.get(path)).status).toBe(400);
  await world.setOut(victim);
  expect((await victim.get(path)).status).toBe(400);
  expect(await isSignedIn(victim)).toBe(false);
  expect(eventsIn(world.log.join("\n"), "oauth.state")).toHaveLength(2);
});

test("I12: an answer works once, and for ten minutes", async () => {
  await world.connected();
  const browser = visitor(world);
  const path = await world.github.agree(await world.setOut(browser));
  const cookies = new Map(browser.cookies);
  expect((await browser.get(path)).status).toBe(303);
  const again = visitor(world);
  for (const [name, value] of cookies) again.cookies.set(name, value);
  expect((await again.get(path)).status).toBe(400);
  expect(await isSignedIn(again)).toBe(false);
  const late = visitor(world);
  const slow = await world.github.agree(await world.setOut(late));
  world.tick(10 * minute);
  expect((await late.get(slow)).status).toBe(400);
});

test("I12: two that come with the same answer at once are one", async () => {
  await world.connected();
  const browser = visitor(world);
  const path = await world.github.agree(await world.setOut(browser));
  const twins = [1, 2, 3].map(() => {
    const twin = visitor(world);
    for (const [name, value] of browser.cookies) twin.cookies.set(name, value);
    return twin;
  });
  const answers = await Promise.all(twins.map((twin) => twin.get(path)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 400, 400]);
});

test("I12: a code that was stolen on its way is worth nothing without the browser that asked for it", async () => {
  await world.connected();
  const victim = visitor(world);
  const stolen = new URL(await world.github.agree(await world.setOut(victim)), "http://localhost")
    .searchParams;
  const thief = visitor(world);
  const own = new URL(await world.github.agree(await world.setOut(thief)), "http://localhost").searchParams;
  const answer = await thief.get(
    `/auth/github/callback?code=${stolen.get("code")}&state=${own.get("state")}`,
  );
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain("GitHub did not sign you in");
  expect(await isSignedIn(thief)).toBe(false);
});

test("I12: an answer of one forge is not taken to another", async () => {
  await world.connected();
  const browser = visitor(world);
  const path = await world.gitlab.agree(await world.setOut(browser, "gitlab"));
  const mixed = await browser.get(path.replace("/auth/gitlab/", "/auth/github/"));
  expect(mixed.status).toBe(400);
  const named = await browser.get(`${path}&iss=${encodeURIComponent("https://evil.test")}`);
  expect(named.status).toBe(400);
  expect(await named.text()).toContain("is not from GitLab");
  expect(await isSignedIn(browser)).toBe(false);
  const right = await world.gitlab.agree(await world.setOut(browser, "gitlab"));
  const honest = await browser.get(`${right}&iss=${encodeURIComponent(world.gitlab.origin)}`);
  expect(await honest.text()).not.toContain("is not from");
});

test("I12: a forge that says no, is away, or does not know us gets a message in plain words, and nothing more is", async () => {
  await world.connected();
  const browser = visitor(world);
  const declined = await browser.get(await world.github.decline(await world.setOut(browser)));
  expect([declined.status, await declined.text()]).toEqual([
    422,
    expect.stringContaining("access was denied"),
  ]);
  world.github.fault = "down";
  const away = await world.goThere(browser);
  expect([away.status, await away.text()]).toEqual([
    503,
    expect.stringContaining("GitHub could not be reached"),
  ]);
  world.github.fault = null;
  const secret = world.github.client.secret;
  world.github.client.secret = "another";
  const unknown = await (await world.goThere(browser)).text();
  world.github.client.secret = secret;
  expect(unknown).toContain("does not accept this registry");
  const all = world.log.join("\n");
  for (const hidden of [secret, "code=", ...world.github.validTokens()]) expect(all).not.toContain(hidden);
});

test("I12: another site that sends somebody here does not make them sign in", async () => {
  const answer = await visitor(world).get("/auth/github/redirect", { "Sec-Fetch-Site": "cross-site" });
  expect(answer.headers.get("location")).toBe("/sign-in?next=%2F");
  const outward = await visitor(world).get("/auth/github/redirect?next=https://evil.test");
  expect(outward.headers.get("location")).toStartWith(world.github.origin);
});

test("I12: trips are counted by the place they come from; those who come back do not count", async () => {
  await world.connected();
  for (let at = 0; at < 65; at++) expect((await world.goThere(visitor(world))).status).toBe(303);
  const from = { "X-Forwarded-For": "192.0.2.1" };
  const answers: number[] = [];
  for (let at = 0; at < 61; at++)
    answers.push((await visitor(world).get("/auth/github/redirect", from)).status);
  expect(answers.slice(0, 60).every((status) => status === 303)).toBe(true);
  expect(answers.at(-1)).toBe(429);
  world.tick(15 * minute);
  expect((await visitor(world).get("/auth/github/redirect", from)).status).toBe(303);
}, 30_000);
