// What people may try with the pages of an organization, their own or somebody else's.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { addActivity } from "../../../src/store/organizations/activity.ts";
import { findOrganization, type Organization } from "../../../src/store/organizations/organizations.ts";
import { password, signedIn, visitor } from "../../pages/visitor.ts";
import type { TestApp } from "../../worlds/process.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let acme: Organization;

beforeAll(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
  await world.organization("evil");
});
afterAll(() => world.close());

const year = 365 * 86_400_000;

test("T3: nobody gets the tokens of an organization that has moved, for a year", async () => {
  const moving = await world.organization("moving");
  const token = await world.token(moving);
  const foreign = await world.token(acme);
  const ann = await signedIn(world, "ann", { roles: { moving: "owner" } });
  await ann.post("/organizations/moving/settings/address", { slug: "moved" });

  const answer = await world.get("/moving/packages.json", token);
  expect(answer.status).toBe(410);
  const body = (await answer.json()) as { message: string; warning: string };
  expect(body.warning).toContain(`${world.app.config.appUrl}/moved`);
  expect((await world.get("/moving/p2/acme/blog.json", token)).status).toBe(410);
  expect((await world.get("/moving/list.json", token)).status).toBe(410);
  // Whoever has no token of it learns nothing: the same as of an address that never was.
  for (const other of [foreign, "prc_wrong", null]) {
    const answer = await world.get("/moving/packages.json", other);
    const never = await world.get("/never/packages.json", other);
    expect([answer.status, await answer.text()]).toEqual([never.status, await never.text()]);
  }

  const mallory = await signedIn(world, "mallory", { roles: { evil: "owner" } });
  const take = { name: "Moving", slug: "moving" };
  expect((await mallory.post("/organizations", take)).status).toBe(409);
  expect((await mallory.post("/organizations/evil/settings/address", { slug: "moving" })).status).toBe(409);
  expect(await findOrganization(world.app.db, "moving")).toBeNull();

  // Deleting frees no address either.
  await ann.post("/organizations/moved/settings/danger-zone/delete", { confirm: "moved" });
  expect((await mallory.post("/organizations", { name: "Moved", slug: "moved" })).status).toBe(409);
  expect((await world.get("/moved/packages.json", token)).status).toBe(401);
  expect((await world.get("/moving/packages.json", token)).status).toBe(401);

  world.tick(year + 1);
  const later = await signedIn(world, "mallory");
  expect((await later.post("/organizations", take)).status).toBe(303);
});

test("T9: no form takes a field that it does not have", async () => {
  const ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  const forms: Record<string, Record<string, string>> = {
    "/organizations": { name: "More", slug: "more" },
    "/organizations/acme/settings": { name: "Changed", notice: "" },
    "/organizations/acme/settings/vendors": { vendor: "changed" },
    "/organizations/acme/settings/address": { slug: "changed" },
    "/organizations/acme/settings/tokens": { name: "t", expires: "never", date: "", packages: "" },
    "/account/tokens": { name: "t", expires: "never", date: "", packages: "" },
    "/organizations/acme/settings/danger-zone/delete": { confirm: "acme" },
  };
  for (const [path, form] of Object.entries(forms))
    for (const extra of ["role", "is_admin", "organization_id", "user_id", "created_by", "__proto__"]) {
      const answer = await ann.post(path, {
        ...form,
        [extra]: "1",
        ...(extra === "__proto__" ? { x: "1" } : {}),
      });
      expect([path, extra, answer.status]).toEqual([path, extra, 422]);
    }
  const kept = await findOrganization(world.app.db, "acme");
  expect([kept?.name, await findOrganization(world.app.db, "more")]).toEqual(["acme", null]);
});

test("T12: the overview, the activity and its export tell of the own organization alone", async () => {
  const ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  const evil = await findOrganization(world.app.db, "evil");
  const entry = { actor: "cli", action: "token.created", now: world.app.now() } as const;
  await addActivity(world.app.db, { ...entry, organizationId: evil?.id ?? "", subject: "their-token" });
  await addActivity(world.app.db, { ...entry, organizationId: acme.id, subject: "our-token" });
  for (const path of ["", "/activity", "/activity.csv", "/activity.ndjson", "/activity?kind=tokens"]) {
    const text = await (await ann.get(`/organizations/acme${path}`)).text();
    expect(text).toContain("our-token");
    expect(text).not.toContain("their-token");
    expect((await ann.get(`/organizations/evil${path}`)).status).toBe(404);
  }
});

