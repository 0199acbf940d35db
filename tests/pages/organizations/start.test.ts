// The first repository and the first install, followed by the page as they happen.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { hashToken } from "../../../src/registry/tokens.ts";
import { findTokenByHash } from "../../../src/store/tokens.ts";
import { listRepositories } from "../../../src/store/repositories/repositories.ts";
import { getOrganization } from "../../../src/store/organizations/organizations.ts";
import { runSync } from "../../../src/registry/syncs/sync.ts";
import { composerFailure } from "../../../src/http/answers.ts";
import { remedyLines } from "../../../src/cli/remedies.ts";
import { addRepository } from "../../../src/registry/repositories/repositories.ts";
import { failureOf } from "../../tools/failure.ts";
import type { TestApp } from "../../worlds/process.ts";
import { password, signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let ann: Visitor;
const path = "/organizations/acme/start";

beforeEach(async () => {
  world = await openWorld({ in: "process" });
  await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
});
afterEach(() => world?.close());

/** The text of the token that the page tells, or null. */
async function toldToken(): Promise<string | null> {
  return /prc_[0-9A-Za-z]{46}/.exec(await ann.read(path))?.[0] ?? null;
}

async function withRepository(): Promise<void> {
  const acme = await getOrganization(world.app.db, "acme");
  const steps = [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }];
  await (await world.mirror(acme, "acme/blog", steps)).sync();
  await ann.post(`${path}/token`);
}

/** Repositories of the organization, each synced; the first one first. */
async function mirrored(...packages: [name: string, require: Record<string, string>][]): Promise<void> {
  const acme = await getOrganization(world.app.db, "acme");
  for (const [name, require] of packages) {
    world.tick();
    await (
      await world.mirror(acme, name.split("/")[1] ?? "", [{ manifest: { name, require }, tags: ["1.0.0"] }])
    ).sync();
  }
}

describe("a package that needs another one", () => {
  test("FU4: is said to, with a field for its repository, until that is here", async () => {
    await mirrored([
      "acme/billing",
      { "acme/money": "^1.0", "acme/log": "*", "symfony/console": "*", php: "*" },
    ]);
    const page = await ann.read(path);
    expect(page).toContain("acme/billing needs acme/log, which is not here");
    expect(page).toContain("Also missing: acme/money.");
    expect(page).toContain("Add its repository");
    await mirrored(["acme/money", {}], ["acme/logger", {}]);
    expect(await ann.read(path)).toContain("acme/billing needs acme/log, which is not here");
    const bad = await ann.post(path, { url: "ftp://git.example.com/log.git", username: "", password: "" });
    expect(bad.status).toBe(422);
    expect(await bad.text()).toContain("ftp://git.example.com/log.git");
    await mirrored(["acme/log", {}]);
    expect(await ann.read(path)).not.toContain("which is not here");
  });

  test("FW8: stands on the overview, whichever package it is, unless another one provides what it needs", async () => {
    await mirrored(["acme/blog", {}], ["acme/shop", { "acme/money": "^1.0", "acme/api": "*" }]);
    const text = (page: string) => page.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
    const before = text(await ann.read("/organizations/acme"));
    expect(before).toContain("Missing dependencies");
    expect(before).toMatch(/acme\/ ?api .{0,20}required by acme\/shop/);
    const acme = await getOrganization(world.app.db, "acme");
    const manifest = { name: "acme/all", provide: { "acme/api": "1.0" }, replace: { "acme/money": "1.0" } };
    await (await world.mirror(acme, "all", [{ manifest, tags: ["1.0.0"] }])).sync();
    expect(await ann.read("/organizations/acme")).not.toContain("Missing dependencies");
  });
});

test("an address that gives no name is refused in the words of the page, and a command line tells its option", async () => {
  const url = "https://git.example.com/acme/!!!";
  const answer = await ann.post(path, { url, username: "", password: "" });
  expect(answer.status).toBe(422);
  const [, problem = ""] = /<p class="error"[^>]*>(.*?)<\/p>/s.exec(await answer.text()) ?? [];
  expect(problem).toContain("cannot be used as a name");
  expect(problem).not.toMatch(/--|pricore /);
  expect(problem).toContain('href="/organizations/acme/repositories/new"');
  const acme = await getOrganization(world.app.db, "acme");
  const request = { url, name: null, provider: null, credential: null, allowLocal: true, actor: "cli" };
  const failure = await failureOf(addRepository(world.app, acme, request));
  expect(remedyLines(failure).join()).toContain("--name");
  const json: unknown = await composerFailure(world.app, new Request(url), failure).json();
  const remedy = { do: "name-repository", organization: "acme" };
  expect(json).toMatchObject({ code: "repository_name_invalid", remedy });
});

