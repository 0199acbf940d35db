// Signing in by a forge: states that are planted, answers that are taken elsewhere, addresses that are claimed.
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { invite } from "../../src/registry/invitations.ts";
import { getOrganization } from "../../src/store/organizations.ts";
import { findMembership } from "../../src/store/members.ts";
import { listUsers, updateUser } from "../../src/store/users.ts";
import { setUpApp } from "../pages/code-app.ts";
import { password, signedIn, visitor, type Visitor } from "../pages/visitor.ts";
import { makeApp, type TestApp } from "../tools/app.ts";
import { startOAuthForge, type FakePerson, type OAuthServer } from "../tools/forges/oauth-server.ts";
import { mailsTo } from "../tools/mails.ts";

const minute = 60_000;
const ann: FakePerson = { id: 7, login: "ann-hub", emails: [{ email: "ann@acme.test", verified: true }] };

let github: OAuthServer;
let gitlab: OAuthServer;
let world: TestApp;

beforeAll(() => {
  github = startOAuthForge("github");
  gitlab = startOAuthForge("gitlab");
});
beforeEach(async () => {
  await world?.close();
  github.person = ann;
  gitlab.person = { ...ann, login: "ann-lab" };
  [github.fault, github.asked.length] = [null, 0];
  world = await makeApp({ ...github.environment, ...gitlab.environment, TRUSTED_PROXIES: "127.0.0.1" });
});
afterAll(async () => {
  await world?.close();
  await github.stop();
  await gitlab.stop();
});

/** Where the browser is sent to. */
async function setOut(person: Visitor, name = "github", next = ""): Promise<string> {
  const answer = await person.get(`/auth/${name}/redirect${next && `?next=${encodeURIComponent(next)}`}`);
  expect(answer.status).toBe(303);
  return answer.headers.get("location") ?? "";
}

async function goThere(person: Visitor, server = github, name = "github", next = ""): Promise<Response> {
  return person.get(await server.agree(await setOut(person, name, next)));
}

/** Through a form of ours and the page that leads on. */
async function goByForm(person: Visitor, path: string, form = {}, server = github): Promise<Response> {
  const shown = await person.post(path, form);
  if (shown.status !== 200) return shown;
  const [, href = ""] = /http-equiv="refresh" content="0; url=([^"]+)"/.exec(await shown.text()) ?? [];
  return person.get(await server.agree(href.replaceAll("&amp;", "&")));
}

async function isIn(person: Visitor): Promise<boolean> {
  return (await person.get("/account/sessions")).status === 200;
}

/** Ann with a password, and GitHub connected to her account. */
async function connected(): Promise<Visitor & { user: { id: string } }> {
  const person = await signedIn(world, "ann");
  const answer = await goByForm(person, "/auth/github/link");
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/account/connections"]);
  return person;
}

const events = (name: string) => world.log.filter((line) => line.includes(`"${name}"`)).length;

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
  expect(await answer.text()).toContain("GitHub did not let you through");
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
  expect(await named.text()).toContain("does not come from GitLab");
  expect(await isIn(browser)).toBe(false);
  const right = await gitlab.agree(await setOut(browser, "gitlab"));
  const honest = await browser.get(`${right}&iss=${encodeURIComponent(gitlab.origin)}`);
  expect(await honest.text()).not.toContain("does not come from");
});

