import { expect, test } from "bun:test";
import { readPublicFiles } from "../../src/http/assets.ts";
import { sprite } from "../../templates/parts/icons.ts";

test("the icons lie where the pages look for them, with their licence", async () => {
  const files = readPublicFiles();
  expect(files.address("icons.svg")).toBe(sprite);
  const svg = await (await files.answer(sprite))?.text();
  expect(svg).toContain("ISC License");
  expect(svg).toContain('<symbol id="package"');
});

test("htmx comes from the package that it is in, before the scripts that need it", async () => {
  const files = readPublicFiles();
  const script = (await (await files.answer(files.address("app.js")))?.text()) ?? "";
  expect(script.startsWith("var htmx=")).toBe(true);
});

test("FU50: both faces together are below 40 KB, and carry their license", async () => {
  const files = readPublicFiles();
  const bytes = async (name: string) =>
    (await (await files.answer(files.address(name)))?.bytes())?.length ?? 0;
  expect(await bytes("geist.woff2")).toBeGreaterThan(5000);
  expect((await bytes("geist.woff2")) + (await bytes("geist-mono.woff2"))).toBeLessThan(40 * 1024);
  for (const name of ["geist-license.txt", "geist-mono-license.txt"])
    expect(await (await files.answer(files.address(name)))?.text()).toContain("SIL Open Font License");
  const styles = await (await files.answer(files.address("app.css")))?.text();
  expect(styles).toContain(files.address("geist.woff2"));
  expect(styles).toContain("font-display: swap");
});
