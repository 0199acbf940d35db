// What was done, by whom and when: told in the product's words, found again by filters, taken along as a file.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { hasText } from "../../../templates/organizations/activity-text.tsx";
import { joinAlike, type ShownActivity } from "../../../src/registry/organizations/activity.ts";
import {
  addActivity,
  type Activity,
  type OrganizationAction,
} from "../../../src/store/organizations/activity.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import type { TestApp } from "../../worlds/process.ts";
import { countQueries } from "../../tools/queries.ts";
import { signedIn } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let acme: Organization;
let ann: Awaited<ReturnType<typeof signedIn>>;
const page = "/organizations/acme/activity";

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "member" } });
});
afterAll(() => world.close());

async function tell(
  action: OrganizationAction,
  subject: string,
  more: Partial<Pick<Activity, "actor" | "details" | "now">> = {},
): Promise<void> {
  const entry = { organizationId: acme.id, actor: `user:${ann.user.id}`, now: world.app.now() };
  await addActivity(world.app.db, { ...entry, action, subject, ...more });
}
const textOf = (markup: string) => markup.replaceAll(/<[^>]+>/g, "").replaceAll(/\s+/g, " ");

describe("the activity", () => {
  test("has words for every act that is recorded in an organization", async () => {
    const source = join(import.meta.dir, "../../../src/store/organizations/activity.ts");
    const [, union = ""] = /type OrganizationAction =([^;]+);/.exec(await Bun.file(source).text()) ?? [];
    const recorded = [...union.matchAll(/"([a-z_]+\.[a-z_]+)"/g)].map(([, action = ""]) => action);
    expect(recorded.length).toBeGreaterThan(20);
    expect(recorded.filter((action) => !hasText(action))).toEqual([]);
  });

  test("says it with names and links, and an act without words as it is recorded", async () => {
    await tell("version.deleted", "acme/blog", { details: { version: "1.0.0" } });
    await tell("repository.synced", "blog", {
      actor: "system",
      details: { added: 2, updated: 1, removed: 0 },
    });
    await tell("moon.landed" as OrganizationAction, "<i>apollo</i>", { actor: "cli" });
    await tell("token.revoked", "old", { actor: "user:gone" });
    const markup = await ann.read(page);
    const text = textOf(markup);
    expect(text).toContain("ann deleted 1.0.0 of acme/blog");
    expect(markup).toContain('href="/organizations/acme/packages/acme/blog"');
    expect(text).toContain("blog 2 versions added, 1 updated");
    expect(markup).toContain('href="/organizations/acme/repositories/blog"');
    expect(text).toContain(
      "The command line recorded moon.landed: &lt;i>apollo&lt;/i>"
        .replaceAll("/i>", "/i&gt;")
        .replaceAll("i>", "i&gt;"),
    );
    expect(text).toContain("A deleted user revoked token old");
  });

  test("is filtered by kind and person, by its address", async () => {
    await tell("token.created", "of-ann");
    await tell("token.created", "of-cli", { actor: "cli" });
    await tell("vendor.added", "acme");
    const tokens = textOf(await ann.read(`${page}?kind=tokens`));
    expect(tokens).toContain("of-cli");
    expect(tokens).not.toContain("shielded vendor");
    const hers = textOf(await ann.read(`${page}?kind=tokens&by=user%3A${ann.user.id}`));
    expect(hers).toContain("of-ann");
    expect(hers).not.toContain("of-cli");
    expect(hers).toContain("By: ann");
    expect(textOf(await ann.read(`${page}?kind=packages&by=cli`))).toContain("No matching entries");
    expect(textOf(await ann.read(`${page}?kind=nonsense`))).toContain("of-cli");
  });

  test("shows 50 a page, each entry once, with as many queries as for one", async () => {
    const before = await countQueries(world, () => ann.read(page));
    for (let at = 0; at < 120; at++) await tell("moon.landed" as OrganizationAction, `many-${at}-end`);
    expect(await countQueries(world, () => ann.read(page))).toBe(before);
    const seen: string[] = [];
    let next: string | undefined = page;
    for (let pages = 0; next !== undefined && pages < 6; pages++) {
      const markup: string = await ann.read(next);
      const found = [...markup.matchAll(/many-\d+-end/g)].map(([name]) => name);
      expect(found.length).toBeLessThanOrEqual(50);
      seen.push(...found);
      next = /href="([^"]*before=[^"]*)"/.exec(markup)?.[1]?.replaceAll("&amp;", "&");
    }
    expect(seen).toHaveLength(120);
    expect(new Set(seen).size).toBe(120);
  });

  test("can be taken along whole, as lines of JSON or as a table", async () => {
    await tell("vendor.added", 'a "quoted", vendor', { details: { note: "x" } });
    const answer = await ann.get(`${page}.ndjson`);
    expect(answer.headers.get("content-disposition")).toContain("acme-activity.ndjson");
    const lines = (await answer.text())
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.length).toBeGreaterThan(120);
    expect(lines[0]).toMatchObject({ action: "vendor.added", name: "ann", details: { note: "x" } });
    const csv = await (await ann.get(`${page}.csv?kind=settings`)).text();
    const rows = csv.trim().split("\r\n");
    expect(rows[0]).toBe('"id","at","actor","name","action","subject","details"');
    expect(rows[1]).toContain('"a ""quoted"", vendor"');
    expect(
      rows.every(
        (row) => row.includes("vendor.") || row.includes("organization.") || row.startsWith('"id",'),
      ),
    ).toBe(true);
  });
});

