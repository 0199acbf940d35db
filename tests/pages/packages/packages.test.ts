import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { countDownloads, reportInstalls } from "../../../src/registry/packages/downloads.ts";
import { handlersOf } from "../../../src/registry/handlers.ts";
import { createToken } from "../../../src/registry/tokens.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import { findPackage } from "../../../src/store/packages/packages.ts";
import { listVisitedPackages } from "../../../src/store/organizations/visits.ts";
import type { Mirrored, TestApp } from "../../worlds/process.ts";
import { countQueries } from "../../tools/queries.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let acme: Organization;
let blog: Mirrored;
let ann: Visitor & { user: { id: string } };
let ben: Visitor;
const list = "/organizations/acme/packages";
const page = `${list}/acme/blog`;

const manifest = {
  name: "acme/blog",
  description: "Posts & <b>pages</b>",
  type: "library",
  license: "MIT",
  keywords: ["posts"],
  authors: [{ name: "Ann", email: "ann@acme.test", role: "Author" }],
  require: { php: ">=8.1", "acme/text": "^1.0" },
  "require-dev": { "phpunit/phpunit": "^11" },
  conflict: { "acme/old": "*" },
  suggest: { "ext-intl": "for dates" },
  autoload: { "psr-4": { "Acme\\Blog\\": "src/" } },
};
const readme = "# Blog\n\n<a hx-get='/evil' href='/settings'>a</a><script>alert(1)</script>\n\nHello.";

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  await world.organization("other");
  blog = await world.mirror(acme, "acme/blog", [
    { manifest, tags: ["v1.0.0"] },
    { manifest, tags: ["v1.1.0"], files: { "README.md": readme } },
    { manifest, tags: ["v1.2.0-beta1"] },
    { manifest },
    { branch: "feature/a&b", manifest },
  ]);
  await blog.sync();
  world.tick();
  const text = await world.mirror(acme, "acme/text", [
    {
      manifest: {
        name: "acme/text",
        description: "Words",
        type: "project",
        require: { "acme/blog": "1.0.0" },
      },
      tags: ["1.0.0"],
    },
  ]);
  await text.sync();
  ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  ben = await signedIn(world, "ben", { roles: { acme: "member", other: "member" } });
});
afterAll(() => world?.close());

describe("the list of packages", () => {
  test("shows each with its newest version, its source and how fresh it is", async () => {
    const text = await ben.read(list);
    for (const words of ["acme/blog", "v1.1.0", "acme/text", "up to date, checked", "0 downloads in 30 days"])
      expect(text).toContain(words);
    expect(text).not.toContain("Add repository");
    expect(await ann.read(list)).toContain("Add repository");
  });

  test("is searched, filtered and ordered by its address", async () => {
    const found = async (query: string) =>
      [...(await ben.read(`${list}?${query}`)).matchAll(/title="(acme\/\w+)"/g)].map((match) => match[1]);
    expect(await found("")).toEqual(["acme/blog", "acme/text"]);
    expect(await found("q=WORD")).toEqual(["acme/text"]);
    expect(await found("q=100%25")).toEqual([]);
    expect(await found("type=project")).toEqual(["acme/text"]);
    expect(await found("repository=blog")).toEqual(["acme/blog"]);
    expect(await found("state=abandoned")).toEqual([]);
    expect(await found("sort=updated")).toEqual(["acme/text", "acme/blog"]);
    expect(await found("sort=downloads&page=2")).toEqual([]);
    expect(await found("sort=nonsense&state=nonsense&page=-1")).toEqual(["acme/blog", "acme/text"]);
  });

  test("says what somebody may have meant", async () => {
    const text = await ben.read(`${list}?q=blgo`);
    expect(text).toContain("No package matches");
    expect(text).toContain("Did you mean");
    const filtered = await ben.read(`${list}?q=blog&type=project`);
    expect(filtered).toContain("The filter <strong>Type: project</strong> hides 1 other package.");
    expect(text).toContain(`href="${page}"`);
    expect(await ben.read(`${list}?q=${encodeURIComponent("<script>")}`)).toContain("&lt;script&gt;");
  });

  test("gives the part alone while a user types", async () => {
    const answer = await ben.get(`${list}?q=blog`, { "HX-Request": "true" });
    const text = await answer.text();
    expect(text.startsWith('<div id="packages"')).toBe(true);
    expect(text).not.toContain("acme/text");
  });

  test("explains itself where there is nothing yet", async () => {
    const text = await ben.read("/organizations/other/packages");
    expect(text).toContain("No packages yet");
    expect(text).toContain("composer.json");
  });
});

