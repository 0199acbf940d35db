// No page asks the database once for each row that it shows.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createCredential } from "../../src/registry/credentials.ts";
import { invite } from "../../src/registry/invitations.ts";
import { createToken } from "../../src/registry/tokens.ts";
import { getOrganization } from "../../src/store/organizations.ts";
import { updateUser } from "../../src/store/users.ts";
import { makeSamples, type Samples } from "../attacks/people-samples.ts";
import { makeApp, type TestApp } from "../tools/app.ts";
import { addJobRow, addRuns, addWorkerRow } from "../tools/jobs.ts";
import { countQueries } from "../tools/queries.ts";
import { addressOf, pagesOfTheProgram } from "./all-pages.ts";
import { signedIn, type Visitor } from "./visitor.ts";

/** More than any page needs today; a page that comes to it does too much. */
const most = 30;

let world: TestApp;
let samples: Samples;
let ann: Visitor;

beforeAll(async () => {
  world = await makeApp();
  ({ samples } = await makeSamples(world));
  const person = await signedIn(world, "ann");
  await updateUser(world.app.db, person.user.id, { is_admin: 1 });
  ann = person;
});
afterAll(() => world?.close());

test("every page asks as often for one row as for many", async () => {
  const paths = await pagesOfTheProgram();
  expect(paths.length).toBeGreaterThan(40);
  await grow(0);
  const few = await counts(paths);
  for (const round of [1, 2, 3, 4, 5]) await grow(round);
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

/** One more of everything that pages list. */
async function grow(round: number): Promise<void> {
  const { app } = world;
  const acme = await getOrganization(app.db, "acme");
  const name = `acme/part-${round}`;
  const manifest = { name, require: { "acme/blog": "^1.0", php: ">=8.1" } };
  const mirrored = await world.mirror(acme, name, [{ manifest, tags: ["1.0.0", "1.1.0"] }]);
  await mirrored.sync();
  await mirrored.sync();
  const person = await signedIn(world, `member-${round}`, { roles: { acme: "member" } });
  await signedIn(world, "ann");
  for (const owner of [{ organizationId: acme.id }, { userId: person.user.id }])
    await createToken(app, {
      owner,
      name: `token-${round}`,
      expiresAt: null,
      packages: [],
      actor: `user:${person.user.id}`,
    });
  await invite(
    app,
    { organization: acme, by: person.user, client: name },
    { email: `new-${round}@acme.test`, role: "member" },
  );
  const { id: repositoryId } = await mirrored.row();
  const payload = JSON.stringify({ repositoryId, reason: "push" });
  const [running, place] = [
    { id: name, name: "sync-repository", payload, since: app.now() },
    { doneThisHour: 1 },
  ];
  await addWorkerRow(app, [
    { job: running, ...place },
    { job: null, ...place },
  ]);
  await addRuns(app, [{ at: app.now(), name: "sync-repository", done: 3, failed: 1, ms: 100 * (round + 1) }]);
  for (const state of ["dead", "done"] as const) await addJobRow(app, { state, payload });
  const again = { state: "waiting", attempts: 1, run_at: app.now() + 60_000, finished_at: null } as const;
  await addJobRow(app, { ...again, payload });
  for (const given of [
    { kind: "basic", name: `robot-${round}`, host: "git.acme.test", username: "robot", password: "a token" },
    { kind: "new-ssh-key", name: `key-${round}` },
  ] as const)
    await createCredential(app, acme, { given, actor: "cli" });
}
