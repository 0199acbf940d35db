// A composer.json just within the limits passes through the whole sync.
import { afterAll, expect, test } from "bun:test";
import { openWorld } from "../worlds/world.ts";

const endings: (() => unknown)[] = [];
afterAll(async () => {
  for (const end of endings) await end();
});

test("FA3: a composer.json that fills its limits is published, with everything that it replaces and requires", async () => {
  const made = await openWorld({ in: "process" });
  endings.push(made.close);
  const acme = await made.organization("acme");
  const links = (name: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`acme/${name}-${at}`, "^1.0"]));
  const { sync } = await made.mirror(acme, "wide", [
    { manifest: { name: "acme/replacing", replace: links("old", 19_900) }, tags: ["1.0.0"] },
    { manifest: { name: "acme/replacing", require: links("new", 19_900) }, tags: ["2.0.0"] },
  ]);
  expect(await sync()).toMatchObject({ state: "done", added: 3, skipped: 0 });
  const token = await made.token(acme);
  const answer = await made.get("/acme/p2/acme/replacing.json", token);
  const { packages } = (await answer.json()) as {
    packages: Record<string, { require?: object; replace?: object }[]>;
  };
  const [second, first] = packages["acme/replacing"] ?? [];
  expect(Object.keys(second?.require ?? {})).toHaveLength(19_900);
  expect(Object.keys(first?.replace ?? {})).toHaveLength(19_900);
  const provider = await made.get("/acme/providers/acme/old-19899.json", token);
  expect(await provider.text()).toContain("acme/replacing");
});
