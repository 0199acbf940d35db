// What stands in a line stands in it, on every page, in Chromium against the built binary: columns end where their rule
// ends, icons lie in the middle of their text, the current tab can be seen, words of charts keep apart.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import { updateUser } from "../../src/store/accounts/users.ts";
import { makeSamples, type Samples } from "../attacks/people/samples.ts";
import type { Operator } from "../worlds/shell.ts";
import { addressOf, pagesOfTheProgram } from "../pages/all-pages.ts";
import { grow } from "../pages/grown.ts";
import { signedIn } from "../pages/visitor.ts";
import type { TestApp } from "../worlds/process.ts";
import { startBrowser, type Browser, type Tab } from "./browser.ts";
import type { Served } from "../tools/binary.ts";
import { openWorld } from "../worlds/world.ts";

let world: TestApp;
let samples: Samples;
let operator: Operator;
let server: Served;
let browser: Browser;
const tabs: Record<string, Tab> = {};
const widths = { phone: 360, desk: 1440 };
const paths = await pagesOfTheProgram();

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  world.tick(Date.now() - world.app.now());
  ({ samples } = await makeSamples(world));
  for (const round of [1, 2]) await grow(world, round);
  await addDownloads(world);
  const ann = await signedIn(world, "ann");
  await updateUser(world.app.db, ann.user.id, { is_admin: 1 });
  operator = await openWorld({ in: "shell", env: { DATA_DIR: world.app.config.dataDir } });
  server = await operator.serve();
  browser = await startBrowser();
  for (const [view, width] of Object.entries(widths)) {
    const tab = await browser.open(`${server.url}/sign-in`, { width });
    const value = ann.cookies.get("pricore") ?? "";
    await tab.page.context().addCookies([{ name: "pricore", value, url: server.url }]);
    tabs[view] = tab;
  }
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await operator?.close();
  await world?.close();
});

for (const view of ["phone", "desk"] as const)
  describe(`on a ${view}`, () => {
    for (const path of paths)
      test(`FU21: ${path} is in line`, async () => {
        const { page } = tabs[view] as Tab;
        await page.goto(server.url + addressOf(samples, path), { waitUntil: "load" });
        expect(await page.evaluate(outOfLine)).toEqual([]);
      }, 30_000);
  });

for (const view of ["phone", "desk"] as const)
  describe(`on a ${view} the current tab is in sight and the words of charts keep apart`, () => {
    const some = paths.filter((path) => /packages\/|^\/account|settings|:slug$|horizon|delete/.test(path));
    for (const path of some)
      test(`FU32: ${path} shows where one is`, async () => {
        const { page } = tabs[view] as Tab;
        await page.goto(server.url + addressOf(samples, path), { waitUntil: "load" });
        expect(await page.evaluate(outOfSight)).toEqual([]);
      }, 30_000);
  });

/** On every day of the last two months. */
async function addDownloads({ app }: TestApp): Promise<void> {
  const { id } = await getOrganization(app.db, "acme");
  for (let ago = 0; ago < 60; ago++) {
    const day = new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
    const row = { organization_id: id, day, count: 900 + ((ago * 37) % 200) };
    const ofPackage = { ...row, package_name: "acme/blog" };
    await app.db.write.insertInto("organization_downloads").values(row).execute();
    await app.db.write.insertInto("package_downloads").values(ofPackage).execute();
    await app.db.write
      .insertInto("downloads")
      .values({ ...ofPackage, version_normalized: "1.0.0.0" })
      .execute();
  }
}