describe("the page of a package", () => {
  test("says how to install it, what its newest versions are, what it requires and who uses it", async () => {
    const text = await ben.read(page);
    expect(text).toContain("<b>acme/blog</b>:^1.1");
    expect(text).toContain("Posts &amp; &lt;b&gt;pages&lt;/b&gt;");
    for (const words of ["MIT", "v1.1.0", "v1.2.0-beta1", "dev-main", "&gt;=8.1", "Used by", "acme/text"])
      expect(text).toContain(words);
    expect(text).toContain("No downloads in the last 30 days");
    expect(text).not.toContain("Delete package");
    expect(await ann.read(page)).toContain("Delete package");
  });

  test("C11 and C13: shows a README that does nothing", async () => {
    const text = await ben.read(page);
    const shown = /<div class="readme" hx-ignore="true">(.*?)<\/div>/s.exec(text)?.[1] ?? "";
    expect(shown).toContain("Hello.");
    expect(shown).not.toMatch(/script|hx-get|href="\/settings/);
  });

  test("has an address for each of its tabs", async () => {
    expect(await ben.read(`${page}/dependencies`)).toContain("phpunit/phpunit");
    expect(await ben.read(`${page}/dependents`)).toContain("acme/text");
    expect(await ben.read(`${page}/downloads?days=90`)).toContain("90 days");
    const versions = await ben.read(`${page}/versions`);
    expect(versions.indexOf("v1.2.0-beta1")).toBeLessThan(versions.indexOf("v1.0.0"));
    expect(await ben.read(`${page}/versions?stability=stable&q=v1.0`)).not.toContain("v1.1.0<");
    expect(await ben.read(`${page}/versions?q=nothing`)).toContain("No version matches");
  });

  test("tells everything about one version, whatever its name is made of", async () => {
    const text = await ben.read(`${page}/versions/v1.1.0`);
    for (const words of [
      "Conflicts with",
      "acme/old",
      "for dates",
      "Acme\\\\Blog",
      "Ann",
      "SHA-256",
      "Hello.",
    ])
      expect(text).toContain(words);
    expect(await ben.read(`${page}/versions/1.1.0`)).toContain("v1.1.0");
    const branch = await ben.read(`${page}/versions/${encodeURIComponent("dev-feature/a&b")}`);
    expect(branch).toContain("dev-feature/a&amp;b");
    expect((await ben.get(`${page}/versions/9.9.9`)).status).toBe(404);
  });

  test("explains why a version is not there", async () => {
    const text = await ben.read(`${page}/why?version=v3.0.0`);
    expect(text).toContain("No tag or branch of &quot;blog&quot; gives version v3.0.0");
    expect(text).toContain("Push the tag or branch");
    const part = await (await ben.get(`${page}/why?version=v1.0.0`, { "HX-Request": "true" })).text();
    expect(part.startsWith('<div id="why">')).toBe(true);
    expect(part).toContain("v1.0.0 is installable at");
  });

  test("is remembered for the user who opened it", async () => {
    await ben.read(page);
    const of = { userId: ann.user.id, organizationId: acme.id, limit: 5 };
    expect(await listVisitedPackages(world.app.db, of)).toEqual(["acme/blog"]);
  });

  test("T1: is not there for others, as if it did not exist", async () => {
    const zoe = await signedIn(world, "zoe", { roles: { other: "owner" } });
    for (const tab of [
      "",
      "/versions",
      "/versions/v1.0.0",
      "/dependencies",
      "/why",
      "/downloads",
      "/delete",
    ]) {
      const foreign = await zoe.get(page + tab);
      const own = await zoe.get(`/organizations/other/packages/acme/blog${tab}`);
      expect([foreign.status, own.status]).toEqual([404, 404]);
      expect((await foreign.text()).replaceAll("/acme/packages", "/other/packages")).toBe(await own.text());
    }
  });
});

describe("downloads", () => {
  test("are counted on every page that tells of them, and order the list", async () => {
    const { id: tokenId } = await tokenOf();
    const report = { organizationId: acme.id, tokenId };
    await reportInstalls(world.app, report, [{ name: "acme/text", version: "1.0.0.0" }]);
    await countDownloads(world.app);
    const ordered = await ben.read(`${list}?sort=downloads`);
    expect(ordered.indexOf('title="acme/text"')).toBeLessThan(ordered.indexOf('title="acme/blog"'));
    const text = `${list}/acme/text`;
    expect(await ben.read(text)).toContain("1 download; most on 1 Mar: 1.");
    expect(await ben.read(`${text}/downloads`)).toContain("1 in 30 days, none before");
    const options = await ann.read(`${text}/versions/1.0.0/delete`);
    expect(options).toContain("Downloaded once in the last 30 days");
    expect(options).toContain("with these tokens: ci.");
    world.tick(31 * 86_400_000);
    await handlersOf(world.app).prune({}, { signal: new AbortController().signal } as never);
    const pkg = await findPackage(world.app.db, acme.id, "acme/text");
    expect(Number(pkg?.recent_downloads)).toBe(0);
    ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
    ben = await signedIn(world, "ben");
    expect(await ben.read(text)).toContain("No downloads in the last 30 days");
  });

  async function tokenOf() {
    const owner = { organizationId: acme.id };
    const options = { owner, name: "ci", expiresAt: null, packages: [], actor: "cli" };
    return (await createToken(world.app, options)).token;
  }
});

describe("packages that are no longer looked after", () => {
  test("say so, and what to use instead", async () => {
    const old = await world.mirror(acme, "acme/old-mail", [
      { manifest: { name: "acme/old-mail", abandoned: "acme/mail" }, tags: ["1.0.0"] },
    ]);
    await old.sync();
    expect(await ben.read(`${list}/acme/old-mail`)).toContain(
      "Its maintainers suggest <code>acme/mail</code>",
    );
    expect(await ben.read(`${list}?state=abandoned`)).toContain("acme/old-mail");
    await old.git.commit({ manifest: { name: "acme/post" }, tags: ["2.0.0"] });
    await old.sync();
    const renamed = await ben.read(`${list}/acme/old-mail`);
    expect(renamed).toContain("Renamed to <code>acme/post</code>");
    expect(await ben.read(`${list}?state=renamed`)).toContain("acme/old-mail");
  });
});

describe("deleting", () => {
  test("is for admins, and shows first who uses it", async () => {
    expect((await ben.get(`${page}/delete`)).status).toBe(403);
    expect((await ben.post(`${page}/delete`, { confirm: "acme/blog" })).status).toBe(403);
    const text = await ann.read(`${page}/versions/v1.0.0/delete`);
    for (const words of ["No downloads in the last 30 days", "acme/text", "no other version fits", "Type "])
      expect(text).toContain(words);
    expect(await ann.read(`${page}/delete`)).toContain("their next composer update will fail".slice(6));
  });

  test("asks for the password again after a while", async () => {
    const late = await signedIn(world, "ann");
    world.tick(11 * 60_000);
    const options = await late.get(`${page}/delete`);
    expect(options.headers.get("location")).toStartWith("/confirm?next=");
    const answer = await late.post(`${page}/delete`, { confirm: "acme/blog" });
    expect(answer.headers.get("location")).toStartWith("/confirm");
    expect((await findPackage(world.app.db, acme.id, "acme/blog"))?.deleted_at).toBe(null);
  });

  test("asks for the name, deletes, and brings back", async () => {
    ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
    const version = `${page}/versions/v1.0.0`;
    const mistyped = await ann.post(`${version}/delete`, { confirm: "v1" });
    expect(mistyped.status).toBe(422);
    expect(await mistyped.text()).toContain("Type v1.0.0 to confirm.");
    const deleted = await ann.post(`${version}/delete`, { confirm: "v1.0.0" });
    expect(deleted.headers.get("location")).toBe(`${page}/versions`);
    expect(await ann.read(`${page}/versions`)).toContain("acme/blog v1.0.0 was deleted.");
    expect(await ann.read(version)).toContain("This version was deleted");
    expect(await ben.read(`${page}/versions?stability=deleted`)).toContain("v1.0.0");
    expect((await ben.post(`${version}/bring-back`)).status).toBe(403);
    expect((await ann.post(`${version}/bring-back`)).status).toBe(303);
    expect((await ann.post(`${version}/bring-back`)).status).toBe(404);
    await blog.sync();
    expect(await ann.read(version)).toContain("composer require");
  });

  test("of a package leaves a page that can bring it back", async () => {
    expect((await ann.post(`${page}/delete`, { confirm: "acme/blog" })).status).toBe(303);
    expect(await ben.read(list)).not.toContain('title="acme/blog"');
    expect(await ben.read(`${list}?state=deleted`)).toContain("acme/blog");
    expect(await ann.read(page)).toContain("This package was deleted");
    expect((await ann.get(`${page}/versions/v1.1.0`)).status).toBe(404);
    expect((await ann.post(`${page}/bring-back`)).status).toBe(303);
    await blog.sync();
    expect(await ben.read(page)).toContain("v1.1.0");
  });
});

describe("the pages of packages", () => {
  test("ask the database as often for many packages as for one", async () => {
    const paths = [list, page, `${page}/versions`, `${page}/dependents`, `${page}/downloads`];
    const counts = async () => {
      const found: number[] = [];
      for (const path of paths) {
        await ben.read(path); // That somebody was here is written once a minute.
        found.push(await countQueries(world, () => ben.read(path)));
      }
      return found;
    };
    const before = await counts();
    for (let number = 0; number < 8; number++) {
      const require = { "acme/blog": "^1.0", "acme/text": "^1.0" };
      const more = await world.mirror(acme, `acme/more-${number}`, [
        { manifest: { name: `acme/more-${number}`, require }, tags: ["1.0.0"] },
      ]);
      await more.sync();
    }
    await blog.git.commit(...[3, 4, 5].map((major) => ({ manifest, tags: [`${major}.0.0`] })));
    await blog.sync();
    const after = await counts();
    expect(after).toEqual(before);
    expect(Math.max(...after)).toBeLessThan(25);
  });
});
