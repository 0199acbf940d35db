import { afterAll, beforeAll, expect, test } from "bun:test";
import { addVisit } from "../../src/store/organizations/visits.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import { getPackage } from "../../src/store/packages/packages.ts";
import type { TestApp } from "../worlds/process.ts";
import { signedIn, type Visitor } from "./visitor.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let ann: Visitor;
let ben: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  for (const slug of ["acme", "other"]) {
    const organization = await world.organization(slug);
    const names = slug === "acme" ? ["acme/blog", "acme/blog-theme", "acme/shop"] : ["other/blog-secret"];
    for (const name of names)
      await (await world.mirror(organization, name, [{ manifest: { name }, tags: ["1.0.0"] }])).sync();
  }
  const person = await signedIn(world, "ann", { roles: { acme: "admin" } });
  ann = person;
  ben = await signedIn(world, "ben", { roles: { acme: "member" } });
  const acme = await getOrganization(world.app.db, "acme");
  for (const [now, name] of ["acme/blog", "acme/shop"].entries()) {
    const pkg = await getPackage(world.app.db, acme.id, name);
    await addVisit(world.app.db, { userId: person.user.id, packageId: pkg.id, now });
  }
});
afterAll(() => world?.close());

/** Where the options lead, in their order. */
async function found(person: Visitor, question: string, organization = "acme"): Promise<string[]> {
  const path = `/palette?q=${encodeURIComponent(question)}&organization=${organization}`;
  const text = await (await person.get(path, { "HX-Request": "true" })).text();
  return [...text.matchAll(/<a [^>]*href="([^"]+)"/g)].map((match) => match[1] ?? "");
}

test("the palette finds packages first, the one that is called just so before all", async () => {
  const all = await found(ann, "blog");
  expect(all.slice(0, 2)).toEqual([
    "/organizations/acme/packages/acme/blog",
    "/organizations/acme/packages/acme/blog-theme",
  ]);
  expect(all).toContain("/organizations/acme/repositories/blog");
});

test("the palette begins with what was seen last and the commonest actions", async () => {
  const all = await found(ann, "");
  expect(all.slice(0, 2)).toEqual([
    "/organizations/acme/packages/acme/shop",
    "/organizations/acme/packages/acme/blog",
  ]);
  expect(all[2]).toBe("/organizations/acme/repositories/new");
});

test("FU31: the palette offers actions alone after a >, and New token leads to its form", async () => {
  expect(await found(ann, "> token")).toEqual([
    "/organizations/acme/settings/tokens/new",
    "/account/tokens/new",
  ]);
});

test("the palette offers nobody what they may not do", async () => {
  expect(await found(ben, "> repository")).toEqual([]);
  expect(await found(ben, "settings")).toEqual([]);
  expect(await found(ben, "outbox")).toEqual([]);
});

test("T12: the palette finds nothing of another organization, by its address neither", async () => {
  for (const organization of ["acme", "other", "nowhere"])
    expect((await found(ann, "secret", organization)).filter((path) => path.includes("other"))).toEqual([]);
});

test("the palette shows what was typed as text", async () => {
  const text = await ann.read(
    `/palette?organization=acme&q=${encodeURIComponent('<img src=x onerror="1">')}`,
  );
  expect(text).not.toContain("<img");
  expect(text).toContain("&lt;img");
});

test("the palette is a page for browsers without scripts", async () => {
  const text = await ann.read("/palette?organization=acme&q=shop");
  expect(text).toContain("<html");
  expect(text).toContain('href="/organizations/acme/packages/acme/shop"');
});
