// The step after the password: skipped, guessed at, played again.
import { afterAll, beforeEach, expect, test } from "bun:test";
import { generateSync } from "otplib";
import { updateUser } from "../../../src/store/accounts/users.ts";
import { codesIn, keyIn, setUpApp, type CodeApp } from "../../pages/accounts/code-app.ts";
import { password, signedIn, visitor, visitorAt, type Visitor } from "../../pages/visitor.ts";
import type { TestApp } from "../../worlds/process.ts";
import { openWorld } from "../../worlds/world.ts";

const minute = 60_000;
let world: TestApp;
let app: CodeApp;
let ann: Visitor;

beforeEach(async () => {
  await world?.close();
  world = await openWorld({ in: "process" });
  ann = await signedIn(world, "ann");
  app = await setUpApp(world, ann);
  world.tick(minute);
});
afterAll(() => world?.close());

async function withPassword(): Promise<Visitor> {
  const person = visitor(world);
  await person.post("/sign-in", { email: "ann@acme.test", password: password("ann") });
  return person;
}

async function isIn(person: Visitor): Promise<boolean> {
  return (await person.get("/account/sessions")).status === 200;
}

test("I8: a code opens once, however it is written, and of two at once one", async () => {
  const code = app.code();
  const people = [await withPassword()];
  const spaced = `${code.slice(0, 3)} ${code.slice(3)}`;
  expect((await people[0]?.post("/sign-in/code", { code: spaced }))?.status).toBe(303);
  expect((await (await withPassword()).post("/sign-in/code", { code })).status).toBe(422);
  expect((await (await withPassword()).post("/sign-in/code", { code: app.code(-1) })).status).toBe(422);
  world.tick(minute);
  const person = await withPassword();
  const answers = await Promise.all([1, 2].map(() => person.post("/sign-in/code", { code: app.code() })));
  expect(answers.map(({ headers }) => headers.get("location")).filter((path) => path === "/")).toEqual(["/"]);
});

test("I8: a code of the step before or after is taken, one of two steps away is not", async () => {
  expect((await (await withPassword()).post("/sign-in/code", { code: app.code(-2) })).status).toBe(422);
  expect((await (await withPassword()).post("/sign-in/code", { code: app.code(2) })).status).toBe(422);
  expect((await (await withPassword()).post("/sign-in/code", { code: app.code(-1) })).status).toBe(303);
  expect((await (await withPassword()).post("/sign-in/code", { code: app.code(1) })).status).toBe(303);
});

test("I9: the password alone opens nothing, its step is no session, of this browser alone, and over after ten minutes", async () => {
  const person = await withPassword();
  for (const path of ["/", "/organizations", "/account", "/account/security", "/confirm"])
    expect([path, (await person.get(path)).headers.get("location")?.split("?")[0]]).toEqual([
      path,
      "/sign-in",
    ]);
  const thief = visitor(world);
  thief.cookies.set("pricore", person.cookies.get("pricore-pending") ?? "");
  expect(await isIn(thief)).toBe(false);
  const elsewhere = visitor(world);
  expect((await elsewhere.post("/sign-in/code", { code: app.code() })).headers.get("location")).toStartWith(
    "/sign-in",
  );
  world.tick(10 * minute);
  const late = await person.post("/sign-in/code", { code: app.code() });
  expect(late.headers.get("location")).toStartWith("/sign-in");
  expect(await isIn(person)).toBe(false);
});

test("I9: the step between opens once", async () => {
  const person = await withPassword();
  const pending = person.cookies.get("pricore-pending") ?? "";
  await person.post("/sign-in/code", { code: app.code() });
  const thief = visitor(world);
  thief.cookies.set("pricore-pending", pending);
  world.tick(minute);
  expect((await thief.post("/sign-in/code", { code: app.code() })).headers.get("location")).toStartWith(
    "/sign-in",
  );
});

test("I10: five wrong codes are all there are in a quarter of an hour, no matter how often sign-in starts over", async () => {
  for (let at = 0; at < 5; at++)
    expect((await (await withPassword()).post("/sign-in/code", { code: "000000" })).status).toBe(422);
  const person = await withPassword();
  const sixth = await person.post("/sign-in/code", { code: app.code() });
  expect([sixth.status, Number(sixth.headers.get("retry-after"))]).toEqual([429, 900]);
  expect((await person.post("/sign-in/recovery", { code: app.recoveryCodes[0] ?? "" })).status).toBe(429);
  world.tick(15 * minute);
  expect((await (await withPassword()).post("/sign-in/code", { code: app.code() })).status).toBe(303);
});

