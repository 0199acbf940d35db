// Attacks on accounts, invitations, roles and mail.
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { Failure } from "../../../src/errors.ts";
import { acceptInvitation, invite } from "../../../src/registry/organizations/invitations.ts";
import { inMail } from "../../../src/registry/mail.ts";
import { createSmtp } from "../../../src/mail/smtp.ts";
import { resetByLink } from "../../../src/registry/accounts/password-reset.ts";
import { createOrganization } from "../../../src/registry/organizations/organizations.ts";
import { createToken } from "../../../src/registry/tokens.ts";
import { findMembership, setMember } from "../../../src/store/organizations/members.ts";
import { getOrganization, type Organization } from "../../../src/store/organizations/organizations.ts";
import { updateUser } from "../../../src/store/accounts/users.ts";
import { makePerson, password, signedIn, visitor } from "../../pages/visitor.ts";
import type { TestApp } from "../../worlds/process.ts";
import { linkTo, mailsTo } from "../../tools/mails.ts";
import { startSmtp } from "../../tools/servers/smtp-server.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let acme: Organization;

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { SIGN_UP_ENABLED: "true" } });
  acme = await world.organization("acme");
});
afterAll(() => world?.close());
// What may be mailed in an hour is counted.
beforeEach(() => world.tick(3_600_000));

const members = "/organizations/acme/settings/members";
const minute = 60_000;

async function askReset(name: string): Promise<string> {
  await visitor(world).post("/reset-password", { email: `${name}@acme.test` });
  return linkTo(world.app, `${name}@acme.test`);
}

async function roleOf(userId: string) {
  return (await findMembership(world.app.db, "acme", userId))?.member.role ?? null;
}

async function invited(email: string, role = "member"): Promise<string> {
  const by = await makePerson(world, "owen");
  await setMember(world.app.db, acme.id, { userId: by.id, role: "owner", now: world.app.now() });
  const { link } = await invite(world.app, { organization: acme, by, client: email }, { email, role });
  return link.slice(world.app.config.appUrl.length);
}

test("I6: a reset link works once, for half an hour, the newest alone, and is built for no other host", async () => {
  const ann = await makePerson(world, "ann");
  const next = { password: "another long password" };
  const foreign = await visitor(world).post(
    "/reset-password",
    { email: "ann@acme.test" },
    { Host: "evil.test", "X-Forwarded-Host": "evil.test" },
  );
  expect(foreign.status).toBe(421);
  await visitor(world).post(
    "/reset-password",
    { email: "ann@acme.test" },
    { "X-Forwarded-Host": "evil.test", Forwarded: "host=evil.test" },
  );
  const [mail] = await mailsTo(world.app, "ann@acme.test");
  expect(mail?.text).not.toContain("evil.test");
  const first = await linkTo(world.app, "ann@acme.test");
  const second = await askReset("ann");
  expect((await visitor(world).post(first, next)).status).toBe(404);
  const page = await visitor(world).get(second);
  expect(page.headers.get("referrer-policy")).toBe("same-origin");
  expect(await page.text()).not.toMatch(/(href|src|action)="(https?:)?\/\//);
  const answers = await Promise.all([visitor(world).post(second, next), visitor(world).post(second, next)]);
  expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 404]);
  const late = await askReset("ann");
  world.tick(31 * minute);
  expect((await visitor(world).post(late, next)).status).toBe(404);
  const changed = await askReset("ann");
  const own = await signedIn(world, "ann");
  await own.post("/account/password", { current: next.password, password: password("ann") });
  expect((await visitor(world).post(changed, next)).status).toBe(404);
  const { db } = world.app;
  const rows = await db.read
    .selectFrom("one_time_secrets")
    .selectAll()
    .where("user_id", "=", ann.id)
    .execute();
  expect(JSON.stringify(rows)).not.toContain(changed.split("/").at(-1) ?? "");
  expect(world.log.join("\n")).not.toContain(changed.split("/").at(-1) ?? "");
});

test("FT5: after a reset no session goes on, remembered or not, on any page or stream", async () => {
  await makePerson(world, "rea");
  const form = { email: "rea@acme.test", password: password("rea") };
  const people = [visitor(world), visitor(world)];
  for (const [at, person] of people.entries())
    await person.post("/sign-in", at === 0 ? { ...form, remember: "1" } : form);
  for (const person of people) expect((await person.get("/account")).status).toBe(200);
  const link = await askReset("rea");
  for (const person of people) expect((await person.get("/account")).status).toBe(200);
  expect((await visitor(world).post(link, { password: "another long password" })).status).toBe(200);
  for (const person of people)
    for (const path of ["/account", "/account/sessions", "/organizations", "/live"]) {
      const answer = await person.get(path);
      expect([path, answer.status]).toEqual([path, 303]);
      await answer.body?.cancel();
    }
});

