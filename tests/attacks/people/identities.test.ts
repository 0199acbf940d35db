// What an identity at a forge opens, and what it does not: addresses that are claimed, factors that are skipped.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { invite } from "../../../src/registry/organizations/invitations.ts";
import { getOrganization } from "../../../src/store/organizations/organizations.ts";
import { findMembership } from "../../../src/store/organizations/members.ts";
import { setUpApp } from "../../pages/accounts/code-app.ts";
import { mailsTo } from "../../tools/mails.ts";
import { listUsers, updateUser } from "../../../src/store/accounts/users.ts";
import { password, signedIn, visitor } from "../../pages/visitor.ts";
import { eventsIn } from "../../tools/world.ts";
import { ann, isSignedIn, onward, type OAuthForge } from "../../worlds/oauth.ts";
import { openWorld, type World } from "../../worlds/world.ts";

const minute = 60_000;

let world: World<{ oauth: OAuthForge[] }>;
beforeEach(async () => void (world = await openWorld({ in: "process", oauth: ["github", "gitlab"] })));
afterEach(() => world.close());

/** Another registry, where everybody may sign up with this forge alone. */
async function openSignUp(forge: OAuthForge): Promise<void> {
  await world.close();
  const environment = { SIGN_UP_ENABLED: "true" };
  world = await openWorld({ in: "process", oauth: [forge], environment });
}

/** Of a password that nobody gives here. */
const someHash = `$2y$10$${"a".repeat(53)}`;

test("I13: an address that equals an account's opens nothing, however surely it was verified", async () => {
  const person = await signedIn(world, "ann");
  const browser = visitor(world);
  const answer = await world.goThere(browser);
  expect(answer.status).toBe(403);
  const text = await answer.text();
  expect(text).toContain("ann@acme.test already");
  expect(text).toContain("Connected accounts");
  expect(await isSignedIn(browser)).toBe(false);
  expect(eventsIn(world.log.join("\n"), "oauth.link_refused")).toHaveLength(1);
  expect(await person.read("/account/connections")).not.toContain("ann-hub");
  // Neither does a second address of theirs.
  world.github.person = { ...ann, emails: [{ email: "private@home.test", verified: true }, ...ann.emails] };
  expect((await world.goThere(browser)).status).toBe(403);
});

test("I13: a user who connects it while signed in can sign in with it from then on", async () => {
  const person = await world.connected();
  expect(await person.read("/account/connections")).toContain("ann-hub");
  const browser = visitor(world);
  const answer = await world.goThere(browser, "github", "/account/connections");
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/account/connections"]);
  expect(await isSignedIn(browser)).toBe(true);
  const subjects = (await mailsTo(world.app, "ann@acme.test")).map(({ subject }) => subject);
  expect(subjects).toEqual([
    "Someone signed in to your account with GitHub in a new browser",
    "GitHub (ann-hub) can now sign in to your account",
  ]);
});

test("I13: an identity is its number at its forge: names, addresses and other forges do not count", async () => {
  await world.connected();
  const browser = visitor(world);
  // Renamed and with another address, she is the same.
  world.github.person = { id: 7, login: "ann-of-old", emails: [{ email: "new@acme.test", verified: true }] };
  expect((await world.goThere(browser)).status).toBe(303);
  expect(await isSignedIn(browser)).toBe(true);
  // Somebody who took her name is not; nor is the same number elsewhere.
  world.github.person = { ...ann, id: 8, emails: [{ email: "eve@acme.test", verified: true }] };
  expect((await world.goThere(visitor(world))).status).toBe(403);
  expect((await world.goThere(visitor(world), "gitlab")).status).toBe(403);
});

