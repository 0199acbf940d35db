// An address that a thief had for a while is not the thief's to take back, however its owner returned.
import { afterAll, beforeEach, expect, test } from "bun:test";
import { findUserById } from "../../../src/store/accounts/users.ts";
import { password, signedIn, visitor } from "../../pages/visitor.ts";
import type { TestApp } from "../../worlds/process.ts";
import { linkTo, mailsTo } from "../../tools/mails.ts";
import { openWorld } from "../../worlds/world.ts";

const hour = 3_600_000;
let world: TestApp;

beforeEach(async () => {
  await world?.close();
  world = await openWorld({ in: "process" });
});
afterAll(() => world?.close());

/** The account of Ann has the thief's address; the answer is her way back and who she is. */
async function stolen(): Promise<{ undo: string; userId: string }> {
  const thief = await signedIn(world, "ann");
  await thief.post("/account/email", { email: "thief@evil.test" });
  await visitor(world).post(await linkTo(world.app, "thief@evil.test"));
  return { undo: await linkTo(world.app, "ann@acme.test"), userId: thief.user.id };
}

/** Ann still knows her password, and changes the address in her account instead of opening the link. */
async function changesTo(email: string): Promise<void> {
  world.tick(hour);
  const owner = visitor(world);
  await owner.post("/sign-in", { email: "thief@evil.test", password: password("ann") });
  expect((await owner.post("/account/email", { email })).status).toBe(303);
  expect((await owner.post(await linkTo(world.app, email))).status).toBe(200);
}

const addressOf = async (userId: string) => (await findUserById(world.app.db, userId))?.email;

test("FA6: an owner who changes the address back by hand gives the thief no link that takes it again", async () => {
  const { userId } = await stolen();
  await changesTo("ann@acme.test");
  const [mail] = await mailsTo(world.app, "thief@evil.test");
  expect([mail?.subject, mail?.links]).toEqual(["Your email address was changed", []]);
  expect(await addressOf(userId)).toBe("ann@acme.test");
});

test("FA6: the owner's link outlives those that came after it, and the user who loses an address by it gets a mail", async () => {
  const { undo, userId } = await stolen();
  await changesTo("ann@home.test");
  const again = await linkTo(world.app, "thief@evil.test");
  // The owner's link was made an hour before the thief's.
  world.tick(72 * hour - hour / 2);
  expect((await visitor(world).post(again)).status).toBe(303);
  expect(await addressOf(userId)).toBe("thief@evil.test");
  const [lost] = await mailsTo(world.app, "ann@home.test");
  expect(lost?.text).toContain("changed from ann@home.test back to thief@evil.test");
  expect((await visitor(world).post(undo)).status).toBe(303);
  expect(await addressOf(userId)).toBe("ann@acme.test");
});
