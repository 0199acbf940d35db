import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { forgeNames } from "../../../src/forges/forge.ts";
import { connectForge } from "../../../src/registry/credentials/connect.ts";
import { listForgeCredentials } from "../../../src/store/repositories/credentials.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import { findRepository, listRepositories } from "../../../src/store/repositories/repositories.ts";
import { findWebhook } from "../../../src/store/webhooks/webhooks.ts";
import type { TestApp } from "../../worlds/process.ts";
import type { FakeForge } from "../../tools/forges/fake-forge.ts";
import { secretWords, startForge } from "../../tools/forges/forge.ts";
import { countQueries } from "../../tools/queries.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

const here = "/organizations/acme/repositories/new/from-forge";

let world: TestApp;
let acme: Organization;
let ann: Visitor;
let forge: FakeForge;
const ids: Record<string, string> = {};
const forges: FakeForge[] = [];

const connect = async (to: FakeForge, organization = acme) => {
  const email = to.name === "bitbucket" ? to.account.email : "";
  const fields = { provider: to.name, address: to.origin, email, token: to.token, name: to.name };
  await connectForge(world.app, organization, { input: fields, actor: "cli" });
  return (await listForgeCredentials(world.app.db, organization.id)).at(-1)?.id ?? "";
};

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  for (const name of forgeNames) {
    const started = startForge(name);
    forges.push(started);
    for (const repository of ["blog", "shop", "wiki"]) started.add(`acme/${name}-${repository}`);
  }
  [forge] = forges as [FakeForge];
});
afterAll(async () => {
  for (const each of forges) await each.stop();
  await world?.close();
});

const addressOf = (query: Record<string, string>) => `${here}?${new URLSearchParams(query)}`;
const names = async () => (await listRepositories(world.app.db, acme.id)).map(({ name }) => name);
const namesIn = (page: string) => [...page.matchAll(/name="paths" value="([^"]+)"/g)].map(([, path]) => path);

test("Without an account at a forge the page says how to connect one", async () => {
  const page = await ann.read(here);
  expect(page).toContain("No Git host connected yet");
  expect(page).toContain('href="/organizations/acme/settings/credentials/connect"');
});

for (const [at, name] of forgeNames.entries())
  describe(`the list of ${name}`, () => {
    test("shows what the account may read, and adds what is ticked", async () => {
      ids[name] = await connect(forges[at] ?? forge);
      const page = await ann.read(addressOf({ credential: ids[name], owner: "acme" }));
      expect(namesIn(page)).toEqual(["blog", "shop", "wiki"].map((each) => `acme/${name}-${each}`));
      const paths = [`acme/${name}-blog`, `acme/${name}-shop`];
      const added = await ann.post(here, { credential: ids[name], paths });
      expect(added.status).toBe(200);
      const text = await added.text();
      expect(text).toContain("2 of 2 repositories added");
      const row = await findRepository(world.app.db, acme.id, `${name}-blog`);
      expect(row).toMatchObject({
        provider: name,
        credential_id: ids[name],
        state: "waiting",
        url: `${forges[at]?.origin}/acme/${name}-blog.git`,
      });
      // Its webhook is registered by a job, so that nobody waits for the forge.
      expect(await findWebhook(world.app.db, row?.id ?? "")).toMatchObject({ state: "waiting" });
      expect(forges[at]?.requests.some((request) => request.startsWith("POST"))).toBe(false);
    });

    test("marks those that are mirrored already, and says so when they are added again", async () => {
      const credential = ids[name] ?? "";
      const page = await ann.read(addressOf({ credential, owner: "acme" }));
      expect(namesIn(page)).toEqual([`acme/${name}-wiki`]);
      expect(page).toContain(`href="/organizations/acme/repositories/${name}-blog"`);
      const before = await names();
      const again = await ann.post(here, { credential, paths: [`acme/${name}-blog`, `acme/${name}-wiki`] });
      const text = await again.text();
      expect(text).toContain("1 of 2 repositories added");
      expect(text).toContain("Already added as");
      expect(await names()).toEqual([...before, `${name}-wiki`].toSorted());
    });
  });

