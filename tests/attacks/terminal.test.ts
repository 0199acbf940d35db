// What Composer prints of a registry: nothing that anybody wrote, wherever it stands, steers the terminal.
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { basic } from "../clients/documents.ts";
import { openWorld, type World } from "../worlds/world.ts";

setDefaultTimeout(60_000);

let world: World<{ in: "binary"; git: true; attempts: true }>;
beforeAll(async () => void (world = await openWorld({ in: "binary", git: true, attempts: true })));
afterAll(() => world?.close());

const evil = "a\u001b[31mb\u001b]0;title\u0007c\u202ed\u009b1me\u2066f";
const unseen = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/;

test("FT10: no field, branch or request comes back to a terminal as it was written", async () => {
  const { org } = world;
  const name = "acme/steering";
  const person = { name: evil, email: evil, homepage: evil, role: evil };
  const texts = {
    ...{ description: evil, keywords: [evil], homepage: evil, license: [evil, "MIT"], authors: [person] },
    ...{ support: { issues: evil, source: evil, docs: evil }, funding: [{ type: evil, url: evil }] },
    ...{ suggest: { "acme/other": evil, [evil]: "x" }, abandoned: evil, time: evil },
  };
  const repository = await world.repository(name, [
    { manifest: { name, ...texts } },
    { branch: "plain", manifest: { name, ...texts }, tags: ["1.0.0"] },
  ]);
  for (const branch of ["up\u202edown", "c1\u009b31m", "isolate\u2066d"])
    await repository.git("branch", branch, "main");
  await world.mirror(repository.url);
  const escaped = encodeURIComponent(evil);
  const answers = [
    "/packages.json",
    `/p2/${name}.json`,
    `/p2/${name}~dev.json`,
    `/p2/acme/${escaped}.json`,
    `/p2/else/${escaped}.json`,
    "/list.json",
    `/list.json?filter=${escaped}`,
    "/search.json?q=steering",
    `/search.json?q=${escaped}&type=${escaped}`,
    `/providers/else/${escaped}.json`,
    `/dists/${name}/${escaped}/${"a".repeat(40)}.zip`,
    `/${escaped}`,
  ];
  for (const path of answers) {
    const response = await fetch(org.url + path, { headers: basic(org.token) });
    const texts = stringsIn(JSON.parse(await response.text()));
    expect([path, texts.filter((text) => unseen.test(text))]).toEqual([path, []]);
  }
  const versions = Object.keys(await world.versions(name));
  expect(versions.toSorted()).toEqual(["1.0.0", "dev-main", "dev-plain"]);
});

/** Keys too: a terminal shows them as well. */
function stringsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([key, each]) => [key, ...stringsIn(each)]);
}