test("I12: a forge that says no, is away, or does not know us is told in words, and nothing more is", async () => {
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
    expect.stringContaining("GitHub could not be asked"),
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

test("I13: an address that equals an account's opens nothing, however surely it was verified", async () => {
  const person = await signedIn(world, "ann");
  const browser = visitor(world);
  const answer = await goThere(browser);
  expect(answer.status).toBe(403);
  const text = await answer.text();
  expect(text).toContain("There is an account for ann@acme.test already");
  expect(text).toContain("Connected accounts");
  expect(await isIn(browser)).toBe(false);
  expect(events("oauth.link_refused")).toBe(1);
  expect(await person.read("/account/connections")).not.toContain("ann-hub");
  // Neither does a second address of theirs.
  github.person = { ...ann, emails: [{ email: "private@home.test", verified: true }, ...ann.emails] };
  expect((await goThere(browser)).status).toBe(403);
});

test("I13: whoever signs in and connects it is signed in by it from then on", async () => {
  const person = await connected();
  expect(await person.read("/account/connections")).toContain("ann-hub");
  const browser = visitor(world);
  const answer = await goThere(browser, github, "github", "/account/connections");
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/account/connections"]);
  expect(await isIn(browser)).toBe(true);
  const subjects = (await mailsTo(world.app, "ann@acme.test")).map(({ subject }) => subject);
  expect(subjects).toEqual([
    "Your account was opened with GitHub in a browser that it did not know",
    "GitHub (ann-hub) opens your account from now on",
  ]);
});

test("I13: an identity is its number at its forge: names, addresses and other forges do not count", async () => {
  await connected();
  const browser = visitor(world);
  // Renamed and with another address, she is the same.
  github.person = { id: 7, login: "ann-of-old", emails: [{ email: "new@acme.test", verified: true }] };
  expect((await goThere(browser)).status).toBe(303);
  expect(await isIn(browser)).toBe(true);
  // Somebody who took her name is not; nor is the same number elsewhere.
  github.person = { ...ann, id: 8, emails: [{ email: "eve@acme.test", verified: true }] };
  expect((await goThere(visitor(world))).status).toBe(403);
  expect((await goThere(visitor(world), gitlab, "gitlab")).status).toBe(403);
});

test("I13: connecting asks for the password first, for our own form, and for the session that set out", async () => {
  const person = await signedIn(world, "ann");
  expect((await person.post("/auth/github/link", {}, { Origin: "https://evil.test" })).status).toBe(403);
  world.tick(10 * minute);
  const asked = await person.post("/auth/github/link");
  expect(asked.headers.get("location")).toStartWith("/confirm");
  await person.post("/confirm", { password: password("ann") });
  const shown = await (await person.post("/auth/github/link")).text();
  const [, href = ""] = /content="0; url=([^"]+)"/.exec(shown) ?? [];
  const path = await github.agree(href.replaceAll("&amp;", "&"));
  // In the same browser somebody else is signed in meanwhile.
  const ben = await signedIn(world, "ben");
  const mine = person.cookies.get("pricore") ?? "";
  person.cookies.set("pricore", ben.cookies.get("pricore") ?? "");
  expect((await person.get(path)).status).toBe(400);
  person.cookies.set("pricore", mine);
  expect(await person.read("/account/connections")).not.toContain("ann-hub");
});

test("I13: what opens one account is not connected to another, and nobody connects two of one forge", async () => {
  await connected();
  const ben = await signedIn(world, "ben");
  const taken = await goByForm(ben, "/auth/github/link");
  expect([taken.status, await taken.text()]).toEqual([
    409,
    expect.stringContaining("opens another account here"),
  ]);
  const person = await signedIn(world, "ann");
  github.person = { ...ann, id: 9, login: "second" };
  const second = await goByForm(person, "/auth/github/link");
  expect([second.status, await second.text()]).toEqual([
    409,
    expect.stringContaining("another account at GitHub"),
  ]);
});

test("I13: an address that the forge has not verified makes no account and is connected to none", async () => {
  await world.close();
  world = await makeApp({ ...github.environment, SIGN_UP_ENABLED: "true" });
  github.person = { ...ann, emails: [{ email: "ann@acme.test", verified: false }] };
  const answer = await goThere(visitor(world));
  expect([answer.status, await answer.text()]).toEqual([
    403,
    expect.stringContaining("has verified no address"),
  ]);
  expect(await listUsers(world.app.db)).toEqual([]);
  const person = await signedIn(world, "ann");
  expect((await goByForm(person, "/auth/github/link")).status).toBe(403);
});

test("I13: nobody makes an account by it while sign-up is closed, and anybody may while it is open", async () => {
  const closed = await goThere(visitor(world));
  expect([closed.status, await closed.text()]).toEqual([403, expect.stringContaining("invite that address")]);
  expect(await listUsers(world.app.db)).toEqual([]);
  await world.close();
  world = await makeApp({ ...github.environment, SIGN_UP_ENABLED: "true" });
  const browser = visitor(world);
  expect((await goThere(browser)).headers.get("location")).toBe("/");
  expect(await isIn(browser)).toBe(true);
  const [user] = await listUsers(world.app.db);
  expect(user).toMatchObject({ email: "ann@acme.test", name: "ann-hub", password_hash: null });
  expect(user?.email_verified_at).toBe(world.app.now());
  const mails = await mailsTo(world.app, "ann@acme.test");
  expect(mails.map(({ subject }) => subject)).toEqual([
    "An account was made for you, which GitHub (ann-hub) opens",
  ]);
  expect(await browser.read("/account/security")).toContain("There is no password");
});

async function invited(email: string): Promise<string> {
  await world.organization("acme");
  const by = (await signedIn(world, "olga", { roles: { acme: "owner" } })).user;
  const organization = await getOrganization(world.app.db, "acme");
  const { link } = await invite(world.app, { organization, by, client: "" }, { email, role: "admin" });
  return link.slice(world.app.config.appUrl.length);
}

