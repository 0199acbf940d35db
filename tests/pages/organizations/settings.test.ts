// The settings of an organization: its name, its notice, its address, its vendors, and its end.
import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { sql } from "kysely";
import { sweepArchives } from "../../../src/registry/packages/sweep.ts";
import { listActivity } from "../../../src/store/organizations/activity.ts";
import { findOrganization, type Organization } from "../../../src/store/organizations/organizations.ts";
import { listVendors } from "../../../src/store/organizations/vendors.ts";
import { versionsSeen, type TestApp } from "../../worlds/process.ts";
import { signedIn } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

let world: TestApp;
let acme: Organization;
const settings = "/organizations/acme/settings";
const steps = [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }];

beforeEach(async () => {
  world = await openWorld({ in: "process" });
  acme = await world.organization("acme");
});
afterEach(() => world.close());

const owner = () => signedIn(world, "ann", { roles: { acme: "owner" } });
const admin = () => signedIn(world, "ben", { roles: { acme: "admin" } });
const root = async (token: string, slug = "acme") =>
  (await (await world.get(`/${slug}/packages.json`, token)).json()) as Record<string, unknown>;

describe("general settings", () => {
  test("change what Composer prints and where it finds sources", async () => {
    const ben = await admin();
    const token = await world.token(acme);
    const saved = await ben.post(settings, { name: "Acme Labs", notice: "Moving on Friday" });
    expect(saved.headers.get("location")).toBe(settings);
    expect((await root(token))["infos"]).toEqual([{ message: "Moving on Friday", versions: "*" }]);
    const kept = await findOrganization(world.app.db, "acme");
    expect([kept?.name, kept?.publishes_source]).toEqual(["Acme Labs", 0]);
    await ben.post(settings, { name: "Acme", notice: "", publishes_source: "1" });
    expect((await root(token))["infos"]).toBeUndefined();
    const page = await ben.read("/organizations/acme/activity");
    expect(page).toContain("changed the name to Acme");
  });

  test("FC16: say beside the box that switching the source makes every client reinstall", async () => {
    const ben = await admin();
    const page = await ben.read(settings);
    expect(page).toContain("makes every client reinstall each package once");
    expect(page).not.toMatch(/name="publishes_source"[^>]* checked/);
  });

  test("say what is wrong beside the field and keep what was typed", async () => {
    const ben = await admin();
    const long = "x".repeat(501);
    for (const [form, sentence] of [
      [{ name: " ", notice: "kept" }, "a name of up to 100 characters"],
      [{ name: "Kept", notice: long }, "up to 500 characters"],
    ] as const) {
      const answer = await ben.post(settings, { ...form, publishes_source: "1" });
      expect(answer.status).toBe(422);
      const text = await answer.text();
      expect(text).toContain(sentence);
      expect(text.toLowerCase()).toContain("kept");
    }
  });

  test("are closed to members", async () => {
    const chloe = await signedIn(world, "chloe", { roles: { acme: "member" } });
    expect((await chloe.get(settings)).status).toBe(403);
    expect((await chloe.post(settings, { name: "Hers", notice: "" })).status).toBe(403);
  });
});

describe("vendors", () => {
  test("are added, and given up after the name was typed", async () => {
    const ben = await admin();
    await ben.post(`${settings}/vendors`, { vendor: "Acme" });
    expect(await listVendors(world.app.db, acme.id)).toEqual(["acme"]);
    await (await world.mirror(acme, "blog", steps)).sync();
    expect(await ben.read(settings)).toContain("1 package");
    const question = await ben.read(`${settings}/vendors/acme`);
    expect(question).toContain("1 package of this vendor stay here");
    const wrong = await ben.post(`${settings}/vendors/acme`, { confirm: "acm" });
    expect(wrong.status).toBe(422);
    expect(await listVendors(world.app.db, acme.id)).toEqual(["acme"]);
    await ben.post(`${settings}/vendors/acme`, { confirm: "acme" });
    expect(await listVendors(world.app.db, acme.id)).toEqual([]);
    expect((await ben.get(`${settings}/vendors/acme`)).status).toBe(404);
  });

  test("have names that Composer knows", async () => {
    const ben = await admin();
    const answer = await ben.post(`${settings}/vendors`, { vendor: "a b" });
    expect(answer.status).toBe(422);
    expect(await answer.text()).toContain("is not a vendor name");
  });
});

