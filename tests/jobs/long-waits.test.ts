// Operators get one mail when jobs wait too long, and one when they no longer do.
import { afterEach, beforeEach, expect, test } from "bun:test";
import { checkQueue } from "../../src/registry/jobs/long-waits.ts";
import { updateUser } from "../../src/store/accounts/users.ts";
import type { TestApp } from "../worlds/process.ts";
import { addJobRow } from "../tools/jobs.ts";
import { mailsTo } from "../tools/mails.ts";
import { signedIn } from "../pages/visitor.ts";
import { openWorld } from "../worlds/world.ts";

const minute = 60_000;
let world: TestApp;

beforeEach(async () => {
  world = await openWorld({
    in: "process",
    environment: { HORIZON_ALLOWED_EMAILS: "eve@acme.test,mia@acme.test" },
  });
  await world.organization("acme");
  await signedIn(world, "root", { isAdmin: true });
  const [eve, mia] = [await signedIn(world, "eve"), await signedIn(world, "mia")];
  await signedIn(world, "ben", { roles: { acme: "owner" } });
  await updateUser(world.app.db, eve.user.id, { email_verified_at: 1 });
  await updateUser(world.app.db, mia.user.id, { email_verified_at: null });
});
afterEach(() => world?.close());

const waiting = { state: "waiting", error: null, attempts: 0, finished_at: null } as const;
const subjects = async (who: string) =>
  (await mailsTo(world.app, `${who}@acme.test`))
    .map(({ subject }) => subject)
    .filter((subject) => /job/i.test(subject));
const setDue = (at: number) =>
  world.app.db.write.updateTable("jobs").set({ run_at: at }).where("state", "=", "waiting").execute();

test("FW6: a wait of more than five minutes is mailed once, and its end too", async () => {
  const { app } = world;
  await addJobRow(app, { ...waiting, run_at: app.now() - 4 * minute });
  await checkQueue(app);
  expect(await subjects("root")).toEqual([]);
  await setDue(app.now() - 6 * minute);
  for (let check = 0; check < 3; check++) await checkQueue(app);
  for (const who of ["root", "eve"]) expect(await subjects(who)).toHaveLength(1);
  for (const who of ["mia", "ben"]) expect(await subjects(who)).toEqual([]);
  const [mail] = await mailsTo(app, "eve@acme.test");
  expect(mail?.text).toContain("sync-repository has waited for more than 5 minutes");
  expect(mail?.links).toEqual([`${app.config.appUrl}/horizon`]);
  // Between both thresholds.
  await setDue(app.now() - 3 * minute);
  await checkQueue(app);
  await app.jobs.setPaused(null, true, "cli");
  await checkQueue(app);
  expect(await subjects("root")).toHaveLength(1);
  await app.jobs.setPaused(null, false);
  await setDue(app.now());
  for (let check = 0; check < 3; check++) await checkQueue(app);
  expect(await subjects("root")).toHaveLength(2);
  expect((await subjects("root")).some((subject) => subject.includes("run again"))).toBe(true);
  await setDue(app.now() - 6 * minute);
  await checkQueue(app);
  expect(await subjects("root")).toHaveLength(3);
});

test("FW6: what a person has paused may wait as long as it likes", async () => {
  const { app } = world;
  await addJobRow(app, { ...waiting, run_at: app.now() - 60 * minute });
  await app.jobs.setPaused("sync-repository", true, "cli");
  await checkQueue(app);
  expect(await subjects("root")).toEqual([]);
});