describe("choosing from a forge", () => {
  test("goes through 500 repositories, page by page and by a search", async () => {
    for (let number = 0; number < 500; number++) forge.add(`big/package-${number}`);
    forge.organizations.push("big");
    const credential = ids["github"] ?? "";
    const found = new Set<string | undefined>();
    let address: string | undefined = addressOf({ credential, owner: "big" });
    let pages = 0;
    while (address) {
      const page: string = await ann.read(address);
      for (const name of namesIn(page)) found.add(name);
      address = /href="([^"]+)" rel="next"/.exec(page)?.[1]?.replaceAll("&amp;", "&");
      pages++;
    }
    expect([found.size, pages]).toEqual([500, 5]);
    const searched = await ann.read(addressOf({ credential, owner: "big", q: "package-49" }));
    expect(namesIn(searched)).toHaveLength(11);
    expect(searched).toContain('value="package-49"');
  });

  test("gives htmx the list alone", async () => {
    const part = await ann.get(addressOf({ credential: ids["github"] ?? "", owner: "acme" }), {
      "HX-Request": "true",
    });
    const text = await part.text();
    expect(text).toStartWith('<div id="forge-list"');
    expect(text).not.toContain("<html");
  });

  test("adds a hundred at once and no more", async () => {
    const credential = ids["github"] ?? "";
    const paths = Array.from({ length: 101 }, (_, number) => `big/package-${number}`);
    const tooMany = await ann.post(here, { credential, owner: "big", paths });
    expect(tooMany.status).toBe(422);
    expect(await tooMany.text()).toContain("101 repositories are too many. The limit is 100 at once");
    const before = (await names()).length;
    const requests = forge.requests.length;
    const added = await ann.post(here, { credential, paths: paths.slice(1) });
    expect(await added.text()).toContain("100 of 100 repositories added");
    expect((await names()).length).toBe(before + 100);
    // The forge is not asked while they are added.
    expect(forge.requests).toHaveLength(requests);
  });

  test("asks for at least one", async () => {
    const none = await ann.post(here, { credential: ids["github"] ?? "", owner: "acme" });
    expect(none.status).toBe(422);
    expect(await none.text()).toContain("Choose at least one repository");
  });

  test("gives two of the same name different ones, and says why another is refused", async () => {
    forge.add("big/github-blog");
    const paths = ["big/github-blog", "../etc", "big/new", "big/.github"];
    const text = await (await ann.post(here, { credential: ids["github"] ?? "", paths })).text();
    for (const name of ["big/github-blog", "big/new", "github"]) expect(await names()).toContain(name);
    expect(text).toContain("3 of 4 repositories added");
    expect(text).toContain("not the path of a repository");
  });

  const troubles: [string, (to: FakeForge) => void, string][] = [
    ["in trouble", ({ faults }) => (faults.status = 502), "has a problem"],
    [
      "out of patience",
      ({ faults }) => (faults.limited = { kind: "secondary", until: 0 }),
      "is limiting requests",
    ],
    ["refusing the token", ({ faults }) => (faults.expired = true), "rejected the token"],
  ];
  for (const [what, cause, words] of troubles)
    test(`tells beside the list when the forge is ${what}`, async () => {
      cause(forge);
      const answer = await ann.get(addressOf({ credential: ids["github"] ?? "", owner: "acme" }));
      Object.assign(forge.faults, { status: null, limited: null, expired: false });
      expect(answer.status).toBe(200);
      const text = await answer.text();
      expect(text).toContain(words);
      expect(text).toContain("Try again");
      expect(text).not.toContain(secretWords);
      world.tick(120_000);
    });

  test("tells so of a forge that is silent, and does not hang", async () => {
    const slow = startForge("gitea");
    forges.push(slow);
    const credential = await connect(slow);
    slow.faults.silent = true;
    const text = await ann.read(addressOf({ credential }));
    expect(text).toContain("did not answer");
    expect(text).toContain("Try again");
  }, 40_000);

  test("needs as many statements for many as for one", async () => {
    const credential = ids["gitea"] ?? "";
    const one = await countQueries(world, () => ann.read(addressOf({ credential, owner: "acme" })));
    for (let number = 0; number < 40; number++) forges[3]?.add(`acme/more-${number}`);
    expect(await countQueries(world, () => ann.read(addressOf({ credential, owner: "acme" })))).toBe(one);
  });

  test("is for those who may add, with accounts of their own organization alone", async () => {
    const other = await world.organization("other");
    const zoe = await signedIn(world, "zoe", { roles: { other: "owner" } });
    const theirs = "/organizations/other/repositories/new/from-forge";
    const credential = ids["github"] ?? "";
    const requests = forge.requests.length;
    for (const id of [credential, Bun.randomUUIDv7()])
      expect(await zoe.read(`${theirs}?credential=${id}`)).toContain("No Git host connected yet");
    await zoe.post(theirs, { credential, paths: ["acme/github-blog"] });
    expect(await listRepositories(world.app.db, other.id)).toEqual([]);
    expect(forge.requests).toHaveLength(requests);
    const mia = await signedIn(world, "mia", { roles: { acme: "member" } });
    expect((await mia.get(here)).status).toBe(403);
    expect((await mia.post(here, { credential, paths: ["acme/x"] })).status).toBe(403);
  });
});
