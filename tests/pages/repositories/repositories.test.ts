import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { addRepository } from "../../../src/registry/repositories/repositories.ts";
import { runSync } from "../../../src/registry/syncs/sync.ts";
import { listActivity } from "../../../src/store/organizations/activity.ts";
import { addCredential, listCredentials } from "../../../src/store/repositories/credentials.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import { findRepository, updateRepository } from "../../../src/store/repositories/repositories.ts";
import type { Mirrored, TestApp } from "../../worlds/process.ts";
import { startGitHttp, type GitHttpServer } from "../../tools/servers/git-http-server.ts";
import { countQueries } from "../../tools/queries.ts";
import { makeRepository } from "../../tools/repositories.ts";
import { makePerson, signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

const base = "/organizations/acme/repositories";

let world: TestApp;
let acme: Organization;
let blog: Mirrored;
let git: GitHttpServer;
let ann: Visitor;
let ben: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  acme = await world.organization("acme");
  await world.organization("other");
  await makePerson(world, "ann");
  ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  ben = await signedIn(world, "ben", { roles: { acme: "member" } });
  blog = await world.mirror(acme, "acme/blog", [
    { manifest: { name: "acme/blog" }, tags: ["1.0.0"] },
    { manifest: { name: "acme/blog" }, tags: ["1.1.0", "nightly"] },
    { manifest: "{ broken", tags: ["1.2.0"] },
    { manifest: { name: "acme/blog" } },
  ]);
  git = startGitHttp({
    root: join(world.folder, "served"),
    auth: { username: "robot", password: "s3cret-token" },
  });
});
afterAll(async () => {
  await git?.stop();
  await world?.close();
});

const row = (name: string) => findRepository(world.app.db, acme.id, name);
const actions = async () => (await listActivity(world.app.db, acme.id, 50)).map(({ action }) => action);
const unjoined = (text: string) => text.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

/** The second time: the first one also looks whether the server is well. */
const statements = async (path: string) => {
  await ben.read(path);
  return countQueries(world, () => ben.read(path));
};

test("a repository's URL is whole wherever it is shown, and its own page copies it", async () => {
  const { url, id, name } = await blog.row();
  const whole = "https://git.acme.test:8443/platform/blog.git";
  await updateRepository(world.app.db, id, { url: whole });
  for (const path of [base, `${base}/new/added?ids=${id}`, `${base}/${encodeURIComponent(name)}`])
    expect(await ann.read(path)).toContain(`>${whole}<`);
  expect(await ann.read(`${base}/${encodeURIComponent(name)}`)).toContain(`data-copy="${whole}"`);
  await updateRepository(world.app.db, id, { url });
});

describe("the list of repositories", () => {
  test("says what will be here while there is none, and offers to add one to those who may", async () => {
    const empty = await openWorld({ in: "process" });
    await empty.organization("acme");
    const owner = await signedIn(empty, "ann", { roles: { acme: "owner" } });
    const member = await signedIn(empty, "ben", { roles: { acme: "member" } });
    const [theirs, mine] = [await member.read(base), await owner.read(base)];
    expect(mine).toContain("No repositories yet");
    expect(mine).toContain(`href="${base}/new"`);
    expect(theirs).not.toContain(`href="${base}/new"`);
    await empty.close();
  });

  test("shows each with its state, when it was checked, and its packages", async () => {
    await blog.sync();
    world.tick(60_000);
    const text = unjoined(await ben.read(base));
    expect(text).toContain("blog");
    expect(text).toContain("1 min ago");
    expect(text).toContain("1 package");
  });

  test("is searched, filtered and sorted by its address", async () => {
    expect(await ben.read(`${base}?q=blog`)).toContain(`${base}/blog"`);
    expect(await ben.read(`${base}?q=BLOG&state=fresh&sort=-packages`)).toContain(`${base}/blog"`);
    expect(await ben.read(`${base}?q=shop`)).toContain("No repository matches");
    expect(await ben.read(`${base}?state=failed`)).toContain("No repository matches");
    expect(await ben.read(`${base}?q=100%25_`)).toContain("No repository matches");
  });

  test("gives its part alone to the page that follows along", async () => {
    const part = await (await ben.get(base, { "HX-Request": "true", "HX-Request-Type": "partial" })).text();
    expect(part.startsWith('<div id="repositories"')).toBe(true);
  });

  test("needs as many statements for a hundred repositories as for one", async () => {
    const one = await statements(base);
    for (let number = 0; number < 100; number++)
      await addRepository(world.app, acme, {
        url: `git@127.0.0.1:acme/many-${number}.git`,
        name: null,
        provider: null,
        credential: { kind: "new-ssh-key" },
        allowLocal: false,
        actor: "cli",
      });
    expect(await statements(base)).toBe(one);
    const second = await ben.read(`${base}?page=2&q=many`);
    expect(second).toContain("51–100 of 100");
  });
});

