import { afterEach, beforeEach, expect, test } from "bun:test";
import { setupLink } from "../../../src/registry/accounts/setup.ts";
import { listUsers } from "../../../src/store/accounts/users.ts";
import { visitor } from "../../pages/visitor.ts";
import type { TestApp } from "../../worlds/process.ts";
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

test("I17: the first start is over for everybody once there is an account", async () => {
  const path = await link();
  const answers = await Promise.all(
    ["ann", "ben"].map((name) => visitor(world).post(path, { ...account, email: `${name}@acme.test` })),
  );
  expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 404]);
  expect(await listUsers(world.app.db)).toHaveLength(1);
  expect(await setupLink(world.app)).toBeNull();
  expect((await visitor(world).get(path)).status).toBe(404);
});

test("I17: the first start opens to no older link, no guessed one, and not after a day", async () => {
  const older = await link();
  world.tick(24 * 3_600_000);
  const newer = await link();
  expect(newer).not.toBe(older);
  expect((await visitor(world).get(older)).status).toBe(404);
  expect((await visitor(world).get("/setup/guessed")).status).toBe(404);
  expect((await visitor(world).get(newer)).status).toBe(200);
  world.tick(24 * 3_600_000);
  expect((await visitor(world).post(newer, account)).status).toBe(404);
  expect(await listUsers(world.app.db)).toHaveLength(0);
});

test("FW7: every start prints the same link, which opens for a day after the last of them", async () => {
  const first = await link();
  world.tick(23 * 3_600_000);
  expect(await link()).toBe(first);
  world.tick(23 * 3_600_000);
  expect((await visitor(world).get(first)).status).toBe(200);
  const { data } = await world.app.db.read
    .selectFrom("one_time_secrets")
    .select("data")
    .executeTakeFirstOrThrow();
  expect(data).not.toContain(first.split("/").at(-1) ?? "");
  expect((await visitor(world).post(first, account)).status).toBe(303);
});
