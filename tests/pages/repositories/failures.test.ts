// What the page of a repository offers after a failed sync: what helps against its cause, and nothing else.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { overviewOf } from "../../../src/registry/organizations/overview.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import { findRepository } from "../../../src/store/repositories/repositories.ts";
import { runSync } from "../../../src/registry/syncs/sync.ts";
import type { TestApp } from "../../worlds/process.ts";
import { startGitHttp, type GitHttpServer } from "../../tools/servers/git-http-server.ts";
import { makeRepository } from "../../tools/repositories.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

const base = "/organizations/acme/repositories";
const settings = "/organizations/acme/settings/credentials";

let world: TestApp;
let acme: Organization;
let server: GitHttpServer;
let ann: Visitor;

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  const root = join(world.folder, "served");
  await mkdir(root);
  await makeRepository(root, "acme/shop", [{ manifest: { name: "acme/shop" }, tags: ["1.0.0"] }]);
  server = startGitHttp({ root, auth: { username: "robot", password: "right-token" } });
});
afterAll(async () => {
  await server?.stop();
  await world?.close();
});

const row = async (name: string) => {
  const found = await findRepository(world.app.db, acme.id, name);
  if (!found) throw new Error(`There is no repository ${name}.`);
  return found;
};
async function sync(name: string): Promise<void> {
  const { id: repositoryId } = await row(name);
  await runSync(world.app, { repositoryId, reason: "asked" }, new AbortController().signal);
}
/** Until the worker of the server has finished what was queued. */
async function settled(name: string): Promise<string> {
  for (let checks = 0; checks < 200; checks++) {
    const { state, sync_deadline } = await row(name);
    if (sync_deadline === null && state !== "waiting" && state !== "syncing") return state;
    await Bun.sleep(50);
  }
  throw new Error(`The sync of ${name} never ended.`);
}

test("FU3: a credential that is repaired, or exchanged, is tried at once", async () => {
  const form = { name: "robot", host: `127.0.0.1:${server.port}`, username: "robot", password: "wrong" };
  await ann.post(settings, form);
  const stored = /settings\/credentials\/([0-9a-f-]{36})\/edit/.exec(await ann.read(settings))?.[1] ?? "";
  const url = `${server.url}/acme/shop.git`;
  await ann.post(base, { url, credential: "stored", stored });
  await sync("shop");
  const page = await ann.read(`${base}/shop`);
  expect(page).toContain("rejected the credential &quot;robot&quot;");
  expect(page).toContain("Edit credentials");

  const jobs = async () => (await world.app.jobs.countsByName()).map(({ name }) => name);
  await ann.post(`${settings}/${stored}/edit`, { name: "robot", username: "robot", password: "still wrong" });
  expect((await row("shop")).sync_requested).toBe(1);
  expect(await jobs()).toContain("sync-repository");
  await sync("shop");
  expect((await row("shop")).sync_requested).toBe(0);
  const right = { name: "shop", url, credential: "basic", username: "robot", password: "right-token" };
  const saved = await ann.post(`${base}/shop/edit`, right);
  expect(decodeURIComponent(saved.headers.getSetCookie().join())).toContain("Trying the new credential");
  expect((await row("shop")).sync_requested).toBe(1);
  await sync("shop");
  expect(await settled("shop")).toBe("fresh");
});

test("FU33: a sync that waits says that syncs are paused", async () => {
  const slow = await world.mirror(acme, "slow", [{ manifest: { name: "acme/slow" } }]);
  await ann.post(`${base}/slow/syncs`);
  expect(await ann.read(`${base}/slow`)).toContain("Waiting to start");
  await world.app.jobs.setPaused("sync-repository", true);
  expect(await ann.read(`${base}/slow`)).toContain("Waiting: syncs are paused");
  await world.app.jobs.setPaused("sync-repository", false);
  await slow.sync();
});

test("FU7: the overview calls a repository by a package's name only if it publishes that package", async () => {
  const one = await world.mirror(acme, "one", [{ manifest: { name: "acme/money" }, tags: ["1.0.0"] }]);
  await one.sync();
  const two = await world.mirror(acme, "two", [{ manifest: { name: "acme/money" }, tags: ["2.0.0"] }]);
  await two.sync();
  const { freshness } = await overviewOf(world.app, acme);
  const shown = Object.fromEntries(freshness.map(({ name, label, state }) => [name, [label, state]]));
  expect(shown).toMatchObject({ one: ["acme/money", "fresh"], two: ["two", "failed"] });
});

test("FU25: credentials are offered for a refusal, and not for what is in the repository", async () => {
  const empty = await world.mirror(acme, "empty", []);
  await empty.sync();
  const bare = await world.mirror(acme, "bare", [{ manifest: null, files: { "a.txt": "a" } }]);
  await bare.sync();
  const twin = await world.mirror(acme, "twin", [{ manifest: { name: "acme/shop" }, tags: ["2.0.0"] }]);
  await twin.sync();
  const offered = async (name: string) =>
    (await ann.read(`${base}/${name}`)).match(/Edit (?:the URL|cred)\w*/g);
  for (const name of ["empty", "bare", "twin"]) {
    expect([name, (await row(name)).state]).toEqual([name, "failed"]);
    expect([name, await offered(name)]).toEqual([name, null]);
  }
  await ann.post(base, { url: `${server.url}/acme/open.git`, credential: "none" });
  await sync("open");
  expect(await offered("open")).toEqual(["Edit credentials"]);
});

test("FA22: a credential that was stored under a replaced key is to be entered again, and nobody rejected it", async () => {
  const { credential_id: id } = await row("shop");
  const { db } = world.app;
  await db.write.updateTable("credentials").set({ secret: "" }).where("id", "=", id).execute();
  await sync("shop");
  expect((await row("shop")).error_code).toBe("secret_forgotten");
  const page = await ann.read(`${base}/shop`);
  expect(page).toContain("This was encrypted with a key that was replaced.");
  expect(page).toContain("Edit credentials");
  expect(page).not.toContain("rejected the credential");
});