describe("the address", () => {
  test("is changed by the owner, and everything names the new one at once", async () => {
    const ann = await owner();
    await (await world.mirror(acme, "blog", steps)).sync();
    const token = await world.token(acme);
    const moved = await ann.post(`${settings}/address`, { slug: "acme-labs" });
    expect(moved.headers.get("location")).toBe("/organizations/acme-labs/settings");
    expect((await root(token, "acme-labs"))["metadata-url"]).toContain("/acme-labs/p2/");
    const seen = await versionsSeen(world, { slug: "acme-labs", name: "acme/blog", token });
    const dist = seen.get("1.0.0")?.record["dist"] as { url: string };
    expect(dist.url).toContain("/acme-labs/dists/");
    const [last] = await listActivity(world.app.db, acme.id, 1);
    expect([last?.action, last?.details]).toEqual(["organization.moved", '{"from":"acme"}']);
  });

  test("that was left leads members to the new one, and strangers nowhere", async () => {
    const ann = await owner();
    await ann.post(`${settings}/address`, { slug: "acme-labs" });
    const led = await ann.get("/organizations/acme/activity?kind=tokens");
    expect(led.headers.get("location")).toBe("/organizations/acme-labs/activity?kind=tokens");
    const dora = await signedIn(world, "dora");
    expect((await dora.get("/organizations/acme")).status).toBe(404);
    const back = await ann.post("/organizations/acme-labs/settings/address", { slug: "acme" });
    expect(back.headers.get("location")).toBe("/organizations/acme/settings");
    expect((await ann.get("/organizations/acme")).status).toBe(200);
  });

  test("is not for admins, needs the password again, and must be a good and free one", async () => {
    const ben = await admin();
    expect((await ben.get(`${settings}/address`)).status).toBe(403);
    expect((await ben.post(`${settings}/address`, { slug: "mine" })).status).toBe(403);
    expect(await ben.read(settings)).toContain("Only the owner can change it");
    const ann = await owner();
    await world.organization("taken");
    for (const [slug, status] of [
      ["taken", 409],
      ["Not-Good", 422],
      ["account", 422],
    ] as const)
      expect((await ann.post(`${settings}/address`, { slug })).status).toBe(status);
    world.tick(11 * 60_000);
    expect((await ann.get(`${settings}/address`)).headers.get("location")).toStartWith("/confirm");
  });
});

describe("the end of an organization", () => {
  const zone = `${settings}/danger-zone`;

  test("is described in numbers and happens when its address was typed", async () => {
    const ann = await owner();
    await (await world.mirror(acme, "blog", steps)).sync();
    const token = await world.token(acme);
    await world.organization("other");
    const deletePage = await ann.read(`${zone}/delete`);
    expect(deletePage).toContain("1 package with 2 versions and their archives, 1 repository and 1 token");
    const wrong = await ann.post(`${zone}/delete`, { confirm: "acm" });
    expect(wrong.status).toBe(422);
    expect(await wrong.text()).toContain("Nothing was deleted");
    expect((await world.get("/acme/packages.json", token)).status).toBe(200);

    const gone = await ann.post(`${zone}/delete`, { confirm: "acme" });
    expect(gone.headers.get("location")).toBe("/organizations");
    expect(await ann.read("/organizations")).toContain("acme was deleted.");
    expect((await ann.get("/organizations/acme")).status).toBe(404);
    expect((await world.get("/acme/packages.json", token)).status).toBe(401);
    expect((await world.get("/acme/p2/acme/blog.json", token)).status).toBe(401);
  });

  test("leaves no row of it but the record of what was done, and no archive", async () => {
    const ann = await owner();
    await (await world.mirror(acme, "blog", steps)).sync();
    await world.token(acme);
    await ann.post(`${settings}/vendors`, { vendor: "acme" });
    const { db, storage } = world.app;
    await ann.post(`${zone}/delete`, { confirm: "acme" });
    const tables = await db.read.introspection.getTables();
    const left: string[] = [];
    for (const { name, columns } of tables) {
      if (!columns.some((column) => column.name === "organization_id")) continue;
      const found = await sql<{ n: number }>`select count(*) as n from ${sql.table(name)}
        where organization_id = ${acme.id}`.execute(db.read);
      if (Number(found.rows[0]?.n) > 0) left.push(name);
    }
    expect(left.toSorted()).toEqual(["activity", "former_slugs"]);
    const [last] = await listActivity(db, acme.id, 1);
    expect([last?.action, last?.actor]).toEqual(["organization.deleted", `user:${ann.user.id}`]);
    // The sweep goes by when an archive was stored, which is now, whatever this clock says.
    world.tick(Date.now() + 2 * 3_600_000 - world.app.now());
    expect(await sweepArchives(world.app)).toBeGreaterThan(0);
    expect(await Array.fromAsync(storage.list())).toEqual([]);
  });

  test("is the owner's alone, and needs the password again", async () => {
    const ben = await admin();
    expect((await ben.get(zone)).status).toBe(403);
    expect((await ben.post(`${zone}/delete`, { confirm: "acme" })).status).toBe(403);
    expect(await ben.read(settings)).not.toContain("Danger zone");
    const ann = await owner();
    world.tick(11 * 60_000);
    expect((await ann.get(zone)).status).toBe(200);
    expect((await ann.post(`${zone}/delete`, { confirm: "acme" })).headers.get("location")).toStartWith(
      "/confirm",
    );
    expect(await findOrganization(world.app.db, "acme")).not.toBeNull();
  });
});