describe("a repository's page", () => {
  test("tells what became of each ref and why, and what the repository publishes", async () => {
    const text = unjoined(await ben.read(`${base}/blog`));
    expect(text).toContain("New version 1.1.0");
    expect(text).toMatch(/nightly tag Skipped: the tag name is not a version/);
    expect(text).toMatch(/1\.2\.0 tag Skipped: composer\.json is not valid JSON/);
    expect(text).toContain("Last checked");
    expect(text).toContain("acme/ blog");
  });

  test("filters refs by what became of them", async () => {
    const skipped = await ben.read(`${base}/blog?outcome=skipped`);
    expect(skipped).toContain("nightly");
    expect(skipped).not.toContain("New version 1.1.0");
  });

  test("has a history whose every sync has a page", async () => {
    await blog.git.commit({ manifest: { name: "acme/blog" }, tags: ["1.3.0"] });
    const { id } = await blog.sync();
    const history = await ben.read(`${base}/blog/syncs`);
    expect(history).toContain(`${base}/blog/syncs/${id}`);
    const sync = unjoined(await ben.read(`${base}/blog/syncs/${id}`));
    expect(sync).toContain("1.3.0");
    expect(sync).toContain("1 added");
    expect((await ben.get(`${base}/blog/syncs/${Bun.randomUUIDv7()}`)).status).toBe(404);
  });

  test("shows a sync that runs, with the ref that is next", async () => {
    const repository = await blog.row();
    const { addSync, updateSync } = await import("../../../src/store/syncs/syncs.ts");
    const sync = await addSync(world.app.db, {
      id: Bun.randomUUIDv7(),
      organization_id: acme.id,
      repository_id: repository.id,
      reason: "poll",
      started_at: world.app.now() - 8000,
      refs_total: 200,
    });
    const progress = { refs_done: 42, added: 3, skipped: 4, current_ref: "v2.14.0" };
    await updateSync(world.app.db, sync.id, progress);
    const text = unjoined(await ben.read(`${base}/blog`));
    expect(text).toContain("42 of 200 tags and branches");
    expect(text).toContain("v2.14.0");
    expect(text).toContain("35 unchanged");
    expect(text).toContain("158 to go");
    expect(text).toContain("8 s so far, about 30 s left");
    expect(text).toContain("Trigger: schedule");
    await blog.sync();
    expect(unjoined(await ben.read(`${base}/blog`))).not.toContain("of 200 refs");
  });

  test("says of a failed sync what still works and what to do", async () => {
    const path = join(world.folder, "acme/blog.git");
    const { rename } = await import("node:fs/promises");
    await rename(path, `${path}.away`);
    await blog.sync();
    const mine = unjoined(await ann.read(`${base}/blog`));
    expect(mine).toContain("Composer still gets all");
    expect(mine).toContain("Edit the URL");
    expect(unjoined(await ben.read(`${base}/blog`))).not.toContain("Edit the URL");
    await rename(`${path}.away`, path);
    await blog.sync();
    expect(unjoined(await ben.read(`${base}/blog`))).not.toContain("Composer still gets");
  });

  test("needs as many statements whatever the repository holds", async () => {
    const small = await statements(`${base}/blog`);
    await blog.git.commit(
      ...Array.from({ length: 60 }, (_, number) => ({
        manifest: { name: "acme/blog" },
        tags: [`2.0.${number}`],
      })),
    );
    await blog.sync();
    expect(await statements(`${base}/blog`)).toBe(small);
    expect(unjoined(await ben.read(`${base}/blog`))).toContain("1–50 of ");
  });

  test("is not there for others, and its acts are for those who may", async () => {
    const eve = await signedIn(world, "eve", { roles: { other: "owner" } });
    expect((await eve.get(`${base}/blog`)).status).toBe(404);
    expect((await eve.get("/organizations/other/repositories/blog")).status).toBe(404);
    expect(
      (await eve.post("/organizations/other/repositories/blog/remove", { confirm: "blog" })).status,
    ).toBe(404);
    for (const act of ["syncs", "edit", "removals", "host-key", "remove"])
      expect((await ben.post(`${base}/blog/${act}`)).status).toBe(403);
    expect(await row("blog")).not.toBeNull();
  });
});

