// A README on the pages of its package: what it looks like, and what a reader's browser asks for.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { shownReadme } from "../../../src/http/pages/packages/readme.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import type { TestApp } from "../../worlds/process.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

const base = "/organizations/acme/packages/acme/blog";
const files = "/v/files";
const shown = (html: string) => shownReadme(html, { files });

let world: TestApp;
let acme: Organization;
let ann: Visitor;

const drawing = '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>';
const readme = [
  "# Blog\n\n## Install & run\n\n- [x] done\n- [ ] open\n\n### Install & run\n\n[to it](#install--run)",
  "![Logo](docs/logo.svg) ![Pixel](https://tracker.test/p.png?id=1) [![Build](https://ci.test/b.svg)](https://ci.test)",
  "| Option | Default |\n|---|---|\n| timeout | 30 |",
].join("\n\n");

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "member" } });
  const large = "x".repeat(3 * 1024 * 1024);
  const blog = await world.mirror(acme, "acme/blog", [
    {
      manifest: { name: "acme/blog" },
      files: {
        "README.md": readme,
        "docs/logo.svg": drawing,
        "docs/large.png": large,
        "secret.php": "<?php",
      },
      tags: ["1.0.0"],
    },
  ]);
  await blog.sync();
});
afterAll(() => world.close());

describe("FU27: a README", () => {
  test("has its headings below the page's own, with anchors of its own", async () => {
    for (const path of [base, `${base}/versions/1.0.0`]) {
      const page = await ann.read(path);
      expect(page.match(/<h1[ >]/g)).toHaveLength(1);
      expect(page).toContain('<h3 id="readme-blog">');
      expect(page).toContain('<h4 id="readme-install--run">');
      expect(page).toContain('<h5 id="readme-install--run-1">');
      expect(page).toContain('href="#readme-install--run"');
      expect(page).toContain('aria-label="Done"');
    }
  });

  test("lets no browser ask a third host: its images there are links, and the policy forbids the rest", async () => {
    const answer = await ann.get(base);
    expect(answer.headers.get("content-security-policy")).toContain("img-src 'self' data:;");
    const page = await answer.text();
    const part = /<div class="readme".*/s.exec(page)?.[0] ?? "";
    expect([...part.matchAll(/<img [^>]*src="([^"]*)"/g)].map(([, src]) => src)).toEqual([
      `${base}/versions/1.0.0/files/docs/logo.svg`,
    ]);
    expect(part).toContain(
      '<a class="outside-image" href="https://tracker.test/p.png?id=1" rel="nofollow noopener noreferrer ugc">Pixel</a>',
    );
    // Within a link its words stay, and the link leads where it led.
    expect(part).toMatch(/<a href="https:\/\/ci\.test"[^>]*>Build<\/a>/);
  });

  test("shows images of the repository, for members alone, as nothing but images", async () => {
    const image = await ann.get(`${base}/versions/1.0.0/files/docs/logo.svg`);
    expect(image.status).toBe(200);
    expect(await image.text()).toBe(drawing);
    expect(image.headers.get("content-type")).toBe("image/svg+xml");
    expect(image.headers.get("content-security-policy")).toContain("sandbox");
    expect(image.headers.get("x-content-type-options")).toBe("nosniff");
    for (const path of ["secret.php", "docs/absent.png", "docs/large.png", "..%2fsecret.png", "docs/%ff.png"])
      expect([path, (await ann.get(`${base}/versions/1.0.0/files/${path}`)).status]).toEqual([path, 404]);
    await world.organization("other");
    const ben = await signedIn(world, "ben", { roles: { other: "owner" } });
    expect((await ben.get(`${base}/versions/1.0.0/files/docs/logo.svg`)).status).toBe(404);
  });

  test("is shown in linear time, however many headings, links and images it has", () => {
    const parts = [
      "<h1>a</h1>",
      '<a href="#x">',
      '<img src="https://a.b/c.png" alt="" />',
      "<table></table>",
      "<",
      "&",
    ];
    for (const part of [...parts, parts.join("")]) {
      const html = part.repeat(Math.floor((1024 * 1024) / part.length));
      const since = process.cpuUsage();
      shown(html);
      const { user, system } = process.cpuUsage(since);
      expect([part, (user + system) / 1e6 < 3]).toEqual([part, true]);
    }
  });

  test("of an earlier release is shown the same way", () => {
    const stored = '<h1>Old</h1>\n<p><img src="https://x.test/a.png" alt="a &amp; b" loading="lazy" /></p>';
    expect(shown(stored)).toContain('<h3 id="readme-old">');
    expect(shown(stored)).toContain(">a &amp; b</a>");
    expect(shown("<h2></h2><h2>日本語</h2><h2>日本語</h2>")).toContain('<h4 id="readme-日本語-1">');
  });
});
