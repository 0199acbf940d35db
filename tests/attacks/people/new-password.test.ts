// A new password, wherever it is set, ends all that somebody with the old one holds or has begun; and whoever reads the
// account's mail always gets back in.
import { afterAll, beforeEach, expect, test } from "bun:test";
import { resetPassword } from "../../../src/registry/accounts/users.ts";
import { startSession } from "../../../src/registry/accounts/sessions.ts";
import { findUser, findUserById } from "../../../src/store/accounts/users.ts";
import { listPasskeys, addPasskey } from "../../../src/store/accounts/passkeys.ts";
import { setUpApp } from "../../pages/accounts/code-app.ts";
import { makePerson, password, signedIn, visitor, visitorAt, type Visitor } from "../../pages/visitor.ts";
import type { TestApp } from "../../worlds/process.ts";
import { linkTo, mailsTo } from "../../tools/mails.ts";
import { openWorld } from "../../worlds/world.ts";

const minute = 60_000;
const hour = 60 * minute;
const fresh = "quite another long password";
let world: TestApp;

beforeEach(async () => {
  await world?.close();
  world = await openWorld({ in: "process", environment: { TRUSTED_PROXIES: "127.0.0.1" } });
});
afterAll(() => world?.close());

type Way = (name: string) => Promise<unknown>;

async function byMail(name: string, person = visitor(world)): Promise<Visitor> {
  await visitor(world).post("/reset-password", { email: `${name}@acme.test` });
  const answer = await person.post(await linkTo(world.app, `${name}@acme.test`), { password: fresh });
  expect(answer.status).toBe(200);
  return person;
}

const ways: Record<string, Way> = {
  "by mail": (name) => byMail(name),
  "by the operator": (name) =>
    resetPassword(world.app, { email: `${name}@acme.test`, password: fresh, actor: "cli" }),
  "by the account page": async (name) => {
    const person = await signedIn(world, name);
    const form = { current: password(name), password: fresh };
    expect((await person.post("/account/password", form)).status).toBe(303);
  },
};

async function enter(
  name: string,
  text: string,
  headers: Record<string, string> = {},
  person = visitor(world),
) {
  return person.post("/sign-in", { email: `${name}@acme.test`, password: text }, headers);
}

async function isIn(person: Visitor): Promise<boolean> {
  return (await person.get("/account/sessions")).status === 200;
}

for (const [way, setPassword] of Object.entries(ways))
  test(`FA6: a new password ${way} ends sessions, links, half-way steps and an app that was never confirmed`, async () => {
    const { app } = world;
    const thief = await signedIn(world, "ann");
    await thief.read("/account/security/app");
    expect((await findUser(app.db, "ann@acme.test"))?.totp_secret).not.toBeNull();
    await thief.post("/account/email", { email: "thief@evil.test" });
    const taking = await linkTo(app, "thief@evil.test");
    await thief.post("/reset-password", { email: "ann@acme.test" });
    const reset = await linkTo(app, "ann@acme.test");

    const bea = await signedIn(world, "bea");
    await setUpApp(world, bea);
    world.tick(minute);
    const halfWay = visitor(world);
    expect((await enter("bea", password("bea"), {}, halfWay)).headers.get("location")).toBe("/sign-in/code");

    await setPassword("ann");
    await setPassword("bea");
    expect(await isIn(thief)).toBe(false);
    expect((await visitor(world).post(taking)).status).toBe(404);
    if (way !== "by mail") expect((await visitor(world).get(reset)).status).toBe(404);
    const ann = await findUser(app.db, "ann@acme.test");
    expect([ann?.email, ann?.totp_secret]).toEqual(["ann@acme.test", null]);
    expect((await halfWay.get("/sign-in/code")).headers.get("location")).toStartWith("/sign-in");
    expect((await enter("ann", password("ann"))).status).toBe(422);
    expect((await enter("ann", fresh)).status).toBe(303);
    const subjects = (await mailsTo(app, "ann@acme.test")).map(({ subject }) => subject);
    expect(subjects).toContain("Your password was changed");
    const { user_id } = { user_id: ann?.id ?? "" };
    const left = await app.db.read
      .selectFrom("one_time_secrets")
      .select("purpose")
      .where("user_id", "=", user_id)
      .where("used_at", "is", null)
      .execute();
    expect(left).toEqual([]);
  });