/** Runs in the page. */
function outOfLine(): string[] {
  const found: string[] = [];
  const middle = ({ top, bottom }: DOMRect) => (top + bottom) / 2;
  const isSeen = (each: Element) => each.checkVisibility() && each.getBoundingClientRect().width > 0;
  const say = (what: string, each: Element, by: number) =>
    found.push(`${what} by ${by.toFixed(1)}: ${each.outerHTML.slice(0, 90)}`);

  for (const table of document.querySelectorAll("table.table")) {
    if (!isSeen(table)) continue;
    const { right } = table.getBoundingClientRect();
    const isCell = (each: Element) => isSeen(each) && getComputedStyle(each).display === "table-cell";
    const lasts = [...table.querySelectorAll("tbody td:last-child")].filter(isCell);
    const isBare = (cell: Element) => cell.textContent?.trim() === "" && !cell.querySelector("svg");
    const bare = lasts[0];
    const width = bare?.getBoundingClientRect().width ?? 0;
    if (width > 2 && lasts.every(isBare)) say("a column of nothing", table, width);
    for (const row of table.querySelectorAll("tbody tr")) {
      const last = [...row.children].findLast(isSeen);
      const short = last ? right - last.getBoundingClientRect().right : 0;
      if (getComputedStyle(row).display === "table-row" && short > 1) say("a row ends short", row, short);
    }
  }

  for (const button of document.querySelectorAll(".copy.is-icon")) {
    const text = button.previousElementSibling;
    if (!text || !isSeen(button) || !isSeen(text)) continue;
    const icon = [...button.querySelectorAll(".icon")].find(isSeen) ?? button;
    const offs = [text.getBoundingClientRect(), ...text.getClientRects()].map(
      (line) => middle(icon.getBoundingClientRect()) - middle(line),
    );
    const off = offs.toSorted((a, b) => Math.abs(a) - Math.abs(b))[0] ?? 0;
    if (Math.abs(off) > 1.5) say("a copy icon lies off its text", button, off);
  }

  for (const icon of document.querySelectorAll("td .icon, .fact .icon, .state .icon, .tab .icon")) {
    const place = icon.closest(".state, .fact, .tab, td") as Element;
    if (!isSeen(icon)) continue;
    const range = document.createRange();
    const walker = document.createTreeWalker(
      place.textContent?.trim() === "" || place.querySelector(".visually-hidden")
        ? (place.closest("tr") ?? place)
        : place,
      NodeFilter.SHOW_TEXT,
      (node) =>
        node.textContent?.trim() && !node.parentElement?.closest(".visually-hidden, .word, title, .menu-list")
          ? NodeFilter.FILTER_ACCEPT
          : NodeFilter.FILTER_SKIP,
    );
    const text = walker.nextNode();
    if (!text) continue;
    range.selectNodeContents(text);
    const [line] = range.getClientRects();
    if (!line || range.getClientRects().length > 1) continue;
    const off = middle(icon.getBoundingClientRect()) - middle(line);
    if (Math.abs(off) > 2 && Math.abs(off) < 14) say("an icon lies off its line", place, off);
  }

  return found;
}

/** Runs in the page. */
function outOfSight(): string[] {
  const found: string[] = [];
  const isSeen = (each: Element) => each.checkVisibility() && each.getBoundingClientRect().width > 0;
  const say = (what: string, each: Element, by: number) =>
    found.push(`${what} by ${by.toFixed(1)}: ${each.outerHTML.slice(0, 90)}`);

  for (const current of document.querySelectorAll(".tabs [aria-current], .side-menu [aria-current]")) {
    const box = current.getBoundingClientRect();
    if (box.left < 0 || box.right > document.documentElement.clientWidth)
      say("the current tab is out of sight", current, Math.max(-box.left, box.right));
  }

  for (const chart of document.querySelectorAll("svg")) {
    const words = [...chart.querySelectorAll("text")]
      .filter(isSeen)
      .map((each) => each.getBoundingClientRect());
    for (const [at, a] of words.entries())
      for (const b of words.slice(at + 1))
        if (a.left < b.right + 2 && b.left < a.right + 2 && a.top < b.bottom && b.top < a.bottom)
          say("words of a chart meet", chart, Math.min(a.right, b.right) - Math.max(a.left, b.left));
  }
  return found;
}