test("FA16: no cell of an export is a formula, whatever a spreadsheet takes for a separator", async () => {
  const ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  const hostile: [subject: string, cell: string][] = [
    ['=HYPERLINK("http://evil")', `'=HYPERLINK("http://evil")`],
    ["+1+1", "'+1+1"],
    ["-1", "'-1"],
    ["@SUM(A1)", "'@SUM(A1)"],
    ["  =1", "'  =1"],
    ["\u3000=1", "'\u3000=1"],
    ["＝1", "'＝1"],
    ["＋1;＠x", "'＋1;'＠x"],
    ["x;=HYPERLINK(1)", "x;'=HYPERLINK(1)"],
    ["x,-1|+2; ＝3", "x,'-1|'+2;' ＝3"],
    ["x;;=1", "x;;'=1"],
    ["a-b=c+d@e", "a-b=c+d@e"],
    ['"=1', '"=1'],
    ["\t=1", "\\u0009=1"],
    ["\r=1", "\\u000d=1"],
    ["a\r\n=1", "a\\u000d\\u000a=1"],
    ["\u200b=1\u202e\u001b[2J", "\\u200b=1\\u202e\\u001b[2J"],
  ];
  for (const [subject] of hostile)
    await addActivity(world.app.db, {
      organizationId: acme.id,
      actor: "cli",
      action: "token.created",
      subject,
      now: world.app.now(),
    });
  const csv = await (await ann.get("/organizations/acme/activity.csv")).text();
  const cells = cellsOf(csv);
  for (const [, cell] of hostile) expect(cells).toContain(cell);
  expect(cells.filter((cell) => /(^|[;,|\t\r\n])\s*[=+\-@＝＋－＠]/u.test(cell))).toEqual([]);
  const lines = csv.split("\r\n").slice(0, -1);
  expect(lines.filter((line) => !/^"(?:[^"]|"")*"(?:,"(?:[^"]|"")*")*$/.test(line))).toEqual([]);
});

test("H10: signing in leads to no other site", async () => {
  await signedIn(world, "ann");
  const hostile = [
    "//evil.test",
    "/\\evil.test",
    "https:evil.test",
    "https://evil.test",
    "%09//evil.test",
    "\t//evil.test",
    "/\t/evil.test",
    "/%5cevil.test/..//evil.test\\",
    "javascript:alert(1)",
    "/ok\r\nLocation: https://evil.test",
  ];
  for (const next of hostile) {
    const ann = visitor(world);
    const form = { email: "ann@acme.test", password: password("ann"), next };
    const answer = await ann.post("/sign-in", form);
    const target = new URL(answer.headers.get("location") ?? "", world.app.config.appUrl);
    expect([next, answer.status, target.origin]).toEqual([next, 303, world.app.config.appUrl]);
    const signInPage = await ann.get(`/sign-in?next=${encodeURIComponent(next)}`);
    const again = new URL(signInPage.headers.get("location") ?? "", world.app.config.appUrl);
    expect([next, again.origin]).toEqual([next, world.app.config.appUrl]);
  }
});

/** Cells of a table as RFC 4180 has them. */
function cellsOf(csv: string): string[] {
  const found = csv.matchAll(/(?:^|,|(?<=\r\n))(?:"((?:[^"]|"")*)"|([^",\r\n]*))(?=,|\r\n|$)/g);
  return [...found].map(([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? "");
}

test("C14: every line of the export has its columns, whatever the cells hold", async () => {
  const ann = await signedIn(world, "ann", { roles: { acme: "owner" } });
  const entry = {
    organizationId: acme.id,
    actor: "cli",
    action: "token.created",
    now: world.app.now(),
  } as const;
  await addActivity(world.app.db, { ...entry, subject: 'one "quoted", two; three' });
  const csv = await (await ann.get("/organizations/acme/activity.csv")).text();
  const counts = csv
    .split("\r\n")
    .slice(0, -1)
    .map((line) => cellsOf(line).length);
  expect([...new Set(counts)]).toEqual([7]);
  expect(cellsOf(csv)).toContain('one "quoted", two; three');
});