test("I13: an invitation makes an account by it for exactly the invited address", async () => {
  const path = await invited("ann@acme.test");
  const other = visitor(world);
  github.person = { ...ann, id: 8, emails: [{ email: "eve@acme.test", verified: true }] };
  const refused = await goThere(other, github, "github", path);
  expect([refused.status, await refused.text()]).toEqual([
    403,
    expect.stringContaining("is for ann@acme.test"),
  ]);
  github.person = {
    ...ann,
    emails: [
      { email: "eve@acme.test", verified: true },
      { email: "ann@acme.test", verified: false },
    ],
  };
  expect((await goThere(other, github, "github", path)).status).toBe(403);
  github.person = { ...ann, emails: [{ email: "home@ann.test", verified: true }, ...ann.emails] };
  expect(await other.read(path)).toContain("Join with GitHub");
  const joined = await goThere(other, github, "github", path);
  expect([joined.status, joined.headers.get("location")]).toEqual([303, "/organizations/acme"]);
  const user = (await listUsers(world.app.db)).find(({ email }) => email === "ann@acme.test");
  expect((await findMembership(world.app.db, "acme", user?.id ?? ""))?.member.role).toBe("admin");
  // It was used by that.
  const late = { ...ann, id: 11, emails: [{ email: "cleo@acme.test", verified: true }] };
  github.person = late;
  expect((await goThere(visitor(world), github, "github", path)).status).toBe(404);
});

test("I14: whoever has a second factor is asked for it after the forge as after the password", async () => {
  const person = await connected();
  const code = await setUpApp(world, person);
  world.tick(minute);
  const browser = visitor(world);
  const answer = await goThere(browser, github, "github", "/account/sessions");
  expect(answer.headers.get("location")).toBe("/sign-in/code?next=%2Faccount%2Fsessions");
  expect(await isIn(browser)).toBe(false);
  const page = await browser.read("/sign-in/code");
  expect(page).toContain("GitHub");
  expect((await browser.post("/sign-in/code", { code: "000000" })).status).toBe(422);
  expect(await isIn(browser)).toBe(false);
  expect((await browser.post("/sign-in/code", { code: code.code() })).status).toBe(303);
  expect(await isIn(browser)).toBe(true);
});

test("I15: whoever has no password shows at the forge again who is there", async () => {
  const person = await connected();
  await updateUser(world.app.db, person.user.id, { password_hash: null });
  world.tick(10 * minute);
  const sensitive = "/account/security/app";
  expect((await person.get(sensitive)).headers.get("location")).toStartWith("/confirm");
  expect(await person.read("/confirm")).toContain("Confirm with GitHub");
  expect((await person.post("/confirm", { password: "" })).status).toBe(422);
  // Somebody else at the forge, or an answer that was meant for signing in, does not do.
  github.person = { ...ann, id: 8 };
  expect((await goByForm(person, "/auth/github/confirm", { next: sensitive })).status).toBe(403);
  expect((await person.get(sensitive)).status).toBe(303);
  github.person = ann;
  const before = person.cookies.get("pricore");
  const answer = await goByForm(person, "/auth/github/confirm", { next: sensitive });
  expect([answer.status, answer.headers.get("location")]).toEqual([303, sensitive]);
  expect(person.cookies.get("pricore")).not.toBe(before);
  expect((await person.get(sensitive)).status).toBe(200);
  expect(github.asked.filter(({ query }) => query["prompt"] === "select_account").length).toBe(2);
});

test("I15: whoever has a password gives that, and not a browser that is signed in at the forge", async () => {
  const person = await connected();
  world.tick(10 * minute);
  expect(await person.read("/confirm")).not.toContain("Confirm with GitHub");
  const answer = await person.post("/auth/github/confirm", { next: "/account/security/app" });
  expect([answer.status, await answer.text()]).toEqual([409, expect.stringContaining("has a password")]);
  // Neither when the password came while they were there.
  await updateUser(world.app.db, person.user.id, { password_hash: null });
  const shown = await (await person.post("/auth/github/confirm", { next: "/account/security/app" })).text();
  const [, href = ""] = /content="0; url=([^"]+)"/.exec(shown) ?? [];
  await updateUser(world.app.db, person.user.id, { password_hash: "x" });
  expect((await person.get(await github.agree(href.replaceAll("&amp;", "&")))).status).toBe(409);
  expect((await person.get("/account/security/app")).headers.get("location")).toStartWith("/confirm");
});