describe("adding a repository", () => {
  test("leads to its page, where the first sync is asked for", async () => {
    await makeRepository(join(world.folder, "served"), "acme/shop", [
      { manifest: { name: "acme/shop" }, tags: ["1.0.0"] },
    ]);
    const url = `${git.url}/acme/shop.git`;
    const form = {
      url,
      name: "",
      credential: "basic",
      stored: "",
      username: "robot",
      password: "s3cret-token",
    };
    const answer = await ann.post(base, form);
    expect([answer.status, answer.headers.get("location")]).toEqual([303, `${base}/shop`]);
    expect(await ann.read(`${base}/shop`)).toContain("Waiting to start");
    const shop = await row("shop");
    await runSync(world.app, { repositoryId: shop?.id ?? "", reason: "asked" }, new AbortController().signal);
    expect((await row("shop"))?.state).toBe("fresh");
    expect(await actions()).toContain("repository.added");
    const everything = world.log.join("\n") + (await ann.read(`${base}/shop`));
    expect(everything).not.toContain("s3cret-token");
  });

  const refusals: [string, Record<string, string>, string][] = [
    ["a private address", { url: "https://10.1.2.3/acme/blog.git" }, "OUTBOUND_ALLOW"],
    ["a password in the address", { url: "https://ann:geheim@git.acme.test/x.git" }, "credential field"],
    ["a folder of the server", { url: "/etc" }, "must begin with https://"],
    ["nothing", { url: "" }, "must begin with https://"],
    ["an SSH address without a key", { url: "git@git.acme.test:acme/x.git" }, "needs an SSH key"],
    ["a name of ours", { url: "https://127.0.0.1/x.git", name: "new" }, "Choose another name"],
    [
      "a user without a token",
      { url: "https://127.0.0.1/x.git", credential: "basic", username: "ann" },
      "Enter the token or password",
    ],
  ];
  for (const [what, form, words] of refusals)
    test(`is refused for ${what}, with the reason beside the field and what was typed kept`, async () => {
      const answer = await ann.post(base, { name: "", credential: "none", ...form });
      expect(answer.status).toBe(422);
      const text = await answer.text();
      expect(unjoined(text)).toMatch(new RegExp(words));
      expect(text).toContain('<p class="error"');
      expect(text).not.toContain("--name");
      expect(world.log.join("\n")).not.toContain("geheim");
    });

  test("FC11: takes the user of the address for the token's, for one and for several", async () => {
    for (const name of ["acme/four", "acme/five"])
      await makeRepository(join(world.folder, "served"), name, [{ manifest: { name }, tags: ["1.0.0"] }]);
    const named = git.url.replace("://", "://robot@");
    const access = { credential: "basic", username: "", password: "s3cret-token" };
    const one = await ann.post(base, { url: `git clone ${named}/acme/four.git`, ...access });
    expect([one.status, one.headers.get("location")]).toEqual([303, `${base}/four`]);
    const lines = [
      `${named}/acme/five.git/?x#y`,
      "https://robot:geheim@127.0.0.1/x.git",
      "git://127.0.0.1/y",
    ];
    const text = unjoined(await (await ann.post(base, { url: lines.join("\n"), ...access })).text());
    expect(text).toContain("1 of 3 repositories added");
    expect(text).toContain("neither encrypted");
    expect(text).not.toContain("geheim");
    const users = (await listCredentials(world.app.db, acme.id, "basic")).map(({ username }) => username);
    expect(new Set(users)).toEqual(new Set(["robot"]));
    expect((await row("five"))?.url).toBe(`${git.url}/acme/five.git`);
    const nobody = await ann.post(base, { url: `${git.url}/acme/six.git`, ...access });
    expect(await nobody.text()).toContain("Enter the user that the token belongs to");
  });

  test("FC11: of a repository is changed without losing the new credential, however it is written", async () => {
    const url = `${git.url.replace("://", "://robot@")}/acme/four.git/`;
    const before = (await row("four"))?.credential_id;
    const form = { name: "four", url, credential: "basic", username: "", password: "s3cret-token" };
    expect((await ann.post(`${base}/four/edit`, form)).status).toBe(303);
    const after = await row("four");
    expect(after?.url).toBe(`${git.url}/acme/four.git`);
    expect(after?.credential_id).not.toBe(before ?? "");
  });

  test("takes several at once and tells what became of each", async () => {
    for (const name of ["acme/one", "acme/two"])
      await makeRepository(join(world.folder, "served"), name, [{ manifest: { name }, tags: ["1.0.0"] }]);
    const urls = [
      `${git.url}/acme/one.git`,
      `${git.url}/acme/two.git`,
      "https://10.0.0.1/x.git",
      `${git.url}/acme/one.git`,
    ];
    const form = { url: urls.join("\r\n"), credential: "basic", username: "robot", password: "s3cret-token" };
    const text = unjoined(await (await ann.post(base, form)).text());
    expect(text).toContain("2 of 4 repositories added");
    expect(text).toContain("OUTBOUND_ALLOW");
    expect(text).toContain("Already added as one");
    const [one, two] = [await row("one"), await row("two")];
    expect(one?.credential_id).toBe(two?.credential_id ?? "");
  });

  test("makes an SSH key, shows its public half to those who need it, and waits for the forge", async () => {
    const form = { url: "git@127.0.0.1:acme/keyed.git", credential: "new-ssh-key" };
    expect((await ann.post(base, form)).status).toBe(303);
    const mine = await ann.read(`${base}/keyed`);
    expect(mine).toContain("ssh-ed25519 ");
    expect(mine).toContain("SHA256:");
    expect(mine).toContain("deploy key first");
    expect(mine).not.toContain("PRIVATE KEY");
    expect(await ben.read(`${base}/keyed`)).not.toContain("ssh-ed25519 ");
  });

  test("refuses what a member sends, and a field that the form does not have", async () => {
    expect((await ben.post(base, { url: "https://127.0.0.1/x.git" })).status).toBe(403);
    expect((await ann.post(base, { url: "https://127.0.0.1/x.git", provider: "local" })).status).toBe(422);
  });

  test("shows hostile names and addresses as text", async () => {
    const url = `${git.url}/"><script>alert(1)</script>.git`;
    const answer = await ann.post(base, { url, name: '"><img src=x onerror=alert(1)>' });
    const text = await answer.text();
    expect(text).not.toContain("<script>alert");
    expect(text).not.toContain('"><img');
  });
});

