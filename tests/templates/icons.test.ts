import { expect, test } from "bun:test";
import { readPublicFiles } from "../../src/http/assets.ts";
import { sprite } from "../../templates/parts/icons.ts";

test("the icons lie where the pages look for them, with their licence", async () => {
  const files = readPublicFiles();
  expect(files.address("icons.svg")).toBe(sprite);
  const svg = await files.answer(sprite)?.text();
  expect(svg).toContain("ISC License");
  expect(svg).toContain('<symbol id="package"');
});

test("htmx comes from the package that it is in", async () => {
  const files = readPublicFiles();
  expect(await files.answer(files.address("htmx.js"))?.text()).toContain("htmx");
  expect(await files.answer(files.address("hx-sse.js"))?.text()).toContain("registerExtension");
});
