import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { listMails } from "../../../src/store/mails.ts";
import type { TestApp } from "../../worlds/process.ts";
import { codesIn, keyIn, setUpApp } from "./code-app.ts";
import { makePerson, password, signedIn, visitor, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;

beforeEach(async () => {
  await world?.close();
  world = await openWorld({ in: "process" });
});
afterAll(() => world?.close());

/** Gives the password of ann and stands before the second step. */
async function withPassword(form: Record<string, string> = {}): Promise<Visitor> {
  const ann = visitor(world);
  const answer = await ann.post("/sign-in", { email: "ann@acme.test", password: password("ann"), ...form });
  expect(answer.headers.get("location")).toStartWith("/sign-in/code");
  return ann;
}

async function isIn(person: Visitor): Promise<boolean> {
  return (await person.get("/account/security")).status === 200;
}

describe("a code app", () => {
  test("is set up with a code of it, and asked for after the password from then on", async () => {
    const ann = await signedIn(world, "ann");
    expect(await ann.read("/account/security")).toContain("Your account is protected by a password only");
    const app = await setUpApp(world, ann);
    expect(app.recoveryCodes.length).toBe(10);
    world.tick(30_000);
    const again = await withPassword({ next: "/account/sessions" });
    expect(await isIn(again)).toBe(false);
    const answer = await again.post("/sign-in/code", { code: app.code(), next: "/account/sessions" });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/account/sessions"]);
    expect(await isIn(again)).toBe(true);
  });

  test("is not set up by a wrong code, which says what to do and keeps the key", async () => {
    const ann = await signedIn(world, "ann");
    const key = keyIn(await ann.read("/account/security/app"));
    const answer = await ann.post("/account/security/app/confirm", { code: "000000" });
    const page = await answer.text();
    expect([answer.status, keyIn(page)]).toEqual([422, key]);
    expect(page).toContain("This code was not accepted");
  });

  test("ends all other sessions and sends a mail when it is set up and when it is removed", async () => {
    const ann = await signedIn(world, "ann");
    const elsewhere = await signedIn(world, "ann");
    await setUpApp(world, ann);
    expect([await isIn(ann), await isIn(elsewhere)]).toEqual([true, false]);
    expect((await ann.post("/account/security/app/remove")).status).toBe(303);
    const subjects = (await listMails(world.app.db, { limit: 10, before: null }))
      .map(({ subject }) => subject)
      .toSorted();
    expect(subjects).toEqual([
      "An authenticator app was added as a second factor",
      "The authenticator app was removed as a second factor",
    ]);
    const signing = await visitor(world).post("/sign-in", {
      email: "ann@acme.test",
      password: password("ann"),
    });
    expect(signing.headers.get("location")).toBe("/");
  });

  test("asks for the password again before it is touched", async () => {
    const ann = await signedIn(world, "ann");
    world.tick(11 * 60_000);
    const answer = await ann.get("/account/security/app");
    expect(answer.headers.get("location")).toBe("/confirm?next=%2Faccount%2Fsecurity%2Fapp");
  });

  test("keeps its secret encrypted", async () => {
    const ann = await signedIn(world, "ann");
    const key = keyIn(await ann.read("/account/security/app"));
    const row = await world.app.db.read.selectFrom("users").selectAll().executeTakeFirstOrThrow();
    expect(row.totp_secret).toStartWith("v1.");
    expect(JSON.stringify(row)).not.toContain(key);
  });
});

describe("recovery codes", () => {
  test("are shown once, and a reload says so", async () => {
    const ann = await signedIn(world, "ann");
    await setUpApp(world, ann);
    const page = await ann.read("/account/security/recovery-codes");
    expect(codesIn(page)).toEqual([]);
    expect(page).toContain("These codes were shown once");
  });

  test("open the account once each, however they are typed", async () => {
    const { recoveryCodes } = await setUpApp(world, await signedIn(world, "ann"));
    const [first = ""] = recoveryCodes;
    const answer = await (
      await withPassword()
    ).post("/sign-in/recovery", { code: ` ${first.toUpperCase()} ` });
    expect(answer.status).toBe(303);
    const again = await withPassword();
    expect(await again.read("/sign-in/code")).toContain("9 left");
    expect((await again.post("/sign-in/recovery", { code: first })).status).toBe(422);
  });

  test("go with the last factor", async () => {
    const ann = await signedIn(world, "ann");
    await setUpApp(world, ann);
    await ann.post("/account/security/app/remove");
    expect(await ann.read("/account/security")).not.toContain("Recovery codes");
    expect((await ann.post("/account/security/recovery-codes")).status).toBe(409);
  });
});

describe("sessions", () => {
  test("are listed with browser and address, and ended one by one or all others", async () => {
    const ann = await signedIn(world, "ann");
    const others = [await signedIn(world, "ann"), await signedIn(world, "ann")];
    const page = await ann.read("/account/sessions");
    expect(page).toContain("this browser");
    expect(page).toContain("127.0.0.1");
    const ends = [...page.matchAll(/action="(\/account\/sessions\/[0-9a-f-]{36}\/end)"/g)].map(
      ([, path]) => path,
    );
    expect(ends.length).toBe(2);
    await ann.post(ends[0] ?? "");
    const left = await Promise.all(others.map(isIn));
    expect(left.filter(Boolean).length).toBe(1);
    await ann.post("/account/sessions/end-others");
    expect(await Promise.all([ann, ...others].map(isIn))).toEqual([true, false, false]);
  });

  test("of somebody else cannot be ended", async () => {
    const ben = await signedIn(world, "ben");
    const ann = await signedIn(world, "ann");
    const [session] = await world.app.sessions.list(ben.user);
    await ann.post(`/account/sessions/${session?.id}/end`);
    expect(await isIn(ben)).toBe(true);
  });

  test("last thirty days when asked to, and twelve hours for administrators", async () => {
    await makePerson(world, "ann");
    await makePerson(world, "ada", { isAdmin: true });
    const stays = async (name: string) => {
      const person = visitor(world);
      await person.post("/sign-in", { email: `${name}@acme.test`, password: password(name), remember: "1" });
      return person;
    };
    const [ann, ada] = [await stays("ann"), await stays("ada")];
    world.tick(13 * 3_600_000);
    expect([await isIn(ann), await isIn(ada)]).toEqual([true, false]);
    world.tick(29 * 86_400_000);
    expect(await isIn(ann)).toBe(true);
    world.tick(86_400_000);
    expect(await isIn(ann)).toBe(false);
  });
});

describe("the theme", () => {
  test("is kept with the account and shown on every page", async () => {
    const ann = await signedIn(world, "ann");
    const answer = await ann.post("/account/theme", { theme: "dark" });
    expect(answer.status).toBe(303);
    expect(await ann.read("/account/appearance")).toContain('data-theme="dark"');
    expect((await ann.post("/account/theme", { theme: "pink" })).status).toBe(422);
  });
});

describe("passkeys", () => {
  test("are offered where browsers keep them", async () => {
    const ann = await signedIn(world, "ann");
    expect(await ann.read("/account/security")).toContain("Add passkey");
    expect((await ann.post("/account/security/passkeys/challenge")).status).toBe(200);
    const answer = await ann.post("/account/security/passkeys", { name: "Laptop", answer: "{}" });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("The passkey was not accepted");
  });
});
