// The job dashboard as those see it who may, and what they do there.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { getOrganization } from "../../../src/store/organizations/organizations.ts";
import { claimScheduleEntry } from "../../../src/store/jobs/schedules.ts";
import { addSync, updateSync } from "../../../src/store/syncs/syncs.ts";
import { updateUser } from "../../../src/store/accounts/users.ts";
import { refuseTakenHorizonPath } from "../../../src/registry/jobs/operators.ts";
import { failureOf } from "../../tools/failure.ts";
import type { TestApp } from "../../worlds/process.ts";
import { addJobRow, addRuns, addWorkerRow } from "../../tools/jobs.ts";
import { listen } from "../listener.ts";
import { signedIn, visitor, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

const minute = 60_000;
const hour = 60 * minute;

let world: TestApp;
let root: Visitor;

beforeEach(async () => {
  world = await openWorld({
    in: "process",
    environment: {
      HORIZON_ALLOWED_EMAILS: " Eve@acme.test ,mia@acme.test",
      WORKER_CONCURRENCY: "4",
    },
  });
  await world.organization("acme");
  root = await signedIn(world, "root", { isAdmin: true, roles: { acme: "owner" } });
});
afterEach(() => world?.close());

/** What a page says, without its markup. */
async function words(path: string, who = root): Promise<string> {
  return textOf(await who.read(path));
}

function textOf(page: string): string {
  const main = /<main.*?<\/main>/s.exec(page)?.[0] ?? page;
  return main
    .replace(/<details>.*?<\/details>/gs, " ")
    .replace(/<[^>]+>/g, " ")
    .replace(/&#39;|&#x27;/g, "'")
    .replace(/\s+/g, " ");
}

const live = () => addWorkerRow(world.app, [{ job: null, doneThisHour: 7 }]);
const states = async () => {
  const rows = await world.app.db.read.selectFrom("jobs").select(["id", "state"]).execute();
  return Object.fromEntries(rows.map(({ id, state }) => [id, state]));
};
const acts = async () => {
  const rows = await world.app.db.read
    .selectFrom("activity")
    .select(["organization_id", "actor", "action", "subject"])
    .where("action", "like", "job.%")
    .orderBy("id")
    .execute();
  return rows.map(({ organization_id, actor, action, subject }) => {
    expect(organization_id).toBeNull();
    expect(actor).toStartWith("user:");
    return `${action} ${subject}`;
  });
};

describe("the job dashboard", () => {
  test("is for administrators and for whom the operator named, once they have confirmed their address", async () => {
    const [eve, mia, ben] = [
      await signedIn(world, "eve"),
      await signedIn(world, "mia"),
      await signedIn(world, "ben"),
    ];
    for (const { user } of [eve, ben]) await updateUser(world.app.db, user.id, { email_verified_at: 1 });
    await updateUser(world.app.db, mia.user.id, { email_verified_at: null });
    for (const [who, status] of [
      [root, 200],
      [eve, 200],
      [mia, 404],
      [ben, 404],
    ] as const) {
      expect((await who.get("/horizon")).status).toBe(status);
      expect((await who.post("/horizon/retry-all")).status).toBe(status === 200 ? 303 : 404);
      expect((await who.read("/account")).includes('href="/horizon"')).toBe(status === 200);
      expect((await who.read("/palette?q=jobs")).includes('href="/horizon"')).toBe(status === 200);
    }
    const door = await visitor(world).get("/horizon");
    expect([door.status, door.headers.get("location")]).toEqual([303, "/sign-in?next=%2Fhorizon"]);
  });

  test("says that nobody works the queue, and what to do, before anything has happened", async () => {
    const page = await words("/horizon");
    expect(page).toContain("No worker is running");
    expect(page).toContain("pricore worker");
    expect(page).toContain("No jobs finished in the last hour.");
    expect(page).toContain("No failed jobs.");
  });

  test("says whether the queue moves, what waits and who works", async () => {
    const { app } = world;
    const acme = await getOrganization(app.db, "acme");
    const mirrored = await world.mirror(acme, "acme/blog", [
      { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
    ]);
    const { id } = await mirrored.row();
    await app.db.write.deleteFrom("jobs").execute();
    const payload = JSON.stringify({ repositoryId: id, reason: "push" });
    const waiting = {
      state: "waiting",
      error: null,
      attempts: 0,
      started_at: null,
      finished_at: null,
    } as const;
    for (const runAt of [app.now() - 4200, app.now() - 100, app.now() + hour])
      await addJobRow(app, { ...waiting, run_at: runAt });
    await addWorkerRow(app, [
      { job: { id: "1", name: "sync-repository", payload, since: app.now() - 8000 }, doneThisHour: 722 },
      { job: null, doneThisHour: 0 },
    ]);
    const sync = { id: "sync", organization_id: acme.id, repository_id: id, reason: "push" };
    await addSync(app.db, { ...sync, started_at: app.now() - 7000, refs_total: 200 });
    await updateSync(app.db, "sync", { refs_done: 42 });
    await addJobRow(app, { state: "done", error: null, finished_at: app.now() - 1000 });
    const page = await words("/horizon");
    expect(page).toContain("Queue is running");
    expect(page).toContain("last job finished 1 s ago");
    expect(page).toContain("1 of 2 workers busy");
    expect(page).toMatch(/sync-repository 2 1 4\.2 s/);
    expect(page).toMatch(/w1 sync-repository acme\/blog 42 of 200 tags and branches 8 s 722/);
    expect(page).toContain("w2 idle 0");
    expect(page).toContain("registry-1, pid 4172, 212 MB, up 9 days, 2 workers");
  });

  test("says when the queue is slow and when it stands still", async () => {
    const { app } = world;
    await live();
    const waiting = { state: "waiting", error: null, attempts: 0, finished_at: null } as const;
    await addJobRow(app, { ...waiting, run_at: app.now() - 2 * minute });
    expect(await words("/horizon")).toContain("Queue is slow");
    await addJobRow(app, { ...waiting, run_at: app.now() - 6 * minute });
    const page = await words("/horizon");
    expect(page).toContain("Queue is stuck");
    expect(page).toContain("sync-repository has been waiting for 6 min");
    expect(page).toContain("WORKER_CONCURRENCY");
  });

  test("shows what failed with its reason: for good, and to be tried again", async () => {
    const { app } = world;
    await live();
    await addJobRow(app, { finished_at: app.now() - 31 * minute });
    await addJobRow(app, {
      name: "send-mails",
      payload: "{}",
      state: "waiting",
      attempts: 2,
      error: "SMTP 421: try again later\n  at somewhere",
      run_at: app.now() + 4 * minute,
      started_at: app.now() - 6 * minute,
      finished_at: null,
    });
    const page = await words("/horizon");
    expect(page).toContain("1 failed permanently");
    expect(page).toContain("git.acme.test does not answer. 5 of 5 31 min ago");
    expect(page).toContain("SMTP 421: try again later 2 of 5, next in 4 min 6 min ago");
    expect(page).not.toContain("at somewhere");
  });

  test("shows how many jobs ended and how long they took, of the hour, the day and the week", async () => {
    const { app } = world;
    await live();
    await addRuns(app, [
      { at: app.now(), name: "sync-repository", done: 30, ms: 460 },
      { at: app.now() - 10 * minute, name: "sync-repository", done: 10, failed: 4, ms: 1900 },
      { at: app.now() - 5 * hour, name: "sync-repository", done: 100, ms: 460 },
      { at: app.now() - 70 * hour, name: "prune", done: 1000, ms: 46 },
    ]);
    const page = await words("/horizon?job=sync-repository");
    expect(page).toContain("Finished jobs 44 jobs in the last hour");
    expect(page).toContain("failed 4");
    expect(page).toContain("of sync-repository");
    expect(page).toContain("median 0.43 s");
    expect(page).toContain("95% finish within 2.05 s");
    expect(await words("/horizon?period=24h")).toContain("144 jobs in the last day");
    expect(await words("/horizon?period=7d")).toContain("144 jobs in the last week");
    expect(await words("/horizon?period=7d&timetable=1")).toContain("1,144 jobs in the last week");
    expect(await words("/horizon?period=7d&job=prune")).toContain("median 45 ms");
    expect(await words("/horizon?job=prune")).toContain("No prune job finished in the last hour.");
    expect(await words("/horizon?period=century&job=dance")).toContain(
      "Finished jobs 44 jobs in the last hour",
    );
    const chart = await root.read("/horizon");
    expect(chart).toContain("<title>09:00: 30</title>");
    expect(chart).toContain("<title>08:50: 10, 4 failed</title>");
  });

  test("gives the part that updates itself when it is requested alone", async () => {
    await live();
    const part = await root.get("/horizon?period=24h&job=prune", { "HX-Request": "true" });
    const text = await part.text();
    expect(text).toStartWith('<div id="jobs"');
    expect(text).toContain('hx-get="/horizon?period=24h&amp;job=prune"');
  });

  test("receives an event when the queue changes, and nobody else does", async () => {
    const ann = await signedIn(world, "ann", { roles: { acme: "member" } });
    const query = "organization=acme&jobs=1";
    const [operator, member] = [await listen(world, root, { query }), await listen(world, ann, { query })];
    const elsewhere = await listen(world, root);
    await Bun.sleep(300);
    await world.app.jobs.enqueue("prune", {}, { runAt: world.app.now() + hour });
    expect(await operator.next("jobs")).toEqual({});
    await Bun.sleep(1500);
    const received = [operator, member, elsewhere].map(({ events }) =>
      events.filter(({ event }) => event === "jobs"),
    );
    expect(received.map(({ length }) => length)).toEqual([1, 0, 0]);
    for (const stream of [operator, member, elsewhere]) stream.close();
  });

  test("shows the timetable with the last and the next run", async () => {
    const { app } = world;
    await claimScheduleEntry(app.db, { name: "prune", everyMs: 6 * hour, now: app.now() - 40_000 });
    await addRuns(app, [{ at: app.now() - 40_000, name: "prune", done: 1, ms: 1900 }]);
    expect(await words("/horizon")).toContain(
      "Clean up Deletes expired sessions, old records, and archives that nothing refers to. every 6 h 40 s ago in 6 h 1.9 s",
    );
  });
});

describe("what is done with jobs", () => {
  test("a failed job is retried or forgotten, which is recorded", async () => {
    const { app } = world;
    const [one, two] = [await addJobRow(app), await addJobRow(app)];
    expect((await root.post(`/horizon/jobs/${one}/retry`)).headers.get("location")).toBe("/horizon");
    expect(await words("/horizon")).toContain("1 failed permanently");
    expect((await root.post(`/horizon/jobs/${two}/forget`)).status).toBe(303);
    expect(await states()).toEqual({ [one]: "waiting" });
    expect(await acts()).toEqual(["job.retried sync-repository", "job.forgotten sync-repository"]);
    for (const id of [one, two, "nothing"]) {
      expect((await root.post(`/horizon/jobs/${id}/forget`)).status).toBe(404);
      expect((await root.post(`/horizon/jobs/${id}/retry`)).status).toBe(404);
    }
    expect(await acts()).toHaveLength(2);
  });

  test("all that failed are retried at once", async () => {
    for (let at = 0; at < 3; at++) await addJobRow(world.app);
    await root.post("/horizon/retry-all");
    expect(Object.values(await states())).toEqual(["waiting", "waiting", "waiting"]);
    await root.post("/horizon/retry-all");
    expect(await acts()).toEqual(["job.all_retried all"]);
  });

  test("everything is paused and resumed, or one name alone", async () => {
    await live();
    await root.post("/horizon/pause", { name: "" });
    await root.post("/horizon/pause", { name: "prune" });
    expect(await world.app.jobs.paused()).toEqual({ all: true, names: ["prune"] });
    const page = await words("/horizon");
    expect(page).toContain("Queue is paused");
    expect(page).toContain("No new jobs start until you resume");
    await root.post("/horizon/resume");
    expect(await words("/horizon")).toMatch(/prune 0 0 Paused/);
    await root.post("/horizon/resume", { name: "prune" });
    expect(await world.app.jobs.paused()).toEqual({ all: false, names: [] });
    expect((await root.post("/horizon/pause", { name: "dance" })).status).toBe(422);
    expect(await acts()).toEqual([
      "job.paused all",
      "job.paused prune",
      "job.resumed all",
      "job.resumed prune",
    ]);
  });

  test("a queue that a person has paused is not sick", async () => {
    const { app } = world;
    const waiting = { state: "waiting", error: null, attempts: 0, finished_at: null } as const;
    await addJobRow(app, { ...waiting, run_at: app.now() - hour });
    const health = async () => {
      // It is looked at once in two seconds.
      await Bun.sleep(2100);
      return (await world.get("/health", null)).status;
    };
    expect(await health()).toBe(503);
    await app.jobs.setPaused("sync-repository", true);
    expect(await health()).toBe(200);
  }, 20_000);
});

describe("a job's own page", () => {
  test("says what it was asked, what became of it and why, and nothing runs that stands there", async () => {
    const { app } = world;
    const hostile = "<script>alert(1)</script>";
    const id = await addJobRow(app, {
      payload: JSON.stringify({ repositoryId: hostile, reason: "push", count: 3 }),
      error: `${hostile} is no host.`,
    });
    const html = await root.read(`/horizon/jobs/${id}`);
    expect(html).not.toContain("<script>alert");
    const page = textOf(html);
    expect(page).toContain(
      "sync-repository Reads its tags and branches and publishes their versions. Failed permanently a repository that is gone attempt 5 of 5",
    );
    expect(page).toContain("is no host.");
    expect(page).toContain("count 3");
    expect(page).toContain("Duration 1 s");
    expect((await root.get("/horizon/jobs/nothing")).status).toBe(404);
  });
});

describe("the list of jobs", () => {
  test("shows those of a state and of a name, fifty a page", async () => {
    const { app } = world;
    for (let at = 0; at < 60; at++)
      await addJobRow(app, { state: "done", error: null, finished_at: app.now() - at });
    for (const name of ["prune", "send-mails"] as const) await addJobRow(app, { name, payload: "{}" });
    const dead = await words("/horizon/jobs");
    expect(dead).toContain("Failed jobs Waiting 0 Running 0 Retrying Failed 2 Done");
    expect(await words("/horizon/jobs?state=dead&name=prune")).not.toContain("send-mails git.acme");
    const first = await root.read("/horizon/jobs?state=done");
    expect(first.match(/href="\/horizon\/jobs\/0/g)).toHaveLength(50);
    const [, further = ""] = /href="([^"]+before=[^"]+)"/.exec(first) ?? [];
    const second = await root.read(further.replaceAll("&amp;", "&"));
    expect(second.match(/href="\/horizon\/jobs\/0/g)).toHaveLength(10);
    expect(second).toContain("First page");
    expect(await words("/horizon/jobs?state=running")).toContain("No running jobs");
    for (const before of ["nothing", "1e99 x", "-1 x", "5 %00"])
      expect((await root.get(`/horizon/jobs?state=done&before=${before}`)).status).toBe(200);
    for (const id of ["%00", "a%20b", "..%2f..", "x".repeat(300)])
      expect((await root.get(`/horizon/jobs/${id}`)).status).toBe(404);
  });
});

describe("HORIZON_PATH", () => {
  test("moves the dashboard, and no organization can take its place", async () => {
    const own = await openWorld({ in: "process", environment: { HORIZON_PATH: "/ops/queue/" } });
    const person = await signedIn(own, "root", { isAdmin: true });
    expect((await person.get("/ops/queue")).status).toBe(200);
    expect((await person.get("/horizon")).status).toBe(404);
    expect(await person.read("/account")).toContain('href="/ops/queue"');
    expect((await person.post("/organizations", { name: "Ops", slug: "ops" })).status).toBe(422);
    await own.close();
  });

  test("cannot be an address that leads elsewhere already", async () => {
    for (const path of ["organizations", "assets/jobs", "acme"]) {
      const own = await openWorld({ in: "process", environment: { HORIZON_PATH: path } });
      await own.organization("globex");
      if (path === "acme") {
        await refuseTakenHorizonPath(own.app);
        await own.app.db.write.updateTable("organizations").set({ slug: "acme" }).execute();
      }
      const failure = await failureOf(refuseTakenHorizonPath(own.app));
      expect(failure.message).toContain(`HORIZON_PATH is "${path}"`);
      await own.close();
    }
  });
});