test("a repository that could not be read is corrected on the spot, and the setup goes on", async () => {
  const acme = await getOrganization(world.app.db, "acme");
  const blog = await world.mirror(acme, "blog", []);
  await blog.sync();
  const page = await ann.read(path);
  expect(page).toContain("The repository could not be read");
  expect(page).not.toContain("Reading the repository");
  expect(page).toContain("Try again");
  await ann.post(path, { url: (await blog.row()).url, username: "", password: "" });
  expect((await blog.row()).sync_requested).toBe(1);
  expect(await listRepositories(world.app.db, acme.id)).toHaveLength(1);
});

test("the line of the first sync stays when later ones find nothing", async () => {
  await mirrored(["acme/blog", {}]);
  const acme = await getOrganization(world.app.db, "acme");
  const [repository] = await listRepositories(world.app.db, acme.id);
  world.tick();
  const request = { repositoryId: repository?.id ?? "", reason: "poll" };
  await runSync(world.app, request, new AbortController().signal);
  expect((await ann.read(path)).replace(/<[^>]*>/g, "")).toContain(
    "2 tags and branches read in 0.0 s2 published",
  );
});

describe("the first repository", () => {
  test("is added by its address, and its sync and a token are asked for at once", async () => {
    const answer = await ann.post(path, {
      url: "https://git.example.com/acme/blog.git",
      username: "",
      password: "",
    });
    expect([answer.status, answer.headers.get("location")]).toEqual([303, path]);
    const acme = await getOrganization(world.app.db, "acme");
    const [repository] = await listRepositories(world.app.db, acme.id);
    expect([repository?.name, repository?.state]).toEqual(["blog", "waiting"]);
    expect(await ann.read(path)).toContain("Reading the repository");
  });

  test("whose address is wrong is refused beside the field, with what was typed kept", async () => {
    for (const url of [
      "/srv/git/blog",
      "https://127.0.0.1/blog.git",
      "https://ann:pw@git.example.com/blog.git",
    ]) {
      const answer = await ann.post(path, { url, username: "", password: "" });
      expect([url, answer.status]).toEqual([url, 422]);
      const text = await answer.text();
      expect(text).toContain('aria-invalid="true"');
      expect(text).toContain(`value="${url}"`);
    }
  });
});