test("I6: a reset link signs nobody in, so that it does not stand in for the second factor", async () => {
  const { app } = world;
  const bea = await makePerson(world, "bea");
  await updateUser(app.db, bea.id, { totp_secret: "sealed", totp_confirmed_at: app.now() });
  const link = await askReset("bea");
  const browser = visitor(world);
  expect((await browser.post(link, { password: "another long password" })).status).toBe(200);
  // It is known again, so that the way back ends at no wait; it is not signed in.
  expect([...browser.cookies.keys()]).toEqual(["pricore-known"]);
  expect((await browser.get("/account")).headers.get("location")).toStartWith("/sign-in");
  const user = await app.db.read
    .selectFrom("users")
    .selectAll()
    .where("id", "=", bea.id)
    .executeTakeFirstOrThrow();
  expect(user.totp_secret).toBe("sealed");
});

test("I7: asking for a reset or an account tells nobody who has one", async () => {
  await makePerson(world, "cleo");
  const sentences: Record<string, string[]> = { reset: [], signUp: [] };
  for (const email of ["cleo@acme.test", "nobody@acme.test"]) {
    const reset = await visitor(world).post("/reset-password", { email });
    const form = { name: "Cleo", email, password: "another long password" };
    const signUp = await visitor(world).post("/sign-up", form);
    const plain = async (answer: Response) =>
      `${answer.status} ${(await answer.text()).replaceAll(email, "…")}`;
    sentences["reset"]?.push(await plain(reset));
    sentences["signUp"]?.push(await plain(signUp));
  }
  expect(sentences["reset"]?.[0]).toBe(sentences["reset"]?.[1] ?? "");
  expect(sentences["signUp"]?.[0]).toBe(sentences["signUp"]?.[1] ?? "");
  // The mail tells the truth, to the one who reads it.
  const subjects = async (email: string) => (await mailsTo(world.app, email)).map(({ subject }) => subject);
  expect(await subjects("cleo@acme.test")).toEqual(["You already have an account", "Choose a new password"]);
  expect(await subjects("nobody@acme.test")).toEqual(["Confirm your email address"]);
  // And the password that a stranger typed for somebody else's address opens nothing.
  const guess = { email: "cleo@acme.test", password: "another long password" };
  expect((await visitor(world).post("/sign-in", guess)).status).toBe(422);
});

