import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { forgetPictures, pictures, startBrowser, type Browser } from "./browser.ts";
import { samples, startGallery, type Gallery } from "./gallery.tsx";

let browser: Browser;
let gallery: Gallery;

beforeAll(async () => {
  gallery = startGallery();
  browser = await startBrowser();
});

afterAll(async () => {
  await browser.close();
  await gallery.stop();
  await forgetPictures();
});

for (const name of Object.keys(samples))
  describe(`the sample page ${name}`, () => {
    for (const width of [360, 1440])
      for (const theme of ["light", "dark"] as const)
        test(`holds at ${width} pixels, ${theme}: no fault, no barrier, nothing to scroll sideways`, async () => {
          const tab = await browser.open(`${gallery.url}/${name}`, { width, theme });
          await tab.picture(join(pictures, `${name}-${width}-${theme}.png`));
          const seen = {
            barriers: await tab.barriers(),
            faults: tab.faults(),
            overhang: await tab.overhang(),
          };
          await tab.close();
          expect(seen).toEqual({ barriers: [], faults: [], overhang: 0 });
        });
  });