test("FU24: alike acts are joined within ten minutes, whatever is between them", () => {
  const entry = (action: string, subject: string, minute: number, details = {}): ShownActivity => ({
    id: `${minute}`,
    by: { kind: "system", name: null },
    action,
    subject,
    details,
    at: -minute * 60_000,
    times: 1,
    parts: [{ subject, at: -minute * 60_000 }],
  });
  const joined = joinAlike([
    entry("repository.synced", "blog", 0, { added: 1 }),
    entry("repository.synced", "blog", 5, { added: 2 }),
    entry("repository.synced", "shop", 6, { added: 1 }),
    entry("repository.synced", "shop", 17, { added: 1 }),
    entry("token.revoked", "a", 18),
    entry("token.revoked", "b", 19),
  ]);
  expect(joined.map(({ subject, times, details }) => [subject, times, details["added"]])).toEqual([
    ["blog", 3, 4],
    ["shop", 1, 1],
    ["a", 2, undefined],
  ]);
});

describe("FU24: the activity of a busy moment", () => {
  const names = ["one", "two", "three", "four", "five", "six", "seven"];

  test("seven repositories added are one entry, there and on the overview", async () => {
    const busy = await world.organization("busy");
    const bea = await signedIn(world, "bea", { roles: { busy: "owner" } });
    const url = names.map((name) => `https://127.0.0.1:9/busy/${name}.git`).join("\n");
    const form = { url, name: "", credential: "none" };
    const added = await bea.post("/organizations/busy/repositories", form);
    expect(await added.text()).toContain("7 of 7 repositories added");
    for (const subject of names)
      await addActivity(world.app.db, {
        organizationId: busy.id,
        actor: "system",
        action: "repository.synced",
        subject,
        details: { added: 3, updated: 0, removed: 0 },
        now: world.app.now(),
      });
    for (const path of ["/organizations/busy", "/organizations/busy/activity"]) {
      const markup = await bea.read(path);
      const feed = textOf(
        /<ul class="feed".*?<\/ul><\/details>.*?<\/ul>|<ul class="feed".*?<\/ul>/s.exec(markup)?.[0] ?? "",
      );
      expect(feed).toContain("bea added 7 repositories: seven, six, five and 4 more");
      expect(feed).toContain("seven, six, five and 4 more: 21 versions added");
      expect(feed).not.toContain("asked for a sync");
      expect(markup.match(/<span class="avatar is-small"/g)).toHaveLength(1);
    }
    // Each of them is still named where the record is read, with its time.
    const whole = await bea.read("/organizations/busy/activity");
    for (const name of names) expect(whole).toContain(`<code>${name}</code>`);
    // And a file has every entry as it was recorded.
    const lines = (
      await (await bea.get("/organizations/busy/activity.ndjson?kind=repositories")).text()
    ).trim();
    expect(lines.split("\n")).toHaveLength(21);
  });

  test("a later sync of one of them is its own act", async () => {
    const bea = await signedIn(world, "bea");
    world.tick(60_000);
    await bea.post("/organizations/busy/repositories/one/syncs");
    expect(textOf(await bea.read("/organizations/busy/activity"))).toContain("bea started a sync of one");
  });

  test("is searched and limited to days by its address, and so is the file", async () => {
    const day = (at: number) => new Date(at).toISOString().slice(0, 10);
    const dayMs = 86_400_000;
    const now = world.app.now();
    await tell("package.deleted", "acme/ancient", { now: now - 40 * dayMs });
    await tell("package.deleted", "acme/older", { now: now - 20 * dayMs });
    await tell("version.deleted", "acme/older", { now: now - 20 * dayMs, details: { version: "9.8.7" } });
    const both = `from=${day(now - 21 * dayMs)}&to=${day(now - 20 * dayMs)}`;
    const found = textOf(await ann.read(`${page}?${both}`));
    expect(found).toContain("acme/older");
    expect(found).not.toContain("acme/ancient");
    expect(found).not.toContain("of-ann");
    expect(textOf(await ann.read(`${page}?to=${day(now - 30 * dayMs)}`))).toContain("acme/ancient");
    // Every word, in the subject or in the details, whatever its case; LIKE's own signs are only letters.
    expect(textOf(await ann.read(`${page}?q=OLDER+9.8.7`))).toContain("deleted 9.8.7 of acme/older");
    expect(textOf(await ann.read(`${page}?q=older+9.8.6`))).toContain("No matching entries");
    expect(textOf(await ann.read(`${page}?q=%25`))).toContain("No matching entries");
    const markup = await ann.read(`${page}?q=older&${both}`);
    const csv = /href="([^"]*\.csv[^"]*)"/.exec(markup)?.[1]?.replaceAll("&amp;", "&") ?? "";
    const rows = (await (await ann.get(csv)).text()).trim().split("\r\n");
    expect(rows).toHaveLength(3);
    // A date that is none hides nothing, and every entry says its day.
    expect(textOf(await ann.read(`${page}?from=2026-13-45&to=soon`))).toContain("many-119-end");
    expect(markup).toMatch(/>\d+ [A-Z][a-z]{2}( \d{4})?, \d\d:\d\d</);
    expect(markup).toContain('aria-current="page"');
  });
});
