import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { createToken } from "../../../src/registry/tokens.ts";
import { findUser } from "../../../src/store/accounts/users.ts";
import type { TestApp } from "../../worlds/process.ts";
import { linkTo, mailsTo } from "../../tools/mails.ts";
import { makePerson, password, signedIn, visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { SIGN_UP_ENABLED: "true" } });
  await world.organization("acme");
});
afterAll(() => world?.close());
// What may be mailed in an hour is counted.
beforeEach(() => world.tick(3_600_000));

const minute = 60_000;
const signsIn = async (name: string, text: string) =>
  (await visitor(world).post("/sign-in", { email: `${name}@acme.test`, password: text })).status === 303;

describe("a forgotten password", () => {
  test("is replaced through the link in a mail, and every session ends", async () => {
    const ann = await signedIn(world, "ann");
    const stranger = visitor(world);
    const sent = await stranger.post("/reset-password", { email: " ANN@acme.test " });
    expect([sent.status, await sent.text()]).toEqual([
      200,
      expect.stringContaining("Ask an administrator for the link"),
    ]);
    const link = await linkTo(world.app, "ann@acme.test");
    expect(await stranger.read(link)).toContain("ann@acme.test");
    const changed = await stranger.post(link, { password: "another long password" });
    expect(await changed.text()).toContain("Your password is changed");
    expect((await ann.get("/account")).status).toBe(303);
    expect(stranger.cookies.has("pricore")).toBe(false);
    expect([await signsIn("ann", password("ann")), await signsIn("ann", "another long password")]).toEqual([
      false,
      true,
    ]);
    expect((await mailsTo(world.app, "ann@acme.test"))[0]?.subject).toBe("Your password was changed");
  });

  test("may be too short once, and the link still works", async () => {
    await makePerson(world, "ben");
    await visitor(world).post("/reset-password", { email: "ben@acme.test" });
    const link = await linkTo(world.app, "ben@acme.test");
    const refused = await visitor(world).post(link, { password: "short" });
    expect(refused.status).toBe(422);
    expect(await refused.text()).toContain("at least 12 characters");
    expect((await visitor(world).post(link, { password: "another long password" })).status).toBe(200);
  });

  test("cannot be asked for more than three times in the half hour that a link works", async () => {
    const ask = () => visitor(world).post("/reset-password", { email: "zoe@acme.test" });
    for (let time = 0; time < 3; time++) expect((await ask()).status).toBe(200);
    const refused = await ask();
    expect(refused.status).toBe(429);
    expect(await refused.text()).toContain("Try again in 30 min");
  });
});

describe("signing up", () => {
  const form = { name: "Cleo", email: "cleo@acme.test", password: password("cleo") };

  test("begins with the link in the mail, and the address is verified", async () => {
    const cleo = visitor(world);
    expect(await (await cleo.post("/sign-up", form)).text()).toContain("Ask an administrator for the link");
    expect(await signsIn("cleo", form.password)).toBe(false);
    const link = await linkTo(world.app, form.email);
    expect(await cleo.read(link)).toContain("Confirm and get started");
    expect((await cleo.post(link)).headers.get("location")).toBe("/");
    expect(await cleo.read("/account")).toContain("Verified");
    expect((await cleo.post(link)).status).toBe(404);
  });

  test("keeps what was typed when something is wrong", async () => {
    const refused = await visitor(world).post("/sign-up", { ...form, name: "Dora", email: "dora" });
    expect(refused.status).toBe(422);
    const text = await refused.text();
    expect(text).toContain('value="Dora"');
    expect(text).toContain("is not an email address");
  });

  test("is not there unless it is switched on", async () => {
    const closed = await openWorld({ in: "process" });
    expect((await visitor(closed).get("/sign-up")).status).toBe(404);
    expect((await visitor(closed).post("/sign-up", form)).status).toBe(404);
    await closed.close();
  });
});

