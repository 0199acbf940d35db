// What the job dashboard says of work that failed, of the timetable's jobs, and of what concerns every job.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { queueMail } from "../../../src/registry/mail.ts";
import { enqueueSync } from "../../../src/registry/sync-requests.ts";
import { updateRepository } from "../../../src/store/repositories/repositories.ts";
import { makeRepository } from "../../tools/repositories.ts";
import { handlersOf } from "../../../src/registry/handlers.ts";
import { addAttempt } from "../../../src/store/jobs/attempts.ts";
import { getOrganization } from "../../../src/store/organizations/organizations.ts";
import type { TestApp } from "../../worlds/process.ts";
import { addJobRow, addRuns, addWorkerRow } from "../../tools/jobs.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { until } from "../../tools/until.ts";
import { openWorld } from "../../worlds/world.ts";

const minute = 60_000;

let world: TestApp;
let root: Visitor;

beforeEach(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  await world.organization("acme");
  root = await signedIn(world, "root", { isAdmin: true, roles: { acme: "owner" } });
});
afterEach(() => world?.close());

async function words(path: string): Promise<string> {
  const page = await root.read(path);
  const main = /<main.*?<\/main>/s.exec(page)?.[0] ?? page;
  return main
    .replace(/<details>.*?<\/details>/gs, " ")
    .replace(/<[^>]+>/g, " ")
    .replace(/&#39;|&#x27;/g, "'")
    .replace(/&quot;/g, '"')
    .replace(/\s+/g, " ");
}

/** A repository whose sync fails: its folder is gone. */
async function brokenRepository(name: string): Promise<string> {
  const acme = await getOrganization(world.app.db, "acme");
  const mirrored = await world.mirror(acme, `acme/${name}`, [
    { manifest: { name: `acme/${name}` }, tags: ["1.0.0"] },
  ]);
  const { id } = await mirrored.row();
  const gone = { url: `${world.folder}/nothing/${name}.git` };
  await world.app.db.write.updateTable("repositories").set(gone).where("id", "=", id).execute();
  return id;
}

describe("work that failed", () => {
  test("FW6: a failed sync is open until a later one of its repository succeeds, and only of that one", async () => {
    const { app } = world;
    const ids = [await brokenRepository("blog"), await brokenRepository("shop")];
    const [blog = "", shop = ""] = ids;
    await app.db.write.deleteFrom("jobs").execute();
    await app.jobs.start(handlersOf(app), { concurrency: 1 });
    const sync = (repositoryId: string) => enqueueSync(app, { repositoryId, reason: "asked" });
    const counted = async (state: "failed" | "done") =>
      (await app.jobs.list({ state, limit: 10 })).jobs.length;
    for (const id of ids) await sync(id);
    await until(async () => (await counted("failed")) === 2);
    expect(await words("/horizon")).toContain("2 failed");
    const good = await makeRepository(world.folder, "blog-moved", [
      { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
    ]);
    await updateRepository(app.db, blog, { url: good.path });
    await sync(blog);
    await until(async () => (await counted("done")) === 2);
    const page = await words("/horizon");
    expect(page).toContain("1 failed");
    expect(page).toContain("failed, a later sync succeeded");
    expect(await words("/horizon/jobs")).toContain("acme/ shop");
    expect(await words("/horizon/jobs")).not.toContain("acme/ blog");
    const { jobs } = await app.jobs.list({ state: "done", limit: 10 });
    const settled = jobs.find(({ state }) => state === "settled")?.id ?? "";
    const own = await words(`/horizon/jobs/${settled}`);
    expect(own).toContain("This sync failed; a later sync of the repository succeeded");
    expect(own).not.toContain("Retry");
    expect((await app.jobs.list({ state: "failed", limit: 10 })).jobs[0]?.payload).toMatchObject({
      repositoryId: shop,
    });
    await app.jobs.drain(5000);
  }, 60_000);

  test("FW6: four failed syncs are four failed jobs, with the reason and the way to the repository", async () => {
    const { app } = world;
    const names = ["blog", "shop", "wiki", "docs"];
    const ids = [];
    for (const name of names) ids.push(await brokenRepository(name));
    await app.db.write.deleteFrom("jobs").execute();
    for (const repositoryId of ids)
      await app.jobs.enqueue("sync-repository", { repositoryId, reason: "asked" }, { key: repositoryId });
    await app.jobs.start(handlersOf(app), { concurrency: 2 });
    const failed = async () => (await app.jobs.list({ state: "failed", limit: 10 })).jobs.length;
    await until(async () => (await failed()) === 4);
    await app.jobs.drain(5000);
    const page = await words("/horizon");
    expect(page).toContain("4 jobs in the last hour");
    expect(page).toContain("failed 4");
    expect(page).toContain("4 failed");
    expect(page).not.toContain("No failed jobs");
    expect(page).toMatch(/By job .*sync-repository 0 4/);
    for (const name of names) expect(page).toContain(`sync-repository acme/ ${name}`);
    const html = await root.read("/horizon/jobs");
    expect(await words("/horizon/jobs")).toContain("Failed 4");
    expect(html).toContain('href="/organizations/acme/repositories/blog"');
    expect(await words("/horizon/jobs?state=done")).toContain("No done jobs");
    const [{ id = "" } = {}] = (await app.jobs.list({ state: "failed", limit: 1 })).jobs;
    const own = await words(`/horizon/jobs/${id}`);
    expect(own).toContain("The job finished, but its work failed");
    expect(own).toContain("Attempt 1");
    expect(own).not.toContain("attempt 1 of 5");
    expect((await root.post(`/horizon/jobs/${id}/retry`)).status).toBe(303);
    expect((await app.jobs.find(id))?.state).toBe("waiting");
  }, 60_000);

  test("FW6: mail that was not sent is failed work, and a round without any is not", async () => {
    const { app } = world;
    const running = { id: "x", attempt: 1, signal: new AbortController().signal };
    const handlers = handlersOf({
      ...app,
      mail: { ...app.mail, send: () => Promise.reject(new Error("away")) },
    });
    expect(await handlers["send-mails"]({}, running)).toBeUndefined();
    await app.db.transaction(async (db) => {
      await queueMail(app, db, { to: "ann@acme.test", subject: "Hello", text: "You." });
    });
    expect(await handlers["send-mails"]({}, running)).toEqual({
      failed: "An email was not sent yet: The email could not be sent.",
    });
  });

  test("FW6: every attempt is shown with its time and its error", async () => {
    const { app } = world;
    const id = await addJobRow(app);
    for (const attempt of [1, 2])
      await addAttempt(app.db, {
        job_id: id,
        attempt,
        started_at: app.now() - attempt * minute - 2000,
        ended_at: app.now() - attempt * minute,
        error: `<b>Reason ${attempt}</b>`,
      });
    const page = await words(`/horizon/jobs/${id}`);
    expect(page).toContain("Attempt 1 &lt;b&gt;Reason 1&lt;/b&gt; 2 s 1 min ago");
    expect(page).toContain("Attempt 2 &lt;b&gt;Reason 2&lt;/b&gt; 2 s 2 min ago");
  });

  test("FW6: all that failed is forgotten after one more question, and that is recorded", async () => {
    const { app } = world;
    await addJobRow(app);
    await addJobRow(app, { state: "failed", attempts: 1 });
    expect(await root.read("/horizon")).toContain('href="/horizon/forget-all"');
    expect(await words("/horizon/forget-all")).toContain("Forget 2 failed jobs?");
    expect((await root.post("/horizon/forget-all")).status).toBe(303);
    expect(await words("/horizon/jobs")).toContain("No failed jobs");
    const acts = app.db.read.selectFrom("activity").select("action").where("action", "like", "job.%");
    expect(await acts.execute()).toEqual([{ action: "job.all_forgotten" }]);
  });

  test("FW6: the page says how long failed jobs are kept, and prune keeps to it", async () => {
    const { app } = world;
    await addJobRow(app, { finished_at: app.now() - 31 * 24 * 60 * minute });
    const kept = await addJobRow(app, { finished_at: app.now() - 29 * 24 * 60 * minute });
    expect(await words("/horizon/jobs")).toContain("kept for 30 days, up to 2,000 of each type");
    const running = { id: "x", attempt: 1, signal: new AbortController().signal };
    await handlersOf(app).prune({}, running);
    expect((await app.jobs.list({ state: "dead", limit: 10 })).jobs.map(({ id }) => id)).toEqual([kept]);
  });
});

describe("the list of jobs", () => {
  test("FW6: is searched by repository, package, error and id", async () => {
    const { app } = world;
    const repositoryId = await brokenRepository("blog");
    const payload = JSON.stringify({ repositoryId, reason: "push" });
    const id = await addJobRow(app, { payload, error: "No branches." });
    const repair = { organizationId: "x", packageName: "acme/kit", reference: "0123456789" };
    await addJobRow(app, { name: "repair-archive", payload: JSON.stringify(repair), error: "Other bytes." });
    const found = async (q: string) => {
      const page = await words(`/horizon/jobs?q=${encodeURIComponent(q)}`);
      return [page.includes("No branches."), page.includes("Other bytes.")];
    };
    expect(await found("acme/BLOG")).toEqual([true, false]);
    expect(await found("acme/kit")).toEqual([false, true]);
    expect(await found("other bytes")).toEqual([false, true]);
    expect(await found(id)).toEqual([true, false]);
    expect(await found("%")).toEqual([false, false]);
    expect(await found(`' or 1=1 --${"x".repeat(5000)}`)).toEqual([false, false]);
    expect(await words("/horizon/jobs?q=zzz")).toContain('No failed job matches "zzz"');
    const narrowed = await root.read("/horizon/jobs?q=acme&name=repair-archive");
    expect(narrowed).toContain('name="name" value="repair-archive"');
  });
});

describe("jobs of the timetable", () => {
  test("FW6: are left out of what is done until somebody wants to see them; what failed is shown", async () => {
    const { app } = world;
    await addWorkerRow(app, [{ job: null, doneThisHour: 0 }]);
    const done = { state: "done", error: null, attempts: 1 } as const;
    for (const name of ["poll-repositories", "reconcile", "count-downloads"])
      await addJobRow(app, { ...done, name, payload: "{}" });
    await addJobRow(app, done);
    await addJobRow(app, { name: "send-mails", payload: "{}", state: "failed", error: "No mail today." });
    await addRuns(app, [
      { at: app.now(), name: "poll-repositories", done: 200 },
      { at: app.now(), name: "sync-repository", done: 3 },
      { at: app.now(), name: "send-mails", done: 100, failed: 1 },
    ]);
    const silent = await words("/horizon");
    expect(silent).toContain("4 jobs in the last hour");
    expect(silent).toContain("No mail today.");
    expect(silent.slice(silent.indexOf("View all"))).not.toContain("reconcile");
    expect(silent).toContain("Show scheduled jobs");
    const all = await words("/horizon?timetable=1");
    expect(all).toContain("304 jobs in the last hour");
    expect(all.slice(all.indexOf("View all"))).toContain("reconcile");
    const silentList = await root.read("/horizon/jobs?state=done");
    for (const name of ["poll-repositories", "reconcile", "count-downloads"])
      expect(silentList).not.toContain(`>${name}</a>`);
    expect(await root.read("/horizon/jobs?state=done&timetable=1")).toMatch(/>reconcile<\/a>/);
    expect(await root.read("/horizon/jobs?state=done&name=reconcile")).toMatch(/>reconcile<\/a>/);
    const part = await root.get("/horizon?timetable=1", { "HX-Request": "true" });
    expect(await part.text()).toMatch(/hx-get="[^"]*timetable=1/);
  });
});

describe("pausing", () => {
  test("FU33: everything asks for one more word, and says who paused and since when", async () => {
    await addWorkerRow(world.app, [{ job: null, doneThisHour: 0 }]);
    expect(await root.read("/horizon")).toContain('href="/horizon/pause"');
    const question = await words("/horizon/pause");
    expect(question).toContain("Pause all jobs?");
    expect((await world.app.jobs.paused()).all).toBe(false);
    expect((await root.post("/horizon/pause")).status).toBe(303);
    await root.post("/horizon/pause", { name: "prune" });
    const page = await root.read("/horizon");
    expect(page).toContain("Paused by root just now");
    expect(page).toContain('title="Paused by root just now"');
    await root.post("/horizon/resume");
    await world.app.jobs.setPaused(null, true, "cli");
    expect(await words("/horizon")).toContain("Paused by the command line");
  });

  test("FU51: where nothing waits there is no table of it", async () => {
    const page = await root.read("/horizon");
    expect(page).toContain("No jobs are waiting");
    expect(page).not.toContain("Oldest");
  });
});
