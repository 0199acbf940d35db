// The styles: a part stands in one file, and every class in them is the class of something.
import { Glob } from "bun";
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readPublicFiles } from "../../src/http/assets.ts";

const root = join(import.meta.dir, "../..");
const read = (file: string) => readFileSync(join(root, file), "utf8");
const filesOf = (pattern: string) => [...new Glob(pattern).scanSync(root)].toSorted();

const styles = new Map(filesOf("public/css/**/*.css").map((file) => [file, withoutComments(read(file))]));
const parts = [...styles].filter(([file]) => file.includes("/parts/"));
const sources = ["templates", "src/http", "src/reading", "public/js"]
  .flatMap((folder) => filesOf(`${folder}/**/*.{ts,tsx,js}`))
  .map(read);

/** htmx sets it. */
const foreign = ["htmx-request"];

test("each file is short, and holds rules of one layer", () => {
  expect(parts.length).toBeGreaterThan(40);
  for (const [file, css] of styles)
    expect({ file, isShort: css.split("\n").length <= 250 }).toEqual({ file, isShort: true });
  const otherLayers = parts.filter(([, css]) => !/^\s*@layer parts \{[^]*\n\}\s*$/.test(css));
  expect(otherLayers.map(([file]) => file)).toEqual([]);
});

test("a part has its rule in one file, once, and its rules for small screens below it", () => {
  const owners = new Map<string, string[]>();
  for (const [file, css] of styles)
    for (const [, name = ""] of css.matchAll(/^ {2}(\.[\w-]+) \{/gm))
      owners.set(name, [...(owners.get(name) ?? []), file]);
  expect([...owners].filter(([, files]) => files.length > 1)).toEqual([]);
  const early = parts.filter(([, css]) => /^ {2}@media.*$[^]*^ {2}[.\w#].*\{/m.test(css));
  expect(early.map(([file]) => file)).toEqual([]);
});

test("every class of every file is the class of something", () => {
  const unused = [...styles].flatMap(([file, css]) =>
    [...classesIn(css)].filter((name) => !isUsed(name)).map((name) => `${file}: .${name}`),
  );
  expect(unused).toEqual([]);
});

test("a class without an element is noticed", () => {
  expect(isUsed("nobody-has-this")).toBe(false);
  expect(isUsed("is-nothing-of-this-kind")).toBe(false);
  expect(isUsed("rows-33")).toBe(true);
});

test("joined, styles and scripts are as they were written, without what is said to readers", async () => {
  const css = await joined("app.css");
  expect(css.trim().startsWith("@layer tokens, base, frame, parts;")).toBe(true);
  expect(css).not.toContain("/*");
  const code = meaningOf(await joined("app.js"));
  const scripts = filesOf("public/js/*.js");
  expect(scripts.filter((file) => !code.includes(meaningOf(read(file))))).toEqual([]);
});

test("the types of every script are checked", () => {
  const unchecked = filesOf("public/js/*.js").filter((file) => !read(file).startsWith("// @ts-check\n"));
  expect(unchecked).toEqual([]);
  expect(read("tsconfig.json")).toContain('"public/js"');
});

async function joined(name: string): Promise<string> {
  const files = readPublicFiles();
  return (await (await files.answer(files.address(name)))?.text()) ?? "";
}

/** What is left of a script without its layout. */
function meaningOf(code: string): string {
  const transpiler = new Bun.Transpiler({ loader: "js", minifyWhitespace: true });
  return transpiler.transformSync(code).trim().replace(/;$/, "");
}

function withoutComments(css: string): string {
  return css.replaceAll(/\/\*[^]*?\*\//g, "");
}

function classesIn(css: string): Set<string> {
  const selectors = [...css.matchAll(/[^{};]+(?=\{)/g)].join("\n");
  return new Set([...selectors.matchAll(/\.([a-z][\w-]*)/g)].map(([, name = ""]) => name));
}

type Used = { whole: Set<string>; prefixes: Set<string>; values: Set<string> };

/**
 * Classes stand in `class="…"` and `class={…}` (`body="…"` of a layout), in what such an attribute is made from, and
 * where scripts set them. A composed one (`is-${tone}`) needs a value that is written somewhere: "fresh".
 */
function usedIn(all: string[]): Used {
  const used: Used = { whole: new Set(foreign), prefixes: new Set(), values: new Set() };
  for (const source of all) {
    for (const place of placesOf(source)) {
      for (const [, , words = ""] of place.matchAll(/(["'])(.*?)\1/g))
        for (const word of words.split(" ")) used.whole.add(word);
      for (const [, prefix = ""] of place.matchAll(/`([\w-]+-)\$\{/g)) used.prefixes.add(prefix);
    }
    for (const [, text, number] of source.matchAll(/"([a-z-]+)"|\b(\d\d)\b/g))
      used.values.add(text ?? number ?? "");
  }
  return used;
}

function placesOf(source: string): string[] {
  const plain = [...source.matchAll(/\b(?:class|className|body) ?[=:] ?("[^"]*")/g)].map(
    ([, each = ""]) => each,
  );
  const made = [...source.matchAll(/\b(?:class=\{|class: \[|classes = |classList\.|function classesOf)/g)];
  return [...plain, ...made.map(({ index }) => bracketsFrom(source, index))];
}

/** Until the brackets that open first after that place are closed. */
function bracketsFrom(source: string, start: number): string {
  let depth = 0;
  for (let at = start; at < source.length; at++) {
    if ("([{".includes(source.charAt(at))) depth++;
    if (")]}".includes(source.charAt(at)) && --depth === 0) return source.slice(start, at + 1);
  }
  return source.slice(start);
}

const used = usedIn(sources);

function isUsed(name: string): boolean {
  if (used.whole.has(name)) return true;
  return [...used.prefixes].some(
    (prefix) => name.startsWith(prefix) && used.values.has(name.slice(prefix.length)),
  );
}