test("I13: of GitLab an address counts that it calls confirmed, and no more is asked than who somebody is", async () => {
  await world.close();
  world = await makeApp({ ...gitlab.environment, SIGN_UP_ENABLED: "true" });
  gitlab.person = {
    id: 3,
    login: "cleo",
    name: "Cleo",
    emails: [{ email: "cleo@acme.test", verified: false }],
  };
  expect((await goThere(visitor(world), gitlab, "gitlab")).status).toBe(403);
  gitlab.person.emails = [{ email: "Cleo@Acme.test", verified: true }];
  const browser = visitor(world);
  const href = await setOut(browser, "gitlab");
  expect(new URL(href).searchParams.get("scope")).toBe("read_user");
  expect((await browser.get(await gitlab.agree(href))).status).toBe(303);
  expect((await listUsers(world.app.db)).map(({ email, name }) => [email, name])).toEqual([
    ["cleo@acme.test", "Cleo"],
  ]);
  // A provider that is not set up is not there.
  for (const path of ["/auth/github/redirect", "/auth/oidc/redirect", "/auth/github/callback?code=a&state=b"])
    expect([path, (await visitor(world).get(path)).status]).toEqual([path, 404]);
  expect(await visitor(world).read("/sign-in")).not.toContain("GitHub");
});

test("I13: the last way in is not taken away, any other is, with all other sessions", async () => {
  const person = await connected();
  const browser = visitor(world);
  await goThere(browser);
  const list = await person.read("/account/connections");
  const [, remove = ""] = /href="(\/account\/connections\/[\w-]+\/remove)"/.exec(list) ?? [];
  await updateUser(world.app.db, person.user.id, { password_hash: null });
  const kept = await person.post(remove);
  expect([kept.status, await kept.text()]).toEqual([
    409,
    expect.stringContaining("only way into your account"),
  ]);
  await updateUser(world.app.db, person.user.id, { password_hash: "x" });
  expect((await person.post(remove)).status).toBe(303);
  expect([await isIn(person), await isIn(browser)]).toEqual([true, false]);
  expect((await goThere(visitor(world))).status).toBe(403);
  const [mail] = await mailsTo(world.app, "ann@acme.test");
  expect(mail?.subject).toBe("GitHub (ann-hub) does not open your account any more");
});

test("I13: somebody else's connection is not there to be removed", async () => {
  const person = await connected();
  const list = await person.read("/account/connections");
  const [, remove = ""] = /href="(\/account\/connections\/[\w-]+\/remove)"/.exec(list) ?? [];
  const ben = await signedIn(world, "ben");
  expect((await ben.post(remove)).status).toBe(404);
  expect(await person.read("/account/connections")).toContain("ann-hub");
});

test("I19: an account that is deleted is opened by nobody, and its identity is free again", async () => {
  const person = await connected();
  expect((await person.post("/account/delete", { password: password("ann") })).status).toBe(303);
  const answer = await goThere(visitor(world));
  expect([answer.status, await answer.text()]).toEqual([
    403,
    expect.stringContaining("by an invitation only"),
  ]);
  const again = await signedIn(world, "ann");
  expect((await goByForm(again, "/auth/github/link")).status).toBe(303);
});

test("I12: nothing that opens a door lies in the database as it is", async () => {
  const path = await invited("ann@acme.test");
  const browser = visitor(world);
  const href = await setOut(browser, "github", path);
  const state = new URL(href).searchParams.get("state") ?? "";
  const rows = await world.app.db.read.selectFrom("one_time_secrets").selectAll().execute();
  const text = JSON.stringify(rows);
  expect(text).toContain('"oauth"');
  for (const secret of [state, browser.cookies.get("pricore-trip") ?? "", path.split("/").at(-1) ?? ""])
    expect([secret.length > 20, text.includes(secret)]).toEqual([true, false]);
});

test("I15: whoever has no password sets one, or ends the account, only after showing who is there", async () => {
  const person = await connected();
  await updateUser(world.app.db, person.user.id, { password_hash: null });
  world.tick(10 * minute);
  for (const path of ["/account/password", "/account/delete"]) {
    expect((await person.get(path)).headers.get("location")).toStartWith("/confirm");
    const answer = await person.post(path, { password: "a long password of nobody" });
    expect(answer.headers.get("location")).toStartWith("/confirm");
  }
  await goByForm(person, "/auth/github/confirm", { next: "/account/password" });
  expect(await person.read("/account/password")).not.toContain("Current password");
  const set = await person.post("/account/password", { password: "a long password at last" });
  expect(set.status).toBe(303);
  const form = { email: "ann@acme.test", password: "a long password at last" };
  expect((await visitor(world).post("/sign-in", form)).status).toBe(303);
});
