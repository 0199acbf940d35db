// What was done, by whom and when: told in the product's words, found again by filters, taken along as a file.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { join } from "node:path";
import { hasWords } from "../../templates/activity-words.tsx";
import { joinAlike, type Told } from "../../src/registry/organizations/activity.ts";
import { addActivity, type Activity } from "../../src/store/activity.ts";
import type { Organization } from "../../src/store/organizations.ts";
import { makeApp, type TestApp } from "../tools/app.ts";
import { countQueries } from "../tools/queries.ts";
import { signedIn } from "./visitor.ts";

let world: TestApp;
let acme: Organization;
let ann: Awaited<ReturnType<typeof signedIn>>;
const page = "/organizations/acme/activity";

beforeAll(async () => {
  world = await makeApp();
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "member" } });
});
afterAll(() => world.close());

async function tell(action: string, subject: string, more: Partial<Activity> = {}): Promise<void> {
  const told = { organizationId: acme.id, actor: `user:${ann.user.id}`, now: world.app.now() };
  await addActivity(world.app.db, { ...told, action, subject, ...more });
}
const textOf = (markup: string) => markup.replaceAll(/<[^>]+>/g, "").replaceAll(/\s+/g, " ");

describe("the activity", () => {
  test("has words for every act that is recorded in an organization", async () => {
    const root = join(import.meta.dir, "../../src/registry");
    const nouns =
      "organization|vendor|token|repository|host_key|tag|package|version|member|invitation|ownership";
    const acts = new RegExp(`"((?:${nouns}|credential|ssh_key|webhook)\\.[a-z_]+)"`, "g");
    const here = new Set<string>();
    for await (const file of new Glob("**/*.ts").scan(root)) {
      const text = await Bun.file(join(root, file)).text();
      if (!text.includes("addActivity")) continue;
      for (const [, action = ""] of text.matchAll(acts)) here.add(action);
    }
    // Lines of the log.
    for (const action of here)
      if (/_blocked$|\.rests$|^webhook\.(registered|missing|left_behind|not_offered)$/.test(action))
        here.delete(action);
    expect(here.size).toBeGreaterThan(20);
    for (const act of ["set_up", "rotated", "repaired"]) here.add(`webhook.${act}`);
    expect([...here].filter((action) => !hasWords(action))).toEqual([]);
  });

  test("says it with names and links, and an act without words as it is recorded", async () => {
    await tell("version.deleted", "acme/blog", { details: { version: "1.0.0" } });
    await tell("repository.synced", "blog", {
      actor: "system",
      details: { added: 2, updated: 1, removed: 0 },
    });
    await tell("moon.landed", "<i>apollo</i>", { actor: "cli" });
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
    expect(text).toContain("Somebody who is gone revoked token old");
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
    expect(textOf(await ann.read(`${page}?kind=packages&by=cli`))).toContain("Nothing matches");
    expect(textOf(await ann.read(`${page}?kind=nonsense`))).toContain("of-cli");
  });

  test("shows 50 a page, each entry once, with as many queries as for one", async () => {
    const before = await countQueries(world, () => ann.read(page));
    for (let at = 0; at < 120; at++) await tell("token.created", `many-${at}-end`);
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

test("alike acts are joined within ten minutes, and those about other things are not", () => {
  const entry = (action: string, subject: string, minute: number, details = {}): Told => ({
    id: `${minute}`,
    by: { kind: "system", name: null },
    action,
    subject,
    details,
    at: -minute * 60_000,
    times: 1,
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
    ["blog", 2, 3],
    ["shop", 1, 1],
    ["shop", 1, 1],
    ["a", 2, undefined],
  ]);
});