describe("a stored credential", () => {
  test("opens other repositories of its own host, and only ever sent to this host", async () => {
    const shop = await row("shop");
    const stored = shop?.credential_id ?? "";
    await makeRepository(join(world.folder, "served"), "acme/three", [
      { manifest: { name: "acme/three" }, tags: ["1.0.0"] },
    ]);
    const form = { credential: "stored", stored };
    expect((await ann.post(base, { ...form, url: `${git.url}/acme/three.git` })).status).toBe(303);
    const elsewhere = await ann.post(base, { ...form, url: "https://127.0.0.1:1/acme/three.git" });
    expect(elsewhere.status).toBe(422);
    expect(await elsewhere.text()).toContain("never sent to another host");
  });
});

describe("changing a repository", () => {
  test("renames it and gives it another credential, in the record of what was done", async () => {
    const before = await row("one");
    const form = { name: "uno", credential: "basic", username: "robot", password: "s3cret-token" };
    const answer = await ann.post(`${base}/one/edit`, form);
    expect(answer.headers.get("location")).toBe(`${base}/uno`);
    const after = await row("uno");
    expect(after?.id).toBe(before?.id ?? "");
    expect(after?.credential_id).not.toBe(before?.credential_id ?? "");
    expect(await actions()).toEqual(
      expect.arrayContaining(["repository.renamed", "repository.credential_changed"]),
    );
    const taken = await ann.post(`${base}/uno/edit`, { name: "shop", credential: "keep" });
    expect(taken.status).toBe(409);
    expect(await taken.text()).toContain("repository is named &quot;shop&quot;");
  });

  test("keeps its credential when only the name changes", async () => {
    const before = await row("uno");
    await ann.post(`${base}/uno/edit`, { name: "one", credential: "keep" });
    expect((await row("one"))?.credential_id).toBe(before?.credential_id ?? "");
  });

  test("asks for a sync, for which that person then stands", async () => {
    expect((await ann.post(`${base}/blog/syncs`)).status).toBe(303);
    expect((await blog.row()).state).toBe("waiting");
    expect(await actions()).toContain("repository.sync_asked");
  });
});

