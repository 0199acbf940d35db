// `bun tests/browser/picture.ts FILE.png` takes the picture of README.md again, of the product after a month of use;
// `convert FILE.png -quality 82 docs/images/overview.webp` makes it small.
import { addInstalls, countInstalls, type Install } from "../../src/store/packages/downloads.ts";
import { updateOrganization } from "../../src/registry/organizations/organizations.ts";
import { createToken } from "../../src/registry/tokens.ts";
import { signedIn } from "../pages/visitor.ts";
import type { Mirrored, TestApp } from "../worlds/process.ts";
import { startBrowser } from "./browser.ts";
import { openWorld } from "../worlds/world.ts";

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;

type Sample = { name: string; about: string; tags: string[]; installsADay: number };
const packages: Sample[] = [
  {
    name: "auth-sdk",
    about: "Signs people in against the company's directory",
    tags: ["3.2.0", "3.3.0", "4.0.0"],
    installsADay: 64,
  },
  {
    name: "billing",
    about: "Invoices, payments and reminders",
    tags: ["1.8.0", "1.9.0", "1.9.1"],
    installsADay: 41,
  },
  { name: "coding-standard", about: "Rules for PHP_CodeSniffer", tags: ["2.0.0", "2.1.0"], installsADay: 88 },
  {
    name: "design-tokens",
    about: "Colors, sizes and fonts for templates",
    tags: ["5.4.2"],
    installsADay: 23,
  },
  {
    name: "event-bus",
    about: "Publishes and consumes domain events",
    tags: ["0.9.0", "1.0.0"],
    installsADay: 35,
  },
  { name: "mailer", about: "Mail templates and delivery", tags: ["2.3.0", "2.4.0"], installsADay: 29 },
  { name: "pdf-renderer", about: "Renders documents as PDF", tags: ["1.1.0", "1.2.0"], installsADay: 12 },
  { name: "search-client", about: "Queries of the product search", tags: ["0.4.0"], installsADay: 7 },
];

async function fill(world: TestApp): Promise<string> {
  const acme = await world.organization("acme");
  const { app } = world;
  await updateOrganization(app, acme, { change: { name: "Acme" }, actor: "cli" });
  const ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  const ben = await signedIn(world, "ben", { roles: { acme: "admin" } });
  const token = (name: string, userId: string) =>
    createToken(app, {
      owner: { organizationId: acme.id },
      name,
      expiresAt: null,
      packages: [],
      actor: `user:${userId}`,
    });
  const mirrored: Mirrored[] = [];
  for (const { name, about, tags } of packages) {
    const manifest = { name: `acme/${name}`, description: about, type: "library", license: "proprietary" };
    mirrored.push(
      await world.mirror(
        acme,
        `acme/${name}`,
        tags.map((tag) => ({ manifest, tags: [tag] })),
      ),
    );
    await mirrored.at(-1)?.sync();
    world.tick(7 * minuteMs);
  }
  const { token: ci } = await token("ci-github-actions", ben.user.id);
  for (let age = 29; age >= 0; age--) await installs(world, { organizationId: acme.id, tokenId: ci.id, age });
  await countInstalls(app.db, { now: app.now(), keepMs: 40 * dayMs });
  for (let round = 0; round < 12; round++)
    for (const [index, each] of mirrored.entries()) {
      const { name, about } = packages[index] as Sample;
      const manifest = { name: `acme/${name}`, description: about, type: "library" };
      if ((round + index) % 5 === 1) await each.git.commit({ manifest, tags: [`6.${round}.0`] });
      world.tick(minuteMs);
      await each.sync();
    }
  await token("staging", ann.user.id);
  world.tick(minuteMs);
  return (await signedIn(world, "ann")).cookies.get("pricore") ?? "";
}

type Day = { organizationId: string; tokenId: string; age: number };

/** Fewer on weekends, and more from week to week. */
async function installs({ app }: TestApp, { organizationId, tokenId, age }: Day): Promise<void> {
  const at = app.now() - age * dayMs;
  const isWeekend = [0, 6].includes(new Date(at).getUTCDay());
  const share = (isWeekend ? 0.15 : 1) * (1 - age / 60) * (0.85 + ((age * 7) % 10) / 30);
  const rows: Install[] = packages.flatMap(({ name, tags, installsADay }) => {
    const row = {
      organization_id: organizationId,
      package_name: `acme/${name}`,
      version_normalized: `${tags.at(-1)}.0`,
      token_id: tokenId,
      minute: Math.floor(at / minuteMs),
    };
    return Array.from({ length: Math.round(installsADay * share) }, () => row);
  });
  await addInstalls(app.db, rows);
}

const [file = "overview.png"] = process.argv.slice(2);
const world = await openWorld({ in: "process" });
// So that "3 minutes ago" is what the browser says, too.
world.tick(Date.now() - world.app.now() - 2 * 60 * minuteMs);
const secret = await fill(world);
await world.get("/health", null);
const browser = await startBrowser();
const { appUrl } = world.app.config;
const tab = await browser.open(`${appUrl}/sign-in`, { width: 1440, height: 900, theme: "light" });
await tab.page.context().addCookies([{ name: "pricore", value: secret, url: appUrl }]);
await tab.page.goto(`${appUrl}/organizations/acme`);
// The address of a machine nobody else has.
await tab.page.evaluate((host) => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode())
    node.textContent = (node.textContent ?? "").replaceAll(`http://${host}`, "https://packages.acme.example");
}, new URL(appUrl).host);
await tab.picture(file, { whole: false });
await browser.close();
await world.close();
console.log(file);