describe("the first install", () => {
  test("is shown as three complete commands, with a token that works", async () => {
    await withRepository();
    const text = await ann.read(path);
    const token = (await toldToken()) ?? "";
    const { appUrl } = world.app.config;
    expect(text).toContain(`data-copy="composer config repositories.acme composer ${appUrl}/acme`);
    expect(text).toContain(`token ${token}`);
    expect(text).toContain("composer require acme/blog");
    expect((await world.get("/acme/packages.json", token)).status).toBe(200);
    expect((await findTokenByHash(world.app.db, hashToken(token)))?.name).toBe("first-install");
  });

  test("shows on the page what Composer asks, step by step", async () => {
    await withRepository();
    const token = await toldToken();
    const part = () => ann.get(path, { "HX-Request": "true" }).then((answer) => answer.text());
    const reached = async () => /(\d) of 4/.exec(await part())?.[1];
    expect(await reached()).toBe("0");
    await world.get("/acme/packages.json", null);
    await Bun.sleep(20);
    expect(await reached()).toBe("1");
    await world.get("/acme/packages.json", token);
    const p2 = await (await world.get("/acme/p2/acme/blog.json", token)).json();
    await Bun.sleep(20);
    expect(await reached()).toBe("3");
    const dist = (p2 as { packages: Record<string, { dist: { url: string } }[]> }).packages["acme/blog"]?.[0]
      ?.dist.url;
    expect((await world.get(new URL(dist ?? "").pathname, token)).status).toBe(200);
    await Bun.sleep(20);
    expect(await part()).toContain("Composer downloaded the archive.");
    expect(await part()).not.toContain("<html");
  });

  test("ends with the install that Composer reports, and the token is shown no more", async () => {
    await withRepository();
    const token = await toldToken();
    await fetch(`${world.app.config.appUrl}/acme/notify-batch`, {
      method: "POST",
      headers: { Authorization: `Bearer ${token}` },
      body: JSON.stringify({ downloads: [{ name: "acme/blog", version: "1.0.0.0" }] }),
    });
    expect(await ann.read(path)).toContain("It works");
    expect(await toldToken()).toBeNull();
  });

  test("shows a token for an hour, to the one who had it made, and makes a new one when asked", async () => {
    await withRepository();
    const first = await toldToken();
    const ben = await signedIn(world, "ben", { roles: { acme: "admin" } });
    expect(await ben.read(path)).not.toContain(first ?? "none");
    world.tick(3_600_000);
    expect(await toldToken()).toBeNull();
    // An hour later the password is asked for first.
    expect((await ann.post(`${path}/token`)).headers.get("location")).toStartWith("/confirm");
    await ann.post("/confirm", { password: password("ann") });
    await ann.post(`${path}/token`);
    const second = await toldToken();
    expect([second === null, second === first]).toEqual([false, false]);
  });

  test("FA7: has one token at a time, and makes none once Composer has installed", async () => {
    const works = async (token: string | null) => (await world.get("/acme/packages.json", token)).status;
    await withRepository();
    const first = await toldToken();
    await ann.post(`${path}/token`);
    const second = await toldToken();
    expect([await works(first), await works(second)]).toEqual([401, 200]);
    const ben = await signedIn(world, "ben", { roles: { acme: "admin" } });
    await ben.post(`${path}/token`);
    expect([await works(second), await toldToken()]).toEqual([401, null]);
    await ann.post(`${path}/token`);
    const third = await toldToken();
    // One more repository takes away no token that somebody may be using.
    await ann.post(path, { url: "https://git.example.com/acme/more.git", username: "", password: "" });
    expect([await works(third), await toldToken()]).toEqual([200, third]);
    await fetch(`${world.app.config.appUrl}/acme/notify-batch`, {
      method: "POST",
      headers: { Authorization: `Bearer ${third}` },
      body: JSON.stringify({ downloads: [{ name: "acme/blog", version: "1.0.0.0" }] }),
    });
    const count = async () => (await world.app.db.read.selectFrom("tokens").select("id").execute()).length;
    const before = await count();
    expect((await ann.post(`${path}/token`)).status).toBe(409);
    await ann.post(path, { url: "https://git.example.com/acme/last.git", username: "", password: "" });
    expect([await count(), await works(third)]).toEqual([before, 200]);
  });

  test("FA7: adding a repository makes no token for a user who was away, and asks before a secret is kept", async () => {
    world.tick(11 * 60_000);
    const form = { url: "https://git.example.com/acme/blog.git", username: "", password: "" };
    expect((await ann.post(path, form)).headers.get("location")).toBe(path);
    expect(await toldToken()).toBeNull();
    const secret = { ...form, url: "https://git.example.com/acme/more.git", username: "ux", password: "s" };
    expect((await ann.post(path, secret)).headers.get("location")).toStartWith("/confirm");
    const again = {
      url: secret.url,
      name: "",
      credential: "basic",
      stored: "",
      username: "u",
      password: "s",
    };
    const repositories = "/organizations/acme/repositories";
    expect((await ann.post(repositories, again)).headers.get("location")).toStartWith("/confirm");
    const key = { ...again, url: "git@git.example.com:acme/x.git", credential: "new-ssh-key", password: "" };
    expect((await ann.post(repositories, key)).headers.get("location")).toStartWith("/confirm");
    const acme = await getOrganization(world.app.db, "acme");
    expect((await listRepositories(world.app.db, acme.id)).map(({ name }) => name)).toEqual(["blog"]);
  });

  test("is for owners and admins", async () => {
    const cleo = await signedIn(world, "cleo", { roles: { acme: "member" } });
    expect((await cleo.get(path)).status).toBe(403);
    expect((await cleo.post(`${path}/token`)).status).toBe(403);
  });
});