describe("a sync that would remove much", () => {
  test("shows what would go, and goes on when somebody agrees", async () => {
    for (let number = 0; number < 60; number++) await blog.git.git("tag", "-d", `2.0.${number}`);
    await blog.sync();
    const page = await ann.read(`${base}/blog`);
    expect(page).toContain("See what would be removed");
    expect(page).not.toContain("--confirm-removals");
    const removals = unjoined(await ann.read(`${base}/blog/removals`));
    expect(removals).toContain("2.0.59");
    expect(removals).toContain("Would be removed");
    await ann.post(`${base}/blog/removals`);
    expect((await blog.row()).removals_confirmed).toBe(1);
    expect(await actions()).toContain("repository.removals_confirmed");
    expect((await blog.sync()).removed).toBe(60);
    expect((await ann.get(`${base}/blog/removals`)).status).toBe(404);
  });
});

describe("an SSH host key", () => {
  test("is forgotten by a user who has seen its fingerprint, and the sync asked for again", async () => {
    const { pinHostKey, findHostKey } = await import("../../../src/store/repositories/host-keys.ts");
    const { generateKeyPair } = await import("../../../src/git/keys.ts");
    const hostKey = generateKeyPair("a host").publicKey;
    const host = "127.0.0.1:22";
    await pinHostKey(world.app.db, acme.id, { host, hostKey, now: 0 });
    const { fingerprint } = await import("../../../src/git/keys.ts");
    expect(await ann.read(`${base}/keyed/host-key`)).toContain(fingerprint(hostKey));
    expect((await ann.post(`${base}/keyed/host-key`)).status).toBe(303);
    expect(await findHostKey(world.app.db, acme.id, host)).toBeNull();
    expect(await actions()).toContain("host_key.forgotten");
    expect((await ann.get(`${base}/blog/host-key`)).status).toBe(404);
  });
});

describe("removing a repository", () => {
  test("tells what is lost, asks for the name, and keeps what lock files need", async () => {
    const page = unjoined(await ann.read(`${base}/blog/remove`));
    expect(page).toContain("1 package (acme/blog) with");
    expect(page).toContain("Lock files keep working");
    const wrong = await ann.post(`${base}/blog/remove`, { confirm: "blogg" });
    expect(wrong.status).toBe(422);
    expect(await row("blog")).not.toBeNull();
    const done = await ann.post(`${base}/blog/remove`, { confirm: "blog" });
    expect(done.headers.get("location")).toBe(base);
    expect(await row("blog")).toBeNull();
    expect(await actions()).toContain("repository.removed");
    const token = await world.token(acme);
    const reference = await blog.git.reference("1.0.0");
    const dist = await world.get(`/acme/dists/acme/blog/1.0.0/${reference}.zip`, token);
    expect(dist.status).toBe(200);
  });

  test("takes a credential along that came with it, once nothing else uses it", async () => {
    const shared = (await row("two"))?.credential_id;
    const ids = async () => (await listCredentials(world.app.db, acme.id)).map(({ id }) => id);
    await addCredential(world.app.db, {
      id: Bun.randomUUIDv7(),
      organization_id: acme.id,
      kind: "basic",
      username: "kept",
      secret: "sealed",
      public_key: null,
      created_at: 0,
      name: "Kept",
      host: "git.acme.test",
      created_by: null,
    });
    const before = await ids();
    await ann.post(`${base}/two/remove`, { confirm: "two" });
    const after = await ids();
    expect(before).toContain(shared ?? "");
    expect(after).not.toContain(shared ?? "");
    expect(after).toHaveLength(before.length - 1);
  });
});