test("I16: an invitation is for its address alone, once, for seven days, with the role it has then", async () => {
  const { app } = world;
  const dora = await signedIn(world, "dora");
  const eve = await signedIn(world, "eve");
  const link = await invited("dora@acme.test");
  expect(await eve.read(link)).toContain("This invitation is for ");
  expect((await eve.post(link)).status).toBe(403);
  expect(await roleOf(eve.user.id)).toBeNull();
  // Nor does the form for a new account take another address, or a role.
  expect(
    (await visitor(world).post(`${link}/sign-up`, { name: "Eve", password: password("eve"), role: "owner" }))
      .status,
  ).toBe(422);
  expect(
    (await visitor(world).post(`${link}/sign-up`, { name: "Eve", password: password("eve") })).status,
  ).toBe(409);
  const secret = link.split("/").at(-1) ?? "";
  const race = await Promise.allSettled([
    acceptInvitation(app, secret, dora.user),
    acceptInvitation(app, secret, dora.user),
  ]);
  expect(race.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  expect((await dora.post(link)).status).toBe(404);
  const entries = await app.db.read
    .selectFrom("activity")
    .selectAll()
    .where("action", "=", "invitation.accepted")
    .where("subject", "=", "dora@acme.test")
    .execute();
  expect(entries).toHaveLength(1);

  const finn = await signedIn(world, "finn");
  const changed = await invited("finn@acme.test", "admin");
  await app.db.write
    .updateTable("invitations")
    .set({ role: "member" })
    .where("email", "=", "finn@acme.test")
    .execute();
  await finn.post(changed);
  expect(await roleOf(finn.user.id)).toBe("member");

  const gina = await signedIn(world, "gina");
  const late = await invited("gina@acme.test");
  world.tick(7 * 24 * 60 * minute);
  expect((await gina.post(late)).status).toBe(303);
  expect((await (await signedIn(world, "gina")).post(late)).status).toBe(404);
  expect(await roleOf(gina.user.id)).toBeNull();
});

test("I16: nothing of an invitation's secret lies in the database, and an owner who accepts one stays the owner", async () => {
  const { app } = world;
  const owner = await signedIn(world, "owen", { roles: { acme: "owner" } });
  const link = await invited("hugo@acme.test");
  const secret = link.split("/").at(-1) ?? "";
  for (const table of ["invitations", "mails", "activity"] as const)
    expect(JSON.stringify(await app.db.read.selectFrom(table).selectAll().execute())).not.toContain(secret);
  await app.db.write
    .updateTable("invitations")
    .set({ email: owner.user.email })
    .where("email", "=", "hugo@acme.test")
    .execute();
  await owner.post(link);
  expect(await roleOf(owner.user.id)).toBe("owner");
});

test("I18: a password of ten kilobytes, too few characters or none is refused wherever one is set", async () => {
  const ida = await signedIn(world, "ida");
  const link = await askReset("ida");
  const invitation = await invited("new@acme.test");
  for (const bad of ["", "short", "x".repeat(10_240), "ü".repeat(513)]) {
    const current = password("ida");
    const answers = [
      await visitor(world).post(link, { password: bad }),
      await ida.post("/account/password", { current, password: bad }),
      await visitor(world).post("/sign-up", { name: "Ida", email: "i@acme.test", password: bad }),
      await visitor(world).post(`${invitation}/sign-up`, { name: "Ida", password: bad }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422]);
  }
  // Nothing of a long one is cut off: all of it counts.
  const long = "ü".repeat(511);
  await visitor(world).post(link, { password: `${long}a` });
  const enter = async (text: string) =>
    (await visitor(world).post("/sign-in", { email: "ida@acme.test", password: text })).status;
  expect([await enter(`${long}b`), await enter(`${long}a`)]).toEqual([422, 303]);
});

test("I19: a user who deletes the account is signed out at once: sessions, personal tokens, links, invitations", async () => {
  const { app } = world;
  const jan = await signedIn(world, "jan", { roles: { acme: "admin" } });
  const other = await signedIn(world, "jan");
  const { text } = await createToken(app, {
    owner: { userId: jan.user.id },
    name: "laptop",
    expiresAt: null,
    packages: [],
    actor: "cli",
  });
  const link = await askReset("jan");
  const { link: friend } = await invite(
    app,
    { organization: acme, by: jan.user, client: "jan" },
    { email: "friend@acme.test", role: "admin" },
  );
  expect((await world.get("/acme/packages.json", text)).status).toBe(200);
  await jan.post("/account/delete", { password: password("jan") });
  expect((await world.get("/acme/packages.json", text)).status).toBe(401);
  expect((await other.get("/account")).headers.get("location")).toStartWith("/sign-in");
  expect((await visitor(world).get(link)).status).toBe(404);
  expect((await visitor(world).get(friend.slice(app.config.appUrl.length))).status).toBe(404);
  const enter = { email: "jan@acme.test", password: password("jan") };
  expect((await visitor(world).post("/sign-in", enter)).status).toBe(422);
  expect(await roleOf(jan.user.id)).toBeNull();
});

test("T10: nobody raises a role above the own, and nobody touches the owner", async () => {
  await createOrganization(world.app, { slug: "roles", name: "Roles", owner: null, actor: "cli" });
  const at = "/organizations/roles/settings/members";
  const owner = await signedIn(world, "olga", { roles: { roles: "owner" } });
  const admin = await signedIn(world, "adam", { roles: { roles: "admin" } });
  const member = await signedIn(world, "mona", { roles: { roles: "member" } });
  const roles = async () =>
    Promise.all(
      [owner, admin, member].map(
        async ({ user }) => (await findMembership(world.app.db, "roles", user.id))?.member.role,
      ),
    );
  const attempts: [typeof owner, string, Record<string, string>, number][] = [
    [member, `${at}/invitations`, { email: "x@acme.test", role: "member" }, 403],
    [member, `${at}/${member.user.id}/role`, { role: "admin" }, 403],
    [member, `${at}/${owner.user.id}/remove`, {}, 403],
    [member, `${at}/transfer`, { user: member.user.id, confirm: "roles" }, 403],
    [admin, `${at}/invitations`, { email: "x@acme.test", role: "owner" }, 422],
    [admin, `${at}/${admin.user.id}/role`, { role: "owner" }, 422],
    [admin, `${at}/${owner.user.id}/role`, { role: "member" }, 409],
    [admin, `${at}/${owner.user.id}/remove`, {}, 409],
    [admin, `${at}/transfer`, { user: admin.user.id, confirm: "roles" }, 403],
    [owner, `${at}/${owner.user.id}/role`, { role: "member" }, 409],
    [owner, `${at}/${owner.user.id}/remove`, {}, 409],
    [owner, "/account/organizations/roles/leave", {}, 409],
    [owner, "/account/delete", { password: password("olga") }, 409],
  ];
  for (const [who, path, form, status] of attempts)
    expect([path, (await who.post(path, form)).status]).toEqual([path, status]);
  expect(await roles()).toEqual(["owner", "admin", "member"]);
});

test("T10: of two who hand the ownership on at once, one does, and there is one owner", async () => {
  const { app } = world;
  await createOrganization(app, { slug: "twice", name: "Twice", owner: null, actor: "cli" });
  const at = "/organizations/twice/settings/members/transfer";
  const owner = await signedIn(world, "olga", { roles: { twice: "owner" } });
  const adam = await signedIn(world, "adam", { roles: { twice: "admin" } });
  const mona = await signedIn(world, "mona", { roles: { twice: "member" } });
  await Promise.all([adam, mona].map(({ user }) => owner.post(at, { user: user.id, confirm: "twice" })));
  const { id } = await getOrganization(app.db, "twice");
  const rows = await app.db.read
    .selectFrom("members")
    .selectAll()
    .where("organization_id", "=", id)
    .execute();
  expect(rows.filter(({ role }) => role === "owner")).toHaveLength(1);
  expect(rows).toHaveLength(3);
});

test("T11: the personal token of a removed member opens nothing on the very next request", async () => {
  const { app } = world;
  const owner = await signedIn(world, "owen", { roles: { acme: "owner" } });
  const kim = await signedIn(world, "kim", { roles: { acme: "member" } });
  const { text } = await createToken(app, {
    owner: { userId: kim.user.id },
    name: "laptop",
    expiresAt: null,
    packages: [],
    actor: "cli",
  });
  const ask = async () => (await world.get("/acme/packages.json", text)).status;
  expect([await ask(), await ask()]).toEqual([200, 200]);
  await owner.post(`${members}/${kim.user.id}/remove`);
  expect(await ask()).toBe(401);
  await setMember(app.db, acme.id, { userId: kim.user.id, role: "member", now: app.now() });
  expect(await ask()).toBe(200);
  await kim.post("/account/organizations/acme/leave");
  expect(await ask()).toBe(401);
});

test("S15: a mail server on a private address is not asked, until the operator allows it", async () => {
  const server = await startSmtp();
  const from = { address: "pricore@acme.test", name: "Pricore" };
  const message = { id: "1", to: "ann@acme.test", subject: "Hello", text: "Hello" };
  const hosts = ["127.0.0.1", "localhost", "169.254.169.254", "10.0.0.1", "::1", "::ffff:127.0.0.1"];
  for (const host of hosts) {
    const options = { host, port: server.port, encryption: "none", credentials: null, from } as const;
    const error = await createSmtp({ ...options, policy: { allow: [] } })
      .send(message)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Failure);
    expect(error).toMatchObject({ code: "url_not_allowed" });
  }
  expect(server.connections()).toBe(0);
  const allow = [{ host: "127.0.0.1", port: null }];
  const open = { host: "127.0.0.1", port: server.port, encryption: "none", credentials: null, from } as const;
  expect(await createSmtp({ ...open, policy: { allow } }).send(message)).toBe("sent");
  server.stop();
});

