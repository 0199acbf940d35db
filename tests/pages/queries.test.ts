// No page asks the database once for each row that it shows.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import { updateUser } from "../../src/store/accounts/users.ts";
import { makeSamples, type Samples } from "../attacks/people/samples.ts";
import type { TestApp } from "../worlds/process.ts";
import { countQueries } from "../tools/queries.ts";
import { addressOf, pagesOfTheProgram } from "./all-pages.ts";
import { grow } from "./grown.ts";
import { signedIn, type Visitor } from "./visitor.ts";
import { openWorld } from "../worlds/world.ts";

/** More than any page needs today; a page that comes to it does too much. */
const most = 30;

let world: TestApp;
let samples: Samples;
let ann: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  ({ samples } = await makeSamples(world));
  const person = await signedIn(world, "ann");
  await updateUser(world.app.db, person.user.id, { is_admin: 1 });
  ann = person;
});
afterAll(() => world?.close());

test("every page asks as often for one row as for many", async () => {
  const paths = await pagesOfTheProgram();
  expect(paths.length).toBeGreaterThan(40);
  await grow(world, 0);
  const few = await counts(paths);
  for (const round of [1, 2, 3, 4, 5]) await grow(world, round);
  const many = await counts(paths);
  expect(many).toEqual(few);
  expect(Object.entries(many).filter(([, count]) => count > most)).toEqual([]);
}, 120_000);

test("a page that asks once for each row is found", async () => {
  const rows = async (count: number) =>
    countQueries(world, async () => {
      for (let row = 0; row < count; row++) await getOrganization(world.app.db, "acme");
    });
  expect(await rows(3)).toBeGreaterThan(await rows(1));
});

async function counts(paths: string[]): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const path of paths) {
    const address = addressOf(samples, path);
    expect([path, (await ann.get(address)).status]).toEqual([path, 200]);
    found[path] = await countQueries(world, () => ann.get(address));
  }
  return found;
}
