// Conformance of Composer's commands: numbers 64–67, 70, 73 and 75–77.

import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Step } from "../tools/repositories.ts";
import { isAtLeast, withEachComposer } from "./clients.ts";
import { basic, get } from "./documents.ts";
import { createProject } from "./project.ts";
import type { Organization } from "../worlds/binary.ts";
import { openWorld, type ClientWorld } from "../worlds/world.ts";

let world: ClientWorld;
let acme: Organization;

const blog = {
  name: "acme/blog",
  description: "A blog for people",
  type: "library",
  license: "MIT",
  keywords: ["writing"],
  homepage: "https://blog.example.com",
  support: {
    source: "https://git.example.com/acme/blog",
    issues: "https://git.example.com/acme/blog/issues",
  },
  funding: [{ type: "patreon", url: "https://fund.example.com/acme" }],
};
const releases = (manifest: Record<string, unknown>, ...tags: string[]): Step[] =>
  tags.map((tag) => ({ manifest, tags: [tag] }));

beforeAll(async () => {
  world = await openWorld({ in: "binary", git: true });
  acme = await world.organization("acme");
  await world.publish(acme, "acme/blog", releases(blog, "1.0.0", "1.1.0", "2.0.0-beta1", "1.0.1"));
  const old = { name: "acme/old-blog", description: "The blog before", abandoned: "acme/blog" };
  await world.publish(acme, "acme/old-blog", releases(old, "1.0.0"));
  const mailer = {
    name: "acme/mailer",
    description: "Sends mail",
    provide: { "acme/mail-implementation": "1.0" },
  };
  await world.publish(acme, "acme/mailer", releases(mailer, "1.0.0"));
});
afterAll(() => world?.close());

withEachComposer((composer) => {
  const project = (require: Record<string, string> = {}) =>
    createProject(world, { composer, org: acme, manifest: { require } });

  test("64: a search shows names and descriptions and marks what is abandoned", async () => {
    const site = await project();
    const { code, text } = await site.say("search", "blog");
    expect(code).toBe(0);
    expect(text).toMatch(/^acme\/blog\s+A blog for people/m);
    expect(text).toMatch(/^acme\/old-blog\s.*[Aa]bandoned.*The blog before/m);
    expect(text).not.toContain("acme/mailer");
    expect((await site.say("search", "--only-name", "mail")).text).toContain("acme/mailer");
    expect((await site.say("search", "--only-vendor", "acme")).text).toContain("acme");
    expect((await site.say("search", "--type", "metapackage", "blog")).text).not.toContain("acme/blog");
  });

  test("65: a pattern lists every visible package", async () => {
    const { code, text } = await (await project()).say("show", "--available", "acme/*");
    expect(code).toBe(0);
    for (const name of ["acme/blog", "acme/mailer", "acme/old-blog"]) expect(text).toContain(name);
  });

  test("66: versions, license, support and time of a package are shown", async () => {
    const site = await project({ "acme/blog": "1.1.0" });
    const { code, text } = await site.say("show", "--available", "acme/blog");
    expect(code).toBe(0);
    for (const version of ["1.1.0", "2.0.0-beta1", "1.0.1", "1.0.0", "dev-main"])
      expect(text).toContain(version);
    expect(text).toContain("A blog for people");
    expect(text).toContain("MIT");
    expect(text).toContain(blog.support.issues);
    expect(await site.say("update")).toMatchObject({ code: 0 });
    const { packages } = await site.lock();
    expect(packages).toMatchObject([{ name: "acme/blog", time: "2024-01-03T03:04:05+00:00" }]);
    // Older clients keep the time to themselves.
    if (isAtLeast(composer, "2.8"))
      expect((await site.say("show", "acme/blog")).text).toContain("2024-01-03");
  });

  test("67: outdated finds the newest stable version, and the beta where betas are wanted", async () => {
    const site = await project({ "acme/blog": "1.0.0" });
    expect(await site.say("update")).toMatchObject({ code: 0 });
    const latest = async (): Promise<string> => {
      const { stdout } = await site.composer("outdated", "--format=json");
      const { installed } = JSON.parse(stdout) as { installed: { name: string; latest: string }[] };
      return installed.find(({ name }) => name === "acme/blog")?.latest ?? "";
    };
    expect(await latest()).toBe("1.1.0");
    await site.manifest({ "minimum-stability": "beta" });
    expect(await latest()).toBe("2.0.0-beta1");
  });

  if (isAtLeast(composer, "2.11")) {
    test("67: with a cooldown the age of a version that came later counts from the day we published it", async () => {
      const manifest = { name: "fresh/blog" };
      const fresh = await world.organization("fresh");
      const repository = await world.publish(fresh, "fresh/blog", [{ manifest }]);
      await repository.commit({ manifest, tags: ["1.0.0"] });
      await world.sync(fresh, repository);
      const require = { "fresh/blog": "*" };
      const site = await createProject(world, { composer, org: fresh, manifest: { require } });
      await site.manifest({ config: { "secure-http": false, policy: { cooldown: { period: "1 day" } } } });
      const held = await site.say("update");
      expect(held.code).not.toBe(0);
      expect(held.text).not.toContain("has no published-time");
      expect(held.text).toContain("cooldown");
      expect(await site.say("update", "--no-cooldown")).toMatchObject({ code: 0 });
    });
  }

  test("73: for a name that nobody has the client is told who provides it", async () => {
    const site = await project({ "acme/mail-implementation": "*" });
    const { code, text } = await site.say("update");
    expect(code).not.toBe(0);
    expect(text.replace(/\s+/g, " ")).toMatch(/following packages provide it.*acme\/mailer/);
  });

  test("75: funding links of the default branch are shown", async () => {
    const site = await project({ "acme/blog": "1.0.0" });
    expect(await site.say("update")).toMatchObject({ code: 0 });
    const { code, text } = await site.say("fund");
    expect(code).toBe(0);
    expect(text).toContain("https://fund.example.com/acme");
  });

  if (isAtLeast(composer, "2.8")) {
    test("76: diagnose finds the registry reachable", async () => {
      const { text } = await (await project()).say("diagnose");
      expect(text).toMatch(new RegExp(`Checking connectivity to ${acme.url}\\S*: OK`));
    });
  }

  test("77: the source of a package can be browsed", async () => {
    const site = await project({ "acme/blog": "1.0.0" });
    expect(await site.say("update")).toMatchObject({ code: 0 });
    const { code, text } = await site.say("browse", "--show", "acme/blog");
    expect(code).toBe(0);
    expect(text).toContain(blog.support.source);
  });
});