describe("an account", () => {
  test("has a name that the person changes", async () => {
    const ann = await signedIn(world, "ann");
    expect((await ann.post("/account", { name: "" })).status).toBe(422);
    await ann.post("/account", { name: "Ann Archer" });
    expect(await ann.read("/account")).toContain("Ann Archer");
    expect((await findUser(world.app.db, "ann@acme.test"))?.name).toBe("Ann Archer");
  });

  test("gets its address verified by a mail that can be sent again", async () => {
    const emil = await signedIn(world, "emil");
    expect(await emil.read("/account")).toContain("is not verified yet");
    await emil.post("/account/verification");
    const link = await linkTo(world.app, "emil@acme.test");
    expect(await emil.read(link)).toContain("Is this your address?");
    expect(await emil.read("/account")).toContain("is not verified yet");
    expect(await (await emil.post(link)).text()).toContain("Your address is confirmed");
    expect(await emil.read("/account")).not.toContain("is not verified yet");
  });

  test("keeps its address until the new one is confirmed, and the old one gets a mail at once", async () => {
    const finn = await signedIn(world, "finn");
    await finn.post("/account/email", { email: "finn@new.test" });
    expect((await mailsTo(world.app, "finn@acme.test"))[0]?.subject).toBe(
      "Your email address is about to change",
    );
    expect(await signsIn("finn", password("finn"))).toBe(true);
    await visitor(world).post(await linkTo(world.app, "finn@new.test"));
    expect(await signsIn("finn", password("finn"))).toBe(false);
    expect((await findUser(world.app.db, "finn@new.test"))?.email_verified_at).not.toBeNull();
  });

  test("does not take the address of another, and does not tell that there is one", async () => {
    const ann = await signedIn(world, "ann");
    await makePerson(world, "gina");
    const answer = await ann.post("/account/email", { email: "gina@acme.test" });
    expect(answer.status).toBe(303);
    const [mail] = await mailsTo(world.app, "gina@acme.test");
    expect(mail?.text).toContain("nothing was changed");
    expect(mail?.links.filter((link) => link.includes("verify-email"))).toEqual([]);
  });

  test("asks for the password before the address changes", async () => {
    const ann = await signedIn(world, "ann");
    world.tick(11 * minute);
    const answer = await ann.post("/account/email", { email: "ann@new.test" });
    expect(answer.headers.get("location")).toStartWith("/confirm");
    expect(await mailsTo(world.app, "ann@new.test")).toEqual([]);
  });

  test("takes a new password from a user who knows the old one, and keeps this browser alone", async () => {
    const here = await signedIn(world, "hugo");
    const there = await signedIn(world, "hugo");
    const wrong = await here.post("/account/password", {
      current: "wrong",
      password: "another long password",
    });
    expect(wrong.status).toBe(422);
    expect(await wrong.text()).toContain("The password is wrong.");
    await here.post("/account/password", { current: password("hugo"), password: "another long password" });
    expect([(await here.get("/account")).status, (await there.get("/account")).status]).toEqual([200, 303]);
    expect(await signsIn("hugo", "another long password")).toBe(true);
  });
});

describe("the end of an account", () => {
  test("waits until no organization is owned", async () => {
    const ida = await signedIn(world, "ida", { roles: { acme: "owner" } });
    expect(await ida.read("/account/delete")).toContain("/organizations/acme/settings/members/transfer");
    const refused = await ida.post("/account/delete", { password: password("ida") });
    expect(refused.status).toBe(409);
    expect((await ida.get("/account")).status).toBe(200);
  });

  test("asks for the password", async () => {
    const jan = await signedIn(world, "jan");
    const refused = await jan.post("/account/delete", { password: "wrong" });
    expect(refused.status).toBe(422);
    expect((await jan.get("/account")).status).toBe(200);
  });

  test("is not for the only administrator", async () => {
    const root = await signedIn(world, "root", { isAdmin: true });
    const refused = await root.post("/account/delete", { password: password("root") });
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain("the only administrator");
  });

  test("frees the address, and the name stays beside what was done", async () => {
    const kim = await signedIn(world, "kim", { roles: { acme: "admin" } });
    await createToken(world.app, {
      owner: { userId: kim.user.id },
      name: "laptop",
      expiresAt: null,
      packages: [],
      actor: `user:${kim.user.id}`,
    });
    const answer = await kim.post("/account/delete", { password: password("kim") });
    expect(answer.headers.get("location")).toBe("/sign-in");
    expect(await signsIn("kim", password("kim"))).toBe(false);
    const { findUserById } = await import("../../../src/store/accounts/users.ts");
    expect((await findUserById(world.app.db, kim.user.id))?.name).toBe("kim");
    const again = await makePerson(world, "kim");
    expect(again.id).not.toBe(kim.user.id);
  });
});

describe("the outbox", () => {
  test("shows administrators what was mailed, and each mail with its link", async () => {
    const root = await signedIn(world, "root", { isAdmin: true });
    await makePerson(world, "lea");
    await visitor(world).post("/reset-password", { email: "lea@acme.test" });
    const link = await linkTo(world.app, "lea@acme.test");
    const list = await root.read("/outbox");
    expect(list).toContain("lea@acme.test");
    expect(list).not.toContain(link);
    const [, path = ""] =
      /href="(\/outbox\/[\w-]+)">[^<]+<\/a><div class="muted small">to lea@acme\.test/.exec(list) ?? [];
    expect(await root.read(path)).toContain(link);
    world.tick(11 * minute);
    expect((await root.get(path)).headers.get("location")).toStartWith("/confirm");
  });

  test("is not there for anybody else", async () => {
    const ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
    for (const path of ["/outbox", "/outbox/0190-1"]) expect((await ann.get(path)).status).toBe(404);
  });
});
