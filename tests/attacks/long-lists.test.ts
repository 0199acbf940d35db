// Lists of thousands in a composer.json, on the pages that show them: the thread that serves builds those.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { signedIn, type Visitor } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let person: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  const acme = await world.organization("acme");
  const numbers = Array.from({ length: 15_000 }, (_, at) => at);
  const manifest = {
    name: "acme/long",
    require: Object.fromEntries(numbers.map((at) => [`acme/needs-${at}`, "^1.0"])),
    authors: numbers.slice(0, 3000).map((at) => ({ name: `Author ${at}` })),
  };
  const texts = {
    name: "acme/texts",
    suggest: Object.fromEntries(numbers.slice(0, 9000).map((at) => [`acme/wants-${at}`, "why not"])),
    keywords: numbers.slice(0, 9000).map((at) => `keyword-${at}`),
  };
  for (const each of [manifest, texts])
    await (await world.mirror(acme, each.name.slice(5), [{ manifest: each, tags: ["1.0.0"] }])).sync();
  person = await signedIn(world, "ann", { roles: { acme: "member" } });
});
afterAll(() => world?.close());

const pages: [string, string[]][] = [
  ["long/versions/1.0.0", ["and 14,500 more in composer.json", "and 2,500 more"]],
  ["long/dependencies", ["and 14,500 more in composer.json"]],
  ["texts/versions/1.0.0", ["and 8,500 more"]],
];

for (const [path, sentence] of pages)
  test(`FA3: the page ${path} shows 500 entries of a long list, and says how many more there are`, async () => {
    const html = await person.read(`/organizations/acme/packages/acme/${path}`);
    for (const each of sentence) expect(html).toContain(each);
    expect(html.length).toBeLessThan(400_000);
  });
