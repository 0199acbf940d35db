// Every page that a person can open, in Chromium against the built binary, filled with texts that want to be markup:
// nothing of them runs, nothing is refused by the policy, axe finds no barrier, nothing scrolls sideways.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { updateOrganization } from "../../src/registry/organizations/organizations.ts";
import { createToken } from "../../src/registry/tokens.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import { getUser, updateUser } from "../../src/store/accounts/users.ts";
import { makeSamples, type Samples } from "../attacks/people/samples.ts";
import type { Operator } from "../worlds/shell.ts";
import { addressOf, pagesOfTheProgram } from "../pages/all-pages.ts";
import { signedIn } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { pictures, startBrowser, type Browser, type Tab } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

/** A text that would show itself in the console if it were markup anywhere. */
const hostile = `"><img src=x onerror=console.error('ran')><script>console.error('ran')</script>'{{7*7}}`;

let world: TestApp;
let samples: Samples;
let operator: Operator;
let browser: Browser;
let origin: string;
const tabs: Record<string, Tab> = {};

const views = { phone: { width: 360, theme: "dark" }, desk: { width: 1440, theme: "light" } } as const;

const paths = await pagesOfTheProgram();

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  // The binary has the clock of today, and forgets what is old.
  world.tick(Date.now() - world.app.now());
  ({ samples } = await makeSamples(world));
  await fillWithHostileTexts();
  operator = await openWorld({ in: "shell", env: { DATA_DIR: world.app.config.dataDir } });
  const server = await operator.serve();
  origin = server.url;
  browser = await startBrowser();
  for (const [view, options] of Object.entries(views)) tabs[view] = await signIn(options);
}, 60_000);
afterAll(async () => {
  await browser?.close();
  await operator?.close();
  await world?.close();
});

for (const view of ["phone", "desk"] as const)
  describe(`on a ${view}`, () => {
    for (const path of paths)
      test(`${path} holds`, async () => {
        const tab = tabs[view] as Tab;
        const before = tab.faults().length;
        const answer = await tab.page.goto(origin + addressOf(samples, path), { waitUntil: "load" });
        await tab.picture(
          join(pictures, `${path.replaceAll(/[/:]+/g, "-").slice(1) || "start"}-${view}.png`),
        );
        expect({ status: answer?.status(), faults: tab.faults().slice(before) }).toEqual({
          status: 200,
          faults: [],
        });
        expect(await tab.barriers()).toEqual([]);
        expect(await tab.overhang()).toBe(0);
        expect(await notReachedByKeyboard(tab)).toEqual([]);
      }, 30_000);
  });

/** What can be pressed or filled and is not come to by Tab alone. */
async function notReachedByKeyboard({ page }: Tab): Promise<string[]> {
  const count = await page.evaluate(() => {
    const wanted = "a[href], button:enabled, input:enabled:not([type=hidden]), select, textarea, summary";
    const isThere = (each: Element) => each.checkVisibility() && !each.closest("[tabindex='-1']:not(main)");
    const all = [...document.querySelectorAll(wanted)].filter(isThere);
    for (const each of all) each.setAttribute("data-wanted", "");
    (document.activeElement as HTMLElement | null)?.blur();
    return all.length;
  });
  // Twice around: where the first round begins is the browser's choice, and a press while it paints may be lost.
  for (let press = 0; press < 2 * count + 10; press++) {
    await page.keyboard.press("Tab");
    const left = await page.evaluate(() => {
      document.activeElement?.removeAttribute("data-wanted");
      return document.querySelectorAll("[data-wanted]:not([type=radio])").length;
    });
    if (left === 0) break;
  }
  const left = await page.locator("[data-wanted]").evaluateAll((all) =>
    all
      // Of several choices one is in the order; the arrows lead to the others.
      .filter((each) => !(each instanceof HTMLInputElement && each.type === "radio"))
      .map((each) => each.outerHTML.slice(0, 120)),
  );
  return left;
}

/** Past the form: ann has a passkey among the samples, and it would be asked for. */
async function signIn(options: (typeof views)[keyof typeof views]): Promise<Tab> {
  const tab = await browser.open(`${origin}/sign-in`, options);
  const value = (await signedIn(world, "ann")).cookies.get("pricore") ?? "";
  await tab.page.context().addCookies([{ name: "pricore", value, url: origin }]);
  return tab;
}

async function fillWithHostileTexts(): Promise<void> {
  const { app } = world;
  const acme = await getOrganization(app.db, "acme");
  const ann = await getUser(app.db, "ann@acme.test");
  await updateUser(app.db, ann.id, { name: hostile, is_admin: 1 });
  await updateOrganization(app, acme, {
    change: { name: hostile.slice(0, 100), notice: hostile },
    actor: "cli",
  });
  for (const owner of [{ organizationId: acme.id }, { userId: ann.id }])
    await createToken(app, { owner, name: hostile, expiresAt: null, packages: [], actor: `user:${ann.id}` });
  const steps = [
    {
      manifest: {
        name: "acme/hostile-package-with-a-name-that-is-much-longer-than-a-phone-is-wide",
        description: hostile,
        type: "library",
        keywords: [hostile],
        license: hostile,
        authors: [{ name: hostile, email: "ann@acme.test" }],
        suggest: { "acme/blog": hostile },
        require: { php: ">=8.1", "acme/blog": "^1.0" },
      },
      files: {
        "README.md": `# ${hostile}\n\n[x](javascript:console.error('ran'))\n\n<p hx-get="/x" hx-trigger="load">`,
      },
      tags: ["1.0.0", "2.0.0-beta.1"],
      branch: "feature/a-branch-with-quite-a-long-name",
    },
    { manifest: "{", tags: ["0.1.0"] },
  ];
  await (await world.mirror(acme, "acme/hostile", steps)).sync();
}
