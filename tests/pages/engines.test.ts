// Every page on every database, with the same rows: they show the same.
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { countDownloads, reportInstalls } from "../../src/registry/packages/downloads.ts";
import { getOrganization } from "../../src/store/organizations/organizations.ts";
import { updateUser } from "../../src/store/accounts/users.ts";
import { makeSamples } from "../attacks/people/samples.ts";
import { engines, isMissing, makeDatabase } from "../tools/servers/databases.ts";
import { stopServers } from "../tools/servers/services.ts";
import { addressOf, pagesOfTheProgram } from "./all-pages.ts";
import { grow } from "./grown.ts";
import { signedIn } from "./visitor.ts";
import { openWorld } from "../worlds/world.ts";

const org = "/organizations/acme";
/** What people ask beside the pages themselves: words that are searched, orders, filters, further pages. */
const addresses = [
  ...["q=PART", "q=100%25_", "sort=downloads", "sort=updated", "sort=name", "type=library", "page=2"].map(
    (query) => `${org}/packages?${query}`,
  ),
  ...["q=part", "sort=-name", "sort=synced", "state=failed", "page=2"].map(
    (query) => `${org}/repositories?${query}`,
  ),
  ...["kind=syncs", "kind=people", "by=cli", "before=ffffffff"].map((query) => `${org}/activity?${query}`),
  ...["q=MEMBER", "role=owner", "page=2"].map((query) => `${org}/members?${query}`),
  `${org}/packages/acme/blog/versions?q=1.0&stability=stable`,
  `${org}/packages/acme/blog/downloads?days=90`,
  ...["timetable=1&period=7d", "period=24h&job=prune"].map((query) => `/horizon?${query}`),
  ...["q=ACME/b", "q=100%25_", "state=done&q=blog", "state=waiting&timetable=1"].map(
    (query) => `/horizon/jobs?${query}`,
  ),
  `${org}?view=table`,
  "/palette?organization=acme&q=PaRt",
];

let paths: string[];
let onSqlite: Map<string, string>;

beforeAll(async () => {
  paths = await pagesOfTheProgram();
  onSqlite = await textsOn("sqlite");
}, 240_000);
afterAll(stopServers);

for (const { engine, name, server } of engines)
  if (server !== null)
    describe.skipIf(isMissing(server))(`on ${name}`, () => {
      test("every page, filter and order shows what it shows on SQLite", async () => {
        const texts = await textsOn(engine);
        expect(texts.size).toBeGreaterThan(60);
        // One page is about the database itself.
        const others = [...onSqlite].filter(([address]) => address !== "/operations");
        const differences = others.flatMap(([address, text]) =>
          differenceOf(address, { there: texts.get(address) ?? "", here: text }),
        );
        expect(differences).toEqual([]);
      }, 240_000);
    });

/** By address, without what is random. */
async function textsOn(engine: "sqlite" | "pgsql" | "mysql"): Promise<Map<string, string>> {
  const place = await makeDatabase(engine);
  const { address } = place;
  const environment: Record<string, string> =
    address.engine === "sqlite" ? {} : { DB_CONNECTION: address.engine, DB_URL: address.url };
  const world = await openWorld({ in: "process", environment });
  try {
    const { samples } = await makeSamples(world);
    for (const round of [1, 2, 3]) {
      world.tick();
      await grow(world, round);
    }
    const acme = await getOrganization(world.app.db, "acme");
    const installs = [{ name: "acme/blog", version: "1.0.0.0" }];
    for (const tokenId of ["one", "two"])
      await reportInstalls(world.app, { organizationId: acme.id, tokenId }, installs);
    await countDownloads(world.app);
    const ann = await signedIn(world, "ann");
    await updateUser(world.app.db, ann.user.id, { is_admin: 1 });
    const texts = new Map<string, string>();
    for (const path of paths) texts.set(path, await textAt(addressOf(samples, path)));
    for (const each of addresses) texts.set(each, await textAt(each));
    return texts;

    async function textAt(where: string): Promise<string> {
      const answer = await ann.get(where);
      return `${answer.status} ${plain(await answer.text(), world.folder)}`;
    }
  } finally {
    await world.close();
    await place.remove();
  }
}

/** Where the two begin to differ. */
function differenceOf(address: string, { there, here }: { there: string; here: string }): string[] {
  if (there === here) return [];
  let at = 0;
  while (there[at] === here[at]) at++;
  const around = (text: string) => text.slice(Math.max(0, at - 60), at + 60);
  return [`${address}: "${around(there)}" instead of "${around(here)}"`];
}

function plain(html: string, folder: string): string {
  return html
    .replaceAll(folder, "FOLDER")
    .replace(/<[^>]*>/g, " ")
    .replace(/\b0[0-9a-f]{7}-[0-9a-f-]{27}\b/g, "ID")
    .replace(/localhost:\d+/g, "HOST")
    .replace(/(ssh-ed25519|SHA256:) ?\S+/g, "KEY")
    .replace(/([A-Z2-7]{4} ){7}[A-Z2-7]{4}|\/invitations\/[\w-]{43}/g, "SECRET")
    .replace(/\s+/g, " ");
}
