// To a forge and back: states that are planted, answers that are taken elsewhere or twice.
import { expect, test } from "bun:test";
import { visitor } from "../../pages/visitor.ts";
import {
  connected,
  events,
  github,
  gitlab,
  goThere,
  isIn,
  setOut,
  setUpGround,
  world,
} from "../oauth-ground.ts";

const minute = 60_000;

setUpGround();

test("I12: the way to a forge carries a state, PKCE and the callback of APP_URL alone", async () => {
  const browser = visitor(world);
  const answer = await browser.get("/auth/github/redirect", { "X-Forwarded-Host": "evil.test" });
  const { origin, searchParams } = new URL(answer.headers.get("location") ?? "");
  expect(origin).toBe(github.origin);
  expect(searchParams.get("redirect_uri")).toBe(`${world.app.config.appUrl}/auth/github/callback`);
  expect(searchParams.get("code_challenge_method")).toBe("S256");
  expect(searchParams.get("code_challenge")).toMatch(/^[\w-]{43}$/);
  expect(searchParams.get("state")).toMatch(/^[\w-]{43}$/);
  expect(searchParams.get("scope")).toBe("read:user user:email");
  expect(answer.headers.getSetCookie().join()).toContain("HttpOnly; SameSite=Lax");
});

test("I12: a callback without a state, with a made-up one, or with two of them is refused", async () => {
  await connected();
  const browser = visitor(world);
  const path = await github.agree(await setOut(browser));
  const code = new URL(path, "http://localhost").searchParams.get("code") ?? "";
  const state = new URL(path, "http://localhost").searchParams.get("state") ?? "";
  const forged = [`?code=${code}`, `?code=${code}&state=guessed`, `?code=${code}&state=${state}&state=x`, ""];
  for (const query of forged) {
    const answer = await browser.get(`/auth/github/callback${query}`);
    expect([query, answer.status]).toEqual([query, 400]);
    expect(await answer.text()).toContain("Start again");
  }
  expect(await isIn(browser)).toBe(false);
  expect(events("oauth.state")).toBe(4);
  // And the right one is still good.
  expect((await browser.get(path)).status).toBe(303);
  expect(await isIn(browser)).toBe(true);
});

test("I12: what one browser began no other finishes, so that nobody is signed in as somebody else", async () => {
  await connected();
  const attacker = visitor(world);
  const path = await github.agree(await setOut(attacker));
  const victim = visitor(world);
  expect((await victim.get(path)).status).toBe(400);
  await setOut(victim);
  expect((await victim.get(path)).status).toBe(400);
  expect(await isIn(victim)).toBe(false);
  expect(events("oauth.state")).toBe(2);
});

test("I12: an answer works once, and for ten minutes", async () => {
  await connected();
  const browser = visitor(world);
  const path = await github.agree(await setOut(browser));
  const cookies = new Map(browser.cookies);
  expect((await browser.get(path)).status).toBe(303);
  const again = visitor(world);
  for (const [name, value] of cookies) again.cookies.set(name, value);
  expect((await again.get(path)).status).toBe(400);
  expect(await isIn(again)).toBe(false);
  const late = visitor(world);
  const slow = await github.agree(await setOut(late));
  world.tick(10 * minute);
  expect((await late.get(slow)).status).toBe(400);
});

test("I12: two that come with the same answer at once are one", async () => {
  await connected();
  const browser = visitor(world);
  const path = await github.agree(await setOut(browser));
  const twins = [1, 2, 3].map(() => {
    const twin = visitor(world);
    for (const [name, value] of browser.cookies) twin.cookies.set(name, value);
    return twin;
  });
  const answers = await Promise.all(twins.map((twin) => twin.get(path)));
  expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 400, 400]);
});

test("I12: a code that was stolen on its way is worth nothing without the browser that asked for it", async () => {
  await connected();
  const victim = visitor(world);
  const stolen = new URL(await github.agree(await setOut(victim)), "http://localhost").searchParams;
  const thief = visitor(world);
  const own = new URL(await github.agree(await setOut(thief)), "http://localhost").searchParams;
  const answer = await thief.get(
    `/auth/github/callback?code=${stolen.get("code")}&state=${own.get("state")}`,
  );
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain("GitHub did not sign you in");
  expect(await isIn(thief)).toBe(false);
});

test("I12: an answer of one forge is not taken to another", async () => {
  await connected();
  const browser = visitor(world);
  const path = await gitlab.agree(await setOut(browser, "gitlab"));
  const mixed = await browser.get(path.replace("/auth/gitlab/", "/auth/github/"));
  expect(mixed.status).toBe(400);
  const named = await browser.get(`${path}&iss=${encodeURIComponent("https://evil.test")}`);
  expect(named.status).toBe(400);
  expect(await named.text()).toContain("is not from GitLab");
  expect(await isIn(browser)).toBe(false);
  const right = await gitlab.agree(await setOut(browser, "gitlab"));
  const honest = await browser.get(`${right}&iss=${encodeURIComponent(gitlab.origin)}`);
  expect(await honest.text()).not.toContain("is not from");
});

test("I12: a forge that says no, is away, or does not know us gets a message in plain words, and nothing more is", async () => {
  await connected();
  const browser = visitor(world);
  const declined = await browser.get(await github.decline(await setOut(browser)));
  expect([declined.status, await declined.text()]).toEqual([
    422,
    expect.stringContaining("access was denied"),
  ]);
  github.fault = "down";
  const away = await goThere(browser);
  expect([away.status, await away.text()]).toEqual([
    503,
    expect.stringContaining("GitHub could not be reached"),
  ]);
  github.fault = null;
  const secret = github.client.secret;
  github.client.secret = "another";
  const unknown = await (await goThere(browser)).text();
  github.client.secret = secret;
  expect(unknown).toContain("does not accept this registry");
  const all = world.log.join("\n");
  for (const hidden of [secret, "code=", ...github.validTokens()]) expect(all).not.toContain(hidden);
});

test("I12: another site that sends somebody here does not make them sign in", async () => {
  const answer = await visitor(world).get("/auth/github/redirect", { "Sec-Fetch-Site": "cross-site" });
  expect(answer.headers.get("location")).toBe("/sign-in?next=%2F");
  const outward = await visitor(world).get("/auth/github/redirect?next=https://evil.test");
  expect(outward.headers.get("location")).toStartWith(github.origin);
});

test("I12: trips are counted by the place they come from; those who come back do not count", async () => {
  await connected();
  for (let at = 0; at < 65; at++) expect((await goThere(visitor(world))).status).toBe(303);
  const from = { "X-Forwarded-For": "192.0.2.1" };
  const answers: number[] = [];
  for (let at = 0; at < 61; at++)
    answers.push((await visitor(world).get("/auth/github/redirect", from)).status);
  expect(answers.slice(0, 60).every((status) => status === 303)).toBe(true);
  expect(answers.at(-1)).toBe(429);
  world.tick(15 * minute);
  expect((await visitor(world).get("/auth/github/redirect", from)).status).toBe(303);
}, 30_000);