test("C14: names that people chose bring neither headers nor links nor lines into a mail", async () => {
  const { app } = world;
  const evil = "Acme\r\nBcc: eve@evil.test\r\n\r\nhttps://evil.test/x www.evil.test <b>\u202e\u001b[31m";
  // As rows are that are older than the check at the door.
  const request = { slug: "evil", name: "Evil", owner: null, actor: "cli" };
  const organization = { ...(await createOrganization(app, request)), name: evil.slice(0, 100) };
  const by = await makePerson(world, "lea");
  await updateUser(app.db, by.id, { name: evil });
  await invite(
    app,
    { organization, by: { ...by, name: evil }, client: "lea" },
    { email: "mia@acme.test", role: "member" },
  );
  const [mail] = await mailsTo(app, "mia@acme.test");
  expect(mail?.subject).not.toMatch(/[\r\n]/);
  expect(mail?.links).toHaveLength(1);
  expect(mail?.links[0]).toStartWith(`${app.config.appUrl}/invitations/`);
  expect(mail?.text).not.toMatch(/https?:\/\/evil|www\.evil|\u202e|\u001b/);
  expect(mail?.text.split("\n").filter((line) => line.startsWith("Bcc"))).toEqual([]);
  expect(inMail("Ann Archer")).toBe("Ann Archer");
});

test("I6: a link that two redeem at once changes one password", async () => {
  await makePerson(world, "nina");
  const secret = (await askReset("nina")).split("/").at(-1) ?? "";
  const both = await Promise.allSettled(
    ["first long password", "second long password"].map((text) =>
      resetByLink(world.app, { secret, password: text }),
    ),
  );
  expect(both.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
});
