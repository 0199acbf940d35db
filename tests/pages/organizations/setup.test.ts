import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { setupLink } from "../../../src/registry/accounts/setup.ts";
import { listOrganizations } from "../../../src/store/organizations/organizations.ts";
import { listUsers } from "../../../src/store/accounts/users.ts";
import type { TestApp } from "../../worlds/process.ts";
import { makePerson, visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;

beforeEach(async () => {
  world = await openWorld({ in: "process" });
});
afterEach(() => world?.close());

const account = { name: "Ann", email: "ann@acme.test", password: "a long password of ann" };

async function link(): Promise<string> {
  const address = await setupLink(world.app);
  if (address === null) throw new Error("there is no setup link");
  return new URL(address).pathname;
}

describe("the first start", () => {
  test("makes an administrator who is signed in and goes on to the first organization", async () => {
    const ann = visitor(world);
    const path = await link();
    expect((await ann.get(path)).status).toBe(200);
    const answer = await ann.post(path, account);
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/setup"]);
    const [user] = await listUsers(world.app.db);
    expect([user?.email, user?.is_admin]).toEqual(["ann@acme.test", 1]);
    const made = await ann.post("/setup", { name: "Acme", slug: "acme" });
    expect(made.headers.get("location")).toBe("/organizations/acme/start");
    expect((await listOrganizations(world.app.db)).map(({ slug }) => slug)).toEqual(["acme"]);
  });

  test("gives the first account what commands had made", async () => {
    await world.organization("labs");
    const ann = visitor(world);
    const path = await link();
    expect(await ann.read(path)).toContain("labs: created by a command, without an owner so far.");
    await ann.post(path, account);
    expect((await ann.get("/setup")).headers.get("location")).toBe("/organizations/labs/start");
    expect((await ann.get("/organizations/labs")).status).toBe(200);
  });

  test("says beside its field what is wrong, and keeps what was typed", async () => {
    const ann = visitor(world);
    const path = await link();
    const answer = await ann.post(path, { ...account, password: "short" });
    expect(answer.status).toBe(422);
    const text = await answer.text();
    expect(text).toContain("at least 12 characters");
    expect(text).toContain('value="ann@acme.test"');
    expect((await ann.post(path, account)).status).toBe(303);
  });

  test("does not begin where there are people", async () => {
    await makePerson(world, "ben");
    expect(await setupLink(world.app)).toBeNull();
  });
});