test("FA6: a sign-in that began before the new password does not end after it", async () => {
  const { app } = world;
  const before = await makePerson(world, "ann");
  const browser = { address: "192.0.2.1", userAgent: "" };
  await resetPassword(app, { email: "ann@acme.test", password: fresh, actor: "cli" });
  const late = startSession(app, { user: before, browser, isRemembered: false });
  await expect(late).rejects.toMatchObject({ code: "sign_in" });
});

test("FA6: ending the other sessions ends a change of the address that was asked for in one of them", async () => {
  const thief = await signedIn(world, "ann");
  const ann = await signedIn(world, "ann");
  await thief.post("/account/email", { email: "thief@evil.test" });
  const taking = await linkTo(world.app, "thief@evil.test");
  await ann.post("/account/sessions/end-others");
  expect((await visitor(world).post(taking)).status).toBe(404);
});

async function stolen(): Promise<{ undo: string; userId: string }> {
  const { app } = world;
  const thief = await signedIn(world, "ann");
  const { id } = thief.user;
  await thief.post("/account/email", { email: "thief@evil.test" });
  await visitor(world).post(await linkTo(app, "thief@evil.test"));
  const undo = await linkTo(app, "ann@acme.test");
  expect((await mailsTo(app, "ann@acme.test"))[0]?.text).toContain(
    "changed from ann@acme.test to thief@evil.test",
  );
  return { undo, userId: id };
}

test("FA6: the owner of the address takes it back, whatever the thief has changed meanwhile", async () => {
  const { app } = world;
  const { undo, userId } = await stolen();
  world.tick(hour);
  // The thief makes everything their own: password, app, passkey, a token, and one more address.
  await visitor(world).post("/reset-password", { email: "thief@evil.test" });
  await visitor(world).post(await linkTo(app, "thief@evil.test"), { password: fresh });
  const thief = visitor(world);
  await thief.post("/sign-in", { email: "thief@evil.test", password: fresh });
  await setUpApp(world, thief);
  const key = { id: "stolen", user_id: userId, name: "key", public_key: "", counter: 0, transports: "[]" };
  await addPasskey(app.db, { ...key, created_at: app.now() });
  await thief.post("/account/tokens", { name: "t", expires: "never", date: "", packages: "" });
  await thief.post("/account/email", { email: "second@evil.test" });
  await visitor(world).post(await linkTo(app, "second@evil.test"));
  const again = await linkTo(app, "thief@evil.test");
  expect((await findUserById(app.db, userId))?.email).toBe("second@evil.test");

  const owner = visitor(world);
  expect(await owner.read(undo)).toContain("ann@acme.test");
  expect((await findUserById(app.db, userId))?.email).toBe("second@evil.test");
  const done = await owner.post(undo);
  const choose = done.headers.get("location") ?? "";
  expect([done.status, choose.startsWith("/reset-password/")]).toEqual([303, true]);
  expect(await isIn(thief)).toBe(false);
  expect((await visitor(world).post("/sign-in", { email: "ann@acme.test", password: fresh })).status).toBe(
    422,
  );
  expect((await owner.post(choose, { password: "the owner's own password" })).status).toBe(200);
  const enters = await enter("ann", "the owner's own password", {}, owner);
  expect(enters.headers.get("location")).toBe("/");
  const ann = await findUserById(app.db, userId);
  expect([ann?.email, ann?.totp_confirmed_at]).toEqual(["ann@acme.test", null]);
  expect(await listPasskeys(app.db, userId)).toEqual([]);
  expect(await owner.read("/account/tokens")).toContain("No tokens yet");
  // Neither works twice, and the thief's own way back is void.
  for (const path of [undo, again]) expect((await visitor(world).post(path)).status).toBe(404);
});

