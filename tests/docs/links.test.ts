// Links of the documentation lead somewhere, its pages are short enough, and nobody has to know the history.
import { expect, test } from "bun:test";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { readPages, root } from "./pages.ts";

const pages = readPages();

function anchorsOf(page: string): string[] {
  const html = Bun.markdown.html(page, { headings: { ids: true } });
  return [...html.matchAll(/<h[1-6] id="([^"]+)"/g)].map(([, id = ""]) => id);
}

const withoutCode = (page: string) => page.replace(/^```[\s\S]*?^```/gm, "").replace(/`[^`\n]*`/g, "");

test("every link between pages leads to a page and a heading that are there", () => {
  const broken = [...pages].flatMap(([path, page]) =>
    [...withoutCode(page).matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].flatMap(
      ([link, file = "", anchor]) => {
        const target = file === "" ? path : normalize(join(dirname(path), file));
        if (!existsSync(join(root, target))) return [`${path}: ${link}`];
        const isThere = anchor === undefined || anchorsOf(pages.get(target) ?? "").includes(anchor);
        return isThere ? [] : [`${path}: ${link}`];
      },
    ),
  );
  expect(broken).toEqual([]);
});

test("the README is short and leads to every page of docs", () => {
  const readme = pages.get("README.md") ?? "";
  expect(Buffer.byteLength(readme)).toBeLessThanOrEqual(8 * 1024);
  for (const command of ["npm ci && npm start", "npm ci && npm test"]) expect(readme).toContain(command);
  const names = readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md"));
  expect(names.length).toBe(14);
  expect(names.filter((name) => !readme.includes(`(docs/${name})`))).toEqual([]);
});

test("every page has one title, and no heading twice", () => {
  const faults = [...pages].flatMap(([path, page]) => {
    const titles = withoutCode(page).match(/^# .+$/gm) ?? [];
    const anchors = anchorsOf(page);
    return titles.length === 1 && new Set(anchors).size === anchors.length ? [] : [path];
  });
  expect(faults).toEqual([]);
});

test("pages of docs speak of Git hosts, email and licenses, and of what is up to date", () => {
  const odd = /\be-mail|licence|organisation|proven|\bforges?\b(?!`)|timetable|whoever/gi;
  const found = [...pages].flatMap(([path, page]) => {
    // The two that explain the words themselves.
    if (path === "STYLE.md" || path === "docs/architecture.md") return [];
    return (withoutCode(page).match(odd) ?? []).map((word) => `${path}: ${word}`);
  });
  expect(found).toEqual([]);
});