test("I13: connecting asks for the password first, for our own form, and for the session that set out", async () => {
  const person = await signedIn(world, "ann");
  expect((await person.post("/auth/github/link", {}, { Origin: "https://evil.test" })).status).toBe(403);
  world.tick(10 * minute);
  const redirect = await person.post("/auth/github/link");
  expect(redirect.headers.get("location")).toStartWith("/confirm");
  await person.post("/confirm", { password: password("ann") });
  const shown = await (await person.post("/auth/github/link")).text();
  const path = await world.github.agree(onward(shown));
  // In the same browser somebody else is signed in meanwhile.
  const ben = await signedIn(world, "ben");
  const mine = person.cookies.get("pricore") ?? "";
  person.cookies.set("pricore", ben.cookies.get("pricore") ?? "");
  expect((await person.get(path)).status).toBe(400);
  person.cookies.set("pricore", mine);
  expect(await person.read("/account/connections")).not.toContain("ann-hub");
});

test("I13: what opens one account is not connected to another, and nobody connects two of one forge", async () => {
  await world.connected();
  const ben = await signedIn(world, "ben");
  const taken = await world.goByForm(ben, "/auth/github/link");
  expect([taken.status, await taken.text()]).toEqual([
    409,
    expect.stringContaining("is connected to another account here"),
  ]);
  const person = await signedIn(world, "ann");
  world.github.person = { ...ann, id: 9, login: "second" };
  const second = await world.goByForm(person, "/auth/github/link");
  expect([second.status, await second.text()]).toEqual([
    409,
    expect.stringContaining("another account at GitHub"),
  ]);
});

test("I13: an address that the forge has not verified makes no account and is connected to none", async () => {
  await openSignUp("github");
  world.github.person = { ...ann, emails: [{ email: "ann@acme.test", verified: false }] };
  const answer = await world.goThere(visitor(world));
  expect([answer.status, await answer.text()]).toEqual([
    403,
    expect.stringContaining("has no verified email address"),
  ]);
  expect(await listUsers(world.app.db)).toEqual([]);
  const person = await signedIn(world, "ann");
  expect((await world.goByForm(person, "/auth/github/link")).status).toBe(403);
});

