import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { TestApp } from "../../worlds/process.ts";
import { makePerson, password, signedIn, visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  await world.organization("acme");
  await world.organization("other");
  await makePerson(world, "ann");
});
afterAll(() => world?.close());

describe("signing in", () => {
  test("leads from any page to the form and back to that page", async () => {
    const ann = visitor(world);
    await signedIn(world, "ann", { roles: { acme: "member" } });
    const redirect = await ann.get("/organizations/acme?tab=1");
    expect(redirect.status).toBe(303);
    expect(redirect.headers.get("location")).toBe("/sign-in?next=%2Forganizations%2Facme%3Ftab%3D1");
    const form = { email: "ANN@acme.test", password: password("ann"), next: "/organizations/acme?tab=1" };
    const answer = await ann.post("/sign-in", form);
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/organizations/acme?tab=1"]);
    expect((await ann.get("/organizations/acme")).status).toBe(200);
  });

  test("keeps what was typed when it is refused, and says the same of a stranger", async () => {
    const texts: string[] = [];
    for (const email of ["ann@acme.test", "zoe@acme.test"]) {
      const answer = await visitor(world).post("/sign-in", { email, password: "wrong" });
      expect(answer.status).toBe(422);
      const text = await answer.text();
      expect(text).toContain(`value="${email}"`);
      texts.push(text.replaceAll(email, "…"));
    }
    expect(texts[0]).toBe(texts[1] ?? "");
  });

  test("ends where it is asked to", async () => {
    const ann = await signedIn(world, "ann");
    const before = new Map(ann.cookies);
    expect((await ann.post("/sign-out")).headers.get("location")).toBe("/sign-in");
    for (const [name, value] of before) ann.cookies.set(name, value);
    expect((await ann.get("/organizations")).status).toBe(303);
  });

  test("ends by itself when nobody comes for eight hours", async () => {
    const ann = await signedIn(world, "ann");
    world.tick(7 * 3_600_000);
    expect((await ann.get("/organizations")).status).toBe(200);
    world.tick(9 * 3_600_000);
    expect((await ann.get("/organizations")).status).toBe(303);
  });
});

describe("pages of an organization", () => {
  test("are not there for others, as if they did not exist", async () => {
    const ann = await signedIn(world, "ann", { roles: { acme: "member" } });
    const foreign = await ann.get("/organizations/other");
    const none = await ann.get("/organizations/nowhere");
    expect([foreign.status, none.status]).toEqual([404, 404]);
    expect(await foreign.text()).toBe((await none.text()).replaceAll("nowhere", "other"));
  });

  test("are made by a form", async () => {
    const ann = await signedIn(world, "ann");
    const refused = await ann.post("/organizations", { name: "Labs", slug: "acme" });
    expect(refused.status).toBe(409);
    expect(await refused.text()).toContain("already exists");
    const made = await ann.post("/organizations", { name: "Labs", slug: "labs" });
    expect(made.headers.get("location")).toBe("/organizations/labs");
    expect(await ann.read("/organizations/labs")).toContain("Labs is ready.");
  });

  test("I5: take no form that another site sent", async () => {
    const ann = await signedIn(world, "ann");
    const form = { name: "Evil", slug: "evil" };
    const foreign: Record<string, string>[] = [
      { Origin: "https://evil.test" },
      { Origin: "null" },
      { "Sec-Fetch-Site": "cross-site" },
    ];
    for (const headers of foreign) expect((await ann.post("/organizations", form, headers)).status).toBe(403);
    const logLines = world.log.filter((line) => line.includes('"csrf.denied"'));
    expect(logLines).toHaveLength(foreign.length);
    expect((await ann.get("/organizations/evil")).status).toBe(404);
    expect((await ann.post("/organizations", form)).status).toBe(303);
  });

  test("T9: take no field that their form does not have", async () => {
    const ann = await signedIn(world, "ann");
    const answer = await ann.post("/organizations", { name: "More", slug: "more", is_admin: "1" });
    expect(answer.status).toBe(422);
    expect((await ann.get("/organizations/more")).status).toBe(404);
  });
});
