// What is around a page: the frame on errors and on pages of no organization, and the order of what stands in it.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { makeSamples, type Samples } from "../attacks/people/samples.ts";
import { updateUser } from "../../src/store/accounts/users.ts";
import type { TestApp } from "../worlds/process.ts";
import { addressOf, pagesOfTheProgram } from "./all-pages.ts";
import { grow } from "./grown.ts";
import { signedIn, visitor, type Visitor } from "./visitor.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let samples: Samples;
let ann: Visitor;
let mia: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  ({ samples } = await makeSamples(world));
  await grow(world, 1);
  const owner = await signedIn(world, "ann");
  await updateUser(world.app.db, owner.user.id, { is_admin: 1, name: "Ann Archer" });
  ann = owner;
  mia = await signedIn(world, "mia");
});
afterAll(() => world?.close());

const title = (page: string) => /<title>(.*?)<\/title>/.exec(page)?.[1];
const hasFrame = (page: string) => page.includes('class="rail"') && page.includes('class="search-opener"');

describe("an error page", () => {
  const forbidden: [path: string, words: string, who: string][] = [
    [
      "/organizations/acme/settings",
      "You cannot change the settings of acme.",
      "Owners and admins: Ann Archer, ada.",
    ],
    ["/organizations/acme/settings/tokens", "You cannot change the settings of acme.", "Owners and admins: "],
    [
      "/organizations/acme/repositories/new",
      "You cannot change the repositories of acme.",
      "Owners and admins: ",
    ],
    [
      "/organizations/acme/packages/acme/blog/delete",
      "You cannot change the packages of acme.",
      "Owners and admins: ",
    ],
    ["/organizations/acme/settings/danger-zone", "You cannot delete acme.", "Owners: Ann Archer."],
  ];
  for (const [path, words, who] of forbidden)
    test(`FU16: of ${path} keeps the frame and names who may`, async () => {
      const answer = await mia.get(path);
      const page = await answer.text();
      expect([answer.status, hasFrame(page)]).toEqual([403, true]);
      expect(title(page)).toBe("You don&#x27;t have permission · acme · Pricore");
      expect(page).toContain(words);
      expect(page).toContain(who);
      expect(page).toContain("Go to the dashboard");
    });

  test("FU16: of what is not there keeps the frame", async () => {
    for (const path of ["/nothing/here/at-all", "/organizations/acme/packages/acme/absent"]) {
      const answer = await mia.get(path);
      const page = await answer.text();
      expect([path, answer.status, hasFrame(page)]).toEqual([path, 404, true]);
      expect(page).toContain("<h1>Page not found</h1>");
    }
  });

  test("FU16: tells a stranger nothing: what is there and what is not are the same, byte for byte", async () => {
    const stranger = await signedIn(world, "zoe");
    const tail = ["", "/packages", "/settings", "/repositories/blog", "/members"];
    for (const rest of tail) {
      const [there, nowhere] = await Promise.all(
        ["acme", "nowhere"].map(async (slug) => {
          const answer = await stranger.get(`/organizations/${slug}${rest}`);
          return [answer.status, await answer.text()];
        }),
      );
      expect(there).toEqual(nowhere as never);
      expect(there?.[0]).toBe(404);
    }
    const ids = ["/syncs/ id", "/tokens/ id", "/credentials/ id", "/ssh-keys/ id", "/members/ user"];
    const pathOf: Record<string, (id: string) => string> = {
      "/syncs/ id": (id) => `/organizations/acme/repositories/blog/syncs/${id}`,
      "/tokens/ id": (id) => `/organizations/acme/settings/tokens/${id}/revoke`,
      "/credentials/ id": (id) => `/organizations/acme/settings/credentials/${id}/remove`,
      "/ssh-keys/ id": (id) => `/organizations/acme/settings/ssh-keys/${id}/remove`,
      "/members/ user": (id) => `/organizations/acme/settings/members/${id}/remove`,
    };
    for (const key of ids) {
      const { theirs, nobodys } = samples[key] as Samples[string];
      const [foreign, none] = await Promise.all(
        [theirs, nobodys].map(async (id) => (await ann.get(pathOf[key]?.(id) ?? "")).text()),
      );
      expect([key, foreign]).toEqual([key, none as string]);
    }
  });

  test("FU16: of somebody who is not signed in has no frame, and leads to the sign-in where a page may be", async () => {
    const nobody = visitor(world);
    const answer = await nobody.get("/nothing/here/at-all");
    expect([answer.status, hasFrame(await answer.text())]).toEqual([404, false]);
    expect((await nobody.get("/organizations/acme/settings")).headers.get("location")).toStartWith(
      "/sign-in",
    );
  });
});

describe("a page of no organization", () => {
  test("FU17: keeps the rail and the organization that was looked at last, at once", async () => {
    const eve = await signedIn(world, "eve", { roles: { acme: "member", other: "member" } });
    for (const slug of ["acme", "other", "acme"]) {
      await eve.read(`/organizations/${slug}`);
      for (const path of ["/account", "/account/sessions", "/organizations", "/organizations/new"]) {
        const page = await eve.read(path);
        expect([path, /<a class="tab" href="([^"]*)"/.exec(page)?.[1]]).toEqual([
          path,
          `/organizations/${slug}`,
        ]);
        expect(page).toContain(`<span class="name">${slug}</span>`);
      }
      expect((await eve.get("/")).headers.get("location")).toBe(`/organizations/${slug}`);
      world.tick(1000);
    }
  });

  test("FU17: is so for the outbox and the jobs too", async () => {
    await ann.read("/organizations/acme");
    for (const path of ["/outbox", "/horizon"])
      expect(await ann.read(path)).toContain('href="/organizations/acme/packages"');
  });

  test("FU17: is not named after that organization", async () => {
    expect(title(await ann.read("/account"))).toBe("Profile · Pricore");
  });
});

test("FU46: what is done stands before Cancel, everywhere", async () => {
  const wrong: string[] = [];
  let seen = 0;
  for (const path of await pagesOfTheProgram()) {
    const page = await (await ann.get(addressOf(samples, path))).text();
    for (const [, before = "", after = ""] of page.matchAll(
      /class="[^"]*\bactions\b[^"]*"[^>]*>((?:(?!class="[^"]*\bactions\b)[^])*?)>\s*Cancel\s*<\/a>([^]*?)<\/(?:div|form)>/g,
    )) {
      seen++;
      if (!before.includes("<button") || after.includes("<button")) wrong.push(path);
    }
  }
  expect(wrong).toEqual([]);
  expect(seen).toBeGreaterThan(10);
});

test("FU52: an empty list says what will be there, each in its own words", async () => {
  const empty = await world.organization("empty");
  const owner = await signedIn(world, "ida", { roles: { empty: "owner" } });
  await world.mirror(empty, "empty/nothing", [{ manifest: { name: "empty/nothing" } }]);
  const base = "/organizations/empty";
  const paths = ["", "/packages", "/repositories/nothing", "/repositories/nothing/syncs", "/activity"];
  const more = [
    "/settings/tokens",
    "/settings/credentials",
    "/settings/ssh-keys",
    "/repositories/nothing/webhook",
  ];
  const texts = await Promise.all([...paths, ...more].map((path) => owner.read(base + path)));
  for (const text of texts) expect(text).not.toMatch(/stands? here/);
});