test("FA6: the way back of a changed address lasts 72 hours, and is in no row and no line of the log", async () => {
  const { app } = world;
  const { undo } = await stolen();
  const secret = undo.split("/").at(-1) ?? "";
  expect(
    JSON.stringify(await app.db.read.selectFrom("one_time_secrets").selectAll().execute()),
  ).not.toContain(secret);
  app.log.warn("test.line", { path: undo });
  expect(world.log.join("\n")).not.toContain(secret);
  world.tick(72 * hour - minute);
  expect((await visitor(world).get(undo)).status).toBe(200);
  world.tick(minute);
  expect((await visitor(world).post(undo)).status).toBe(404);
});

test("FA8: strangers' guesses end at a reset by mail: from any browser, in the same network, at once", async () => {
  await makePerson(world, "ann");
  const from = { "X-Forwarded-For": "203.0.113.9" };
  for (let at = 0; at < 40; at++) await enter("ann", "wrong", { "X-Forwarded-For": `192.0.2.${at}` });
  // And from where the owner is, as many as one address may make.
  for (let at = 0; at < 40; at++)
    await visitor(world).post("/sign-in", { email: `p${at}@x.test`, password: "w" }, from);
  expect((await enter("ann", password("ann"), from)).status).toBe(429);
  const owner = await byMail("ann");
  for (let at = 0; at < 12; at++) await enter("ann", "wrong", { "X-Forwarded-For": `192.0.2.${at}` });
  expect((await enter("ann", fresh, from, owner)).status).toBe(303);
});

test("FA8: after a reset by mail another new browser of the owner need not wait either", async () => {
  await makePerson(world, "ann");
  for (let at = 0; at < 40; at++) await enter("ann", "wrong", { "X-Forwarded-For": `192.0.2.${at}` });
  expect((await enter("ann", password("ann"), { "X-Forwarded-For": "203.0.113.9" })).status).toBe(429);
  await byMail("ann");
  expect((await enter("ann", fresh, { "X-Forwarded-For": "203.0.113.9" })).status).toBe(303);
});

test("FA8: strangers who ask for mail leave the owner a link that works, or the right to ask for one", async () => {
  await makePerson(world, "ann");
  const ask = (at: number) =>
    visitor(world).post(
      "/reset-password",
      { email: "ann@acme.test" },
      { "X-Forwarded-For": `198.51.100.${at}` },
    );
  for (let passed = 0; passed < 120; passed += 7) {
    for (let at = 0; at < 4; at++) await ask(passed + at);
    world.tick(7 * minute);
    const answer = await ask(200);
    const link = await linkTo(world.app, "ann@acme.test");
    const opens = (await visitor(world).get(link)).status === 200;
    expect([passed, answer.status === 200 || opens]).toEqual([passed, true]);
  }
});

test("FA6: the built server: the operator's new password ends the step before the code", async () => {
  const operator = await openWorld({ in: "shell" });
  try {
    const create = ["user", "create", "--email", "ann@acme.test", "--name", "Ann", "--password-stdin"];
    await operator.run(create, { stdin: `${password("ann")}\n` });
    const server = await operator.serve();
    const person = visitorAt(server.url);
    await person.post("/sign-in", { email: "ann@acme.test", password: password("ann") });
    expect((await person.get("/account")).status).toBe(200);
    const reset = ["user", "reset-password", "--email", "ann@acme.test", "--password-stdin"];
    await operator.run(reset, { stdin: `${fresh}\n` });
    expect((await person.get("/account")).status).toBe(303);
  } finally {
    await operator.close();
  }
}, 60_000);

test("FA6: nothing but the one function for it changes a password", async () => {
  const found: string[] = [];
  for await (const path of new Bun.Glob("src/**/*.{ts,tsx}").scan("."))
    if (/\bsetPassword\(|password_hash:/.test(await Bun.file(path).text())) found.push(path);
  expect(found.toSorted()).toEqual([
    "src/registry/accounts/new-password.ts",
    // New rows, and the end of one.
    "src/store/accounts/users.ts",
    "src/store/schema.ts",
  ]);
});