test("64: search finds by name, description and keyword, and filters by type", async () => {
  expect(await search("q=blog&type=")).toEqual(["acme/blog", "acme/old-blog"]);
  expect(await search("q=sends+mail&type=")).toEqual(["acme/mailer"]);
  expect(await search("q=blog&type=project")).toEqual([]);
  expect(await search("q=nothing-like-it")).toEqual([]);
  expect(await search("q=")).toHaveLength(3);
});

test("65: the list can be narrowed by pattern and vendor", async () => {
  expect(await list("")).toEqual(["acme/blog", "acme/mailer", "acme/old-blog"]);
  expect(await list("?filter=acme%2F%2Ablog")).toEqual(["acme/blog", "acme/old-blog"]);
  expect(await list("?vendor=acme&filter=acme/m*")).toEqual(["acme/mailer"]);
  expect(await list("?vendor=other")).toEqual([]);
});

test("70: a question for advisories of a thousand packages is answered, for now with none", async () => {
  const names = Array.from(
    { length: 1000 },
    (_, number) => `packages%5B${number}%5D=acme%2Fpackage-with-a-name-${number}`,
  );
  const response = await fetch(`${acme.url}/api/security-advisories`, {
    method: "POST",
    headers: { ...basic(acme.token), "Content-Type": "application/x-www-form-urlencoded" },
    body: names.join("&"),
  });
  expect(response.status).toBe(200);
  const { advisories } = (await response.json()) as { advisories: unknown };
  expect(Object.values(advisories as object).flat()).toEqual([]);
});

test("73: a name that nobody provides is answered with nothing", async () => {
  const answer = await get(acme, "/providers/acme/mail-implementation.json");
  const { providers } = JSON.parse(answer.text) as {
    providers: { name: string; description: string; type: string }[];
  };
  expect(providers).toEqual([{ name: "acme/mailer", description: "Sends mail", type: "library" }]);
  const none = await get(acme, "/providers/acme/blogg.json");
  if (none.status === 200) expect(JSON.parse(none.text)).toEqual({ providers: [] });
  else expect(none.status).toBe(404);
});

async function search(query: string): Promise<string[]> {
  const { text } = await get(acme, `/search.json?${query}`);
  const { results } = JSON.parse(text) as { results: { name: string }[] };
  return results.map(({ name }) => name).toSorted();
}

async function list(query: string): Promise<string[]> {
  const { text } = await get(acme, `/list.json${query}`);
  return (JSON.parse(text) as { packageNames: string[] }).packageNames.toSorted();
}