test("I11: a recovery code opens once, also of two at once, and none opens after new ones were made", async () => {
  const [first = "", second = ""] = app.recoveryCodes;
  const person = await withPassword();
  const answers = await Promise.all([1, 2].map(() => person.post("/sign-in/recovery", { code: first })));
  expect(answers.map(({ headers }) => headers.get("location")).filter((path) => path === "/")).toEqual(["/"]);
  await ann.post("/account/security/recovery-codes");
  const fresh = codesIn(await ann.read("/account/security/recovery-codes"));
  expect([fresh.length, new Set([...fresh, ...app.recoveryCodes]).size]).toEqual([10, 20]);
  expect((await (await withPassword()).post("/sign-in/recovery", { code: second })).status).toBe(422);
  expect((await (await withPassword()).post("/sign-in/recovery", { code: fresh[0] ?? "" })).status).toBe(303);
  const mails = await world.app.db.read.selectFrom("mails").select("subject").execute();
  expect(mails.filter(({ subject }) => subject === "A recovery code was used to sign in").length).toBe(2);
});

test("FT4: a recovery code that was used opens no second sign-in, nor a later one, however it is written", async () => {
  const [used = "", other = ""] = app.recoveryCodes;
  const first = await withPassword();
  expect((await first.post("/sign-in/recovery", { code: used })).headers.get("location")).toBe("/");
  expect(await isIn(first)).toBe(true);
  for (const written of [used, used.toUpperCase(), used.replaceAll("-", ""), ` ${used} `]) {
    const again = await withPassword();
    expect([written, (await again.post("/sign-in/recovery", { code: written })).status]).toEqual([
      written,
      422,
    ]);
    expect(await isIn(again)).toBe(false);
  }
  world.tick(24 * 60 * minute);
  const later = await withPassword();
  expect((await later.post("/sign-in/recovery", { code: used })).status).toBe(422);
  expect((await later.post("/sign-in/recovery", { code: other })).status).toBe(303);
});

test("I11: nothing that opens lies plain in the database", async () => {
  const { db } = world.app;
  const rows = [
    ...(await db.read.selectFrom("users").selectAll().execute()),
    ...(await db.read.selectFrom("recovery_codes").selectAll().execute()),
    ...(await db.read.selectFrom("one_time_secrets").selectAll().execute()),
    ...(await db.read.selectFrom("sessions").selectAll().execute()),
  ];
  const text = JSON.stringify(rows);
  for (const secret of [...app.recoveryCodes, ...ann.cookies.values()]) expect(text).not.toContain(secret);
});

test("I15: a user without a password enters a code, and a user with neither is refused", async () => {
  await updateUser(world.app.db, (await owner()).id, { password_hash: null });
  world.tick(10 * minute);
  const sensitive = "/account/security/passkeys/new";
  expect((await ann.get(sensitive)).headers.get("location")).toStartWith("/confirm");
  expect(await ann.read("/confirm")).toContain("Six-digit code");
  for (const form of forms({}, { password: "" }, { code: "" }, { code: "000000" }))
    expect((await ann.post("/confirm", form)).status).toBe(422);
  expect((await ann.get(sensitive)).status).toBe(303);
  expect((await ann.post("/confirm", { code: app.code() })).status).toBe(303);
  expect((await ann.get(sensitive)).status).toBe(200);

  world.tick(20 * minute);
  await updateUser(world.app.db, (await owner()).id, { totp_confirmed_at: null, totp_secret: null });
  expect(await ann.read("/confirm")).toContain("This account has no password");
  for (const form of forms({}, { password: "" }, { code: app.code() }))
    expect((await ann.post("/confirm", form)).status).toBe(422);
  expect((await ann.get(sensitive)).status).toBe(303);
});

test("I8, I10: the built server asks for the code, takes it once, and an operator can switch it off", async () => {
  const operator = await openWorld({ in: "shell" });
  try {
    await operator.run(["user", "create", "--email", "ann@acme.test", "--name", "Ann", "--password-stdin"], {
      stdin: `${password("ann")}\n`,
    });
    const server = await operator.serve();
    const form = { email: "ann@acme.test", password: password("ann") };
    const person = visitorAt(server.url);
    await person.post("/sign-in", form);
    const secret = keyIn(await person.read("/account/security/app"));
    const code = (steps: number) =>
      generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });
    const fields = { code: code(-1) };
    expect((await person.post("/account/security/app/confirm", fields)).status).toBe(303);
    const again = visitorAt(server.url);
    expect((await again.post("/sign-in", form)).headers.get("location")).toBe("/sign-in/code");
    expect((await again.post("/sign-in/code", fields)).status).toBe(422);
    expect((await again.post("/sign-in/code", { code: code(1) })).status).toBe(303);
    await operator.must("user", "disable-2fa", "--email", "ann@acme.test");
    expect(await isIn(again)).toBe(false);
    expect((await visitorAt(server.url).post("/sign-in", form)).headers.get("location")).toBe("/");
  } finally {
    await operator.close();
  }
}, 60_000);

function forms(...each: Record<string, string>[]): Record<string, string>[] {
  return each;
}

async function owner() {
  return world.app.db.read.selectFrom("users").selectAll().executeTakeFirstOrThrow();
}