test("I13: nobody makes an account by it while sign-up is closed, and anybody may while it is open", async () => {
  const closed = await world.goThere(visitor(world));
  expect([closed.status, await closed.text()]).toEqual([403, expect.stringContaining("invite that address")]);
  expect(await listUsers(world.app.db)).toEqual([]);
  await openSignUp("github");
  const browser = visitor(world);
  expect((await world.goThere(browser)).headers.get("location")).toBe("/");
  expect(await isSignedIn(browser)).toBe(true);
  const [user] = await listUsers(world.app.db);
  expect(user).toMatchObject({ email: "ann@acme.test", name: "ann-hub", password_hash: null });
  expect(user?.email_verified_at).toBe(world.app.now());
  const mails = await mailsTo(world.app, "ann@acme.test");
  expect(mails.map(({ subject }) => subject)).toEqual([
    "An account was created for you. Sign in to it with GitHub (ann-hub)",
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
  world.github.person = { ...ann, id: 8, emails: [{ email: "eve@acme.test", verified: true }] };
  const refused = await world.goThere(other, "github", path);
  expect([refused.status, await refused.text()]).toEqual([
    403,
    expect.stringContaining("is for ann@acme.test"),
  ]);
  world.github.person = {
    ...ann,
    emails: [
      { email: "eve@acme.test", verified: true },
      { email: "ann@acme.test", verified: false },
    ],
  };
  expect((await world.goThere(other, "github", path)).status).toBe(403);
  world.github.person = { ...ann, emails: [{ email: "home@ann.test", verified: true }, ...ann.emails] };
  expect(await other.read(path)).toContain("Join with GitHub");
  const joined = await world.goThere(other, "github", path);
  expect([joined.status, joined.headers.get("location")]).toEqual([303, "/organizations/acme"]);
  const user = (await listUsers(world.app.db)).find(({ email }) => email === "ann@acme.test");
  expect((await findMembership(world.app.db, "acme", user?.id ?? ""))?.member.role).toBe("admin");
  // It was used by that.
  const late = { ...ann, id: 11, emails: [{ email: "cleo@acme.test", verified: true }] };
  world.github.person = late;
  expect((await world.goThere(visitor(world), "github", path)).status).toBe(404);
});

test("I14: a user with a second factor is asked for it after the forge as after the password", async () => {
  const person = await world.connected();
  const code = await setUpApp(world, person);
  world.tick(minute);
  const browser = visitor(world);
  const answer = await world.goThere(browser, "github", "/account/sessions");
  expect(answer.headers.get("location")).toBe("/sign-in/code?next=%2Faccount%2Fsessions");
  expect(await isSignedIn(browser)).toBe(false);
  const page = await browser.read("/sign-in/code");
  expect(page).toContain("GitHub");
  expect((await browser.post("/sign-in/code", { code: "000000" })).status).toBe(422);
  expect(await isSignedIn(browser)).toBe(false);
  expect((await browser.post("/sign-in/code", { code: code.code() })).status).toBe(303);
  expect(await isSignedIn(browser)).toBe(true);
});

test("I15: a user without a password signs in at the forge again", async () => {
  const person = await world.connected();
  await updateUser(world.app.db, person.user.id, { password_hash: null });
  world.tick(10 * minute);
  const sensitive = "/account/security/app";
  expect((await person.get(sensitive)).headers.get("location")).toStartWith("/confirm");
  expect(await person.read("/confirm")).toContain("Confirm with GitHub");
  expect((await person.post("/confirm", { password: "" })).status).toBe(422);
  // Somebody else at the forge, or an answer that was meant for signing in, does not do.
  world.github.person = { ...ann, id: 8 };
  expect((await world.goByForm(person, "/auth/github/confirm", { next: sensitive })).status).toBe(403);
  expect((await person.get(sensitive)).status).toBe(303);
  world.github.person = ann;
  const before = person.cookies.get("pricore");
  const answer = await world.goByForm(person, "/auth/github/confirm", { next: sensitive });
  expect([answer.status, answer.headers.get("location")]).toEqual([303, sensitive]);
  expect(person.cookies.get("pricore")).not.toBe(before);
  expect((await person.get(sensitive)).status).toBe(200);
  expect(world.github.requests.filter(({ query }) => query["prompt"] === "select_account").length).toBe(2);
});

test("I15: a user with a password enters it; it is not replaced by a browser that is signed in at the forge", async () => {
  const person = await world.connected();
  world.tick(10 * minute);
  expect(await person.read("/confirm")).not.toContain("Confirm with GitHub");
  const answer = await person.post("/auth/github/confirm", { next: "/account/security/app" });
  expect([answer.status, await answer.text()]).toEqual([
    409,
    expect.stringContaining("Enter the password of your account"),
  ]);
  // Neither when the password came while they were there.
  await updateUser(world.app.db, person.user.id, { password_hash: null });
  const shown = await (await person.post("/auth/github/confirm", { next: "/account/security/app" })).text();
  await updateUser(world.app.db, person.user.id, { password_hash: someHash });
  expect((await person.get(await world.github.agree(onward(shown)))).status).toBe(409);
  expect((await person.get("/account/security/app")).headers.get("location")).toStartWith("/confirm");
});

test("I13: of GitLab an address counts that it calls confirmed, and no more is asked than who somebody is", async () => {
  await openSignUp("gitlab");
  world.gitlab.person = {
    id: 3,
    login: "cleo",
    name: "Cleo",
    emails: [{ email: "cleo@acme.test", verified: false }],
  };
  expect((await world.goThere(visitor(world), "gitlab")).status).toBe(403);
  world.gitlab.person.emails = [{ email: "Cleo@Acme.test", verified: true }];
  const browser = visitor(world);
  const href = await world.setOut(browser, "gitlab");
  expect(new URL(href).searchParams.get("scope")).toBe("read_user");
  expect((await browser.get(await world.gitlab.agree(href))).status).toBe(303);
  expect((await listUsers(world.app.db)).map(({ email, name }) => [email, name])).toEqual([
    ["cleo@acme.test", "Cleo"],
  ]);
  // A provider that is not set up is not there.
  for (const path of ["/auth/github/redirect", "/auth/oidc/redirect", "/auth/github/callback?code=a&state=b"])
    expect([path, (await visitor(world).get(path)).status]).toEqual([path, 404]);
  expect(await visitor(world).read("/sign-in")).not.toContain("GitHub");
});

test("I13: the last way in is not taken away, any other is, with all other sessions", async () => {
  const person = await world.connected();
  const browser = visitor(world);
  await world.goThere(browser);
  const list = await person.read("/account/connections");
  const [, remove = ""] = /href="(\/account\/connections\/[\w-]+\/remove)"/.exec(list) ?? [];
  await updateUser(world.app.db, person.user.id, { password_hash: null });
  const kept = await person.post(remove);
  expect([kept.status, await kept.text()]).toEqual([
    409,
    expect.stringContaining("only way to sign in to your account"),
  ]);
  await updateUser(world.app.db, person.user.id, { password_hash: someHash });
  expect((await person.post(remove)).status).toBe(303);
  expect([await isSignedIn(person), await isSignedIn(browser)]).toEqual([true, false]);
  expect((await world.goThere(visitor(world))).status).toBe(403);
  const [mail] = await mailsTo(world.app, "ann@acme.test");
  expect(mail?.subject).toBe("GitHub (ann-hub) can no longer sign in to your account");
});

test("I13: somebody else's connection is not there to be removed", async () => {
  const person = await world.connected();
  const list = await person.read("/account/connections");
  const [, remove = ""] = /href="(\/account\/connections\/[\w-]+\/remove)"/.exec(list) ?? [];
  const ben = await signedIn(world, "ben");
  expect((await ben.post(remove)).status).toBe(404);
  expect(await person.read("/account/connections")).toContain("ann-hub");
});

test("I19: an account that is deleted is opened by nobody, and its identity is free again", async () => {
  const person = await world.connected();
  expect((await person.post("/account/delete", { password: password("ann") })).status).toBe(303);
  const answer = await world.goThere(visitor(world));
  expect([answer.status, await answer.text()]).toEqual([
    403,
    expect.stringContaining("new accounts need an invitation"),
  ]);
  const again = await signedIn(world, "ann");
  expect((await world.goByForm(again, "/auth/github/link")).status).toBe(303);
});

test("I15: a user without a password sets one, or ends the account, only after showing who is there", async () => {
  const person = await world.connected();
  await updateUser(world.app.db, person.user.id, { password_hash: null });
  world.tick(10 * minute);
  for (const path of ["/account/password", "/account/delete"]) {
    expect((await person.get(path)).headers.get("location")).toStartWith("/confirm");
    const answer = await person.post(path, { password: "a long password of nobody" });
    expect(answer.headers.get("location")).toStartWith("/confirm");
  }
  await world.goByForm(person, "/auth/github/confirm", { next: "/account/password" });
  expect(await person.read("/account/password")).not.toContain("Current password");
  const set = await person.post("/account/password", { password: "a long password at last" });
  expect(set.status).toBe(303);
  const form = { email: "ann@acme.test", password: "a long password at last" };
  expect((await visitor(world).post("/sign-in", form)).status).toBe(303);
});
test("I12: nothing that opens a door lies in the database as it is", async () => {
  const path = await invited("ann@acme.test");
  const browser = visitor(world);
  const href = await world.setOut(browser, "github", path);
  const state = new URL(href).searchParams.get("state") ?? "";
  const rows = await world.app.db.read.selectFrom("one_time_secrets").selectAll().execute();
  const text = JSON.stringify(rows);
  expect(text).toContain('"oauth"');
  for (const secret of [state, browser.cookies.get("pricore-trip") ?? "", path.split("/").at(-1) ?? ""])
    expect([secret.length > 20, text.includes(secret)]).toEqual([true, false]);
});
