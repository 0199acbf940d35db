// The lists on a repository's page: what needs a look first, what did not change in one line.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { runSync } from "../../../src/registry/syncs/sync.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import { foldRepeats } from "../../../src/http/pages/repositories/view.ts";
import { SyncHistory, type SyncLine } from "../../../templates/repositories/syncs.tsx";
import type { Mirrored, TestApp } from "../../worlds/process.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

const page = "/organizations/acme/repositories/blog";

let world: TestApp;
let acme: Organization;
let blog: Mirrored;
let ann: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { SYNC_INTERVAL: "15m" } });
  acme = await world.organization("acme");
  blog = await world.mirror(acme, "blog", [
    ...["1.0.0", "1.1.0", "1.2.0"].map((tag) => ({
      manifest: { name: "acme/blog", description: tag },
      tags: [tag],
    })),
    { manifest: "{", tags: ["1.3.0"] },
    { manifest: { name: "acme/blog" }, tags: ["nightly"] },
  ]);
  await blog.sync();
  ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
});
afterAll(() => world?.close());

const plain = (markup: string) => markup.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
const refs = async (query = "") =>
  plain((await ann.read(`${page}${query}`)).split('id="refs"')[1]?.split("Sync history")[0] ?? "");
async function poll(times: number): Promise<void> {
  for (let time = 0; time < times; time++) {
    world.tick(60_000);
    const { id: repositoryId } = await blog.row();
    await runSync(world.app, { repositoryId, reason: "poll" }, new AbortController().signal);
  }
}

test("FU22: refs that need a look come first, unchanged ones are one line, removed ones are listed", async () => {
  expect((await refs()).indexOf("1.3.0")).toBeLessThan((await refs()).indexOf("1.2.0"));
  await poll(1);
  const quiet = await refs();
  expect(quiet).toMatch(/1\.3\.0 tag Skipped/);
  expect(quiet).toContain("4 unchanged");
  expect(quiet).not.toContain("1.2.0");
  expect(await refs("?outcome=unchanged")).toContain("1.2.0");
  await blog.git.git("tag", "--delete", "1.1.0");
  await poll(2);
  expect(await refs()).toMatch(/1\.1\.0 tag Removed: no longer on the Git host since 1 Mar 2026/);
  await blog.git.git("tag", "1.1.0", "1.0.0~0");
  await poll(1);
  expect(await refs()).not.toContain("no longer on the Git host");
});

test("FU23: polls in a row that found nothing are one line of the history, and hide nothing else", async () => {
  await poll(30);
  const history = plain((await ann.read(page)).split("Sync history")[1]?.split("</section>")[0] ?? "");
  expect(history).toMatch(/no changes ?, \d\d checks in a row, the first/);
  expect(history).toContain("4 added");
  const all = plain(await ann.read(`${page}/syncs`));
  expect(all.match(/no changes/g)?.length).toBeLessThan(8);
});

test("failures in a row for the same reason are one line that counts them", () => {
  const line = (id: number, state: SyncLine["state"], error: string | null): SyncLine => ({
    id: String(id),
    state,
    startedAt: id,
    finishedAt: id,
    by: "schedule",
    error,
    added: 0,
    updated: 0,
    removed: 0,
    leftOut: 0,
    isUnchanged: false,
    times: 1,
    since: id,
  });
  const folded = foldRepeats([
    line(6, "failed", "No answer."),
    line(5, "failed", "No answer."),
    line(4, "failed", "No answer."),
    line(3, "failed", "No permission."),
    line(2, "success", null),
    line(1, "failed", "No permission."),
  ]);
  expect(folded.map(({ id, times, since }) => [id, times, since])).toEqual([
    ["6", 3, 4],
    ["3", 1, 3],
    ["2", 1, 2],
    ["1", 1, 1],
  ]);
  const shown = SyncHistory({ syncs: folded, ticks: [], now: 10_000, base: "/blog" }).html;
  expect(plain(shown)).toContain("No answer. 3 failures in a row, the first 9 s ago");
});
