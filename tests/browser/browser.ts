// Debian's Chromium for the tests of pages: opens a page, gathers what went wrong in it, asks axe, takes pictures.
import { mkdtempSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import axe from "axe-core";
import { chromium, type BrowserContext, type Page } from "playwright-core";
import { program } from "../tools/servers/services.ts";

export type Browser = {
  /** A tab with cookies of its own. */
  open(address: string, options?: OpenOptions): Promise<Tab>;
  close(): Promise<void>;
};

export type OpenOptions = { width?: number; height?: number; theme?: "light" | "dark"; scripts?: boolean };

export type Tab = {
  page: Page;
  /** Console errors, uncaught exceptions, refused and failed requests, violations of the policy, so far. */
  faults(): string[];
  /** Forgets the faults so far. */
  forget(): void;
  /** What axe finds against WCAG 2.2 AA and its best practices: "rule: help (place)". */
  barriers(): Promise<string[]>;
  /** How many pixels the page is wider than the window; 0 when nothing scrolls sideways. */
  overhang(): Promise<number>;
  picture(path: string, options?: { whole?: boolean }): Promise<void>;
  close(): Promise<void>;
};

/** Where pictures of pages go: a new folder, or the one that PICTURES names. */
export const pictures = process.env["PICTURES"] ?? mkdtempSync(join(tmpdir(), "pricore-pictures-"));

const args = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function startBrowser(): Promise<Browser> {
  const executablePath = program("chromium");
  if (!executablePath) throw new Error("Chromium is not installed: run bun tests/tools/install.ts.");
  const browser = await chromium.launch({ executablePath, args });
  return {
    async open(address, { width = 1440, height = 900, theme = "light", scripts = true } = {}) {
      const context = await browser.newContext({
        viewport: { width, height },
        colorScheme: theme,
        javaScriptEnabled: scripts,
        reducedMotion: "reduce",
        // Else the policy that is tested would be switched off for axe.
        bypassCSP: false,
      });
      return openTab(context, address);
    },
    close: () => browser.close(),
  };
}

async function openTab(context: BrowserContext, address: string): Promise<Tab> {
  const page = await context.newPage();
  const faults: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") faults.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => faults.push(`exception: ${error.message}`));
  page.on("requestfailed", (request) => {
    const reason = request.failure()?.errorText ?? "";
    // The event stream ends with its page.
    if (reason !== "net::ERR_ABORTED") faults.push(`request: ${request.url()} ${reason}`);
  });
  await page.addInitScript(() => {
    document.addEventListener("securitypolicyviolation", (event) => {
      console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`);
    });
  });
  await page.goto(address, { waitUntil: "load" });
  return {
    page,
    faults: () => [...faults],
    forget: () => void faults.splice(0),
    async barriers() {
      // Evaluated through the debugger, which the page's policy does not bind.
      await page.evaluate(axe.source);
      const found = await page.evaluate(async () => {
        const { axe: inPage } = window as unknown as { axe: typeof axe };
        const { violations } = await inPage.run({
          runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        });
        return violations.flatMap(({ id, help, nodes }) =>
          nodes.map(
            ({ target, any }) =>
              `${id}: ${help} (${target.join(" ")}) ${any.map((each) => each.message).join("; ")}`,
          ),
        );
      });
      return found;
    },
    overhang: () =>
      page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth),
    async picture(path, { whole = true } = {}) {
      await page.evaluate(() => window.scrollTo(0, 0));
      await page.screenshot({ path, fullPage: whole });
    },
    close: () => context.close(),
  };
}

/** Removes the pictures of a run that nobody wanted to look at. */
export async function forgetPictures(): Promise<void> {
  if (process.env["PICTURES"] === undefined) await rm(pictures, { recursive: true, force: true });
}
