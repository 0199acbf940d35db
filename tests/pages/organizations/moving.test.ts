import { afterAll, beforeAll, expect, test } from "bun:test";
import { addFromForge } from "../../../src/registry/repositories/add-many.ts";
import { connectForge } from "../../../src/registry/credentials/connect.ts";
import { runSync } from "../../../src/registry/syncs/sync.ts";
import { listActivity } from "../../../src/store/organizations/activity.ts";
import { findCredential, listForgeCredentials } from "../../../src/store/repositories/credentials.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import { findRepository, type Repository } from "../../../src/store/repositories/repositories.ts";
import { findWebhook, updateWebhook } from "../../../src/store/webhooks/webhooks.ts";
import { versionsSeen, type TestApp } from "../../worlds/process.ts";
import type { FakeForge } from "../../tools/forges/fake-forge.ts";
import { startForge } from "../../tools/forges/forge.ts";
import { makeRepository } from "../../tools/repositories.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

const base = "/organizations/acme/repositories/blog";

let world: TestApp;
let acme: Organization;
let ann: Visitor;
let old: FakeForge;
let next: FakeForge;

beforeAll(async () => {
  world = await openWorld({ in: "process", environment: { OUTBOUND_ALLOW: "127.0.0.1" } });
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  await makeRepository(world.folder, "acme/blog", [{ manifest: { name: "acme/blog" }, tags: ["1.0.0"] }]);
  old = startForge("bitbucket", { root: world.folder });
  next = startForge("gitlab", { root: world.folder });
  for (const forge of [old, next]) {
    forge.add("acme/blog");
    const email = forge.name === "bitbucket" ? forge.account.email : "";
    const fields = {
      provider: forge.name,
      address: forge.origin,
      email,
      token: forge.token,
      name: forge.name,
    };
    await connectForge(world.app, acme, { input: fields, actor: "cli" });
  }
  const credential = await findCredential(world.app.db, acme.id, await idOf("bitbucket"));
  if (!credential) throw new Error("there is no credential");
  await addFromForge(world.app, acme, { credential, paths: ["acme/blog"], actor: "cli" });
  await sync();
});
afterAll(async () => {
  await Promise.all([old?.stop(), next?.stop()]);
  await world?.close();
});

const idOf = async (name: string) =>
  (await listForgeCredentials(world.app.db, acme.id)).find((each) => each.name === name)?.id ?? "";
const row = async (): Promise<Repository> => {
  const found = await findRepository(world.app.db, acme.id, "blog");
  if (!found) throw new Error("there is no blog");
  return found;
};
const sync = async () => {
  const { id } = await row();
  await runSync(world.app, { repositoryId: id, reason: "asked" }, new AbortController().signal);
  return row();
};
const edit = (form: Record<string, string>) =>
  ann.post(`${base}/edit`, { name: "blog", credential: "keep", ...form });
const nextUrl = () => `${next.origin}/acme/blog.git`;

test("another address is refused beside its field when no sync could reach it", async () => {
  for (const [url, words] of [
    ["https://10.0.0.5/acme/blog.git", "on a private network"],
    ["file:///etc/passwd", "must begin with"],
    ["/srv/git/blog.git", "must begin with"],
    ["https://ann:geheim@127.0.0.1/x.git", "credential field"],
  ] as const) {
    const answer = await edit({ url });
    expect(answer.status).toBe(422);
    const text = await answer.text();
    expect(text).toContain(words);
    expect(text).toContain('aria-invalid="true"');
  }
  expect((await row()).url).toBe(`${old.origin}/acme/blog.git`);
});

test("a token is not taken along to another host", async () => {
  const answer = await edit({ url: nextUrl() });
  expect(answer.status).toBe(422);
  expect(await answer.text()).toContain("never sent to another host");
  expect(next.requests.filter((request) => request.includes("blog"))).toEqual([]);
});

test("a repository moves to another forge with all that was published, and its webhook is made anew", async () => {
  const before = await row();
  await updateWebhook(world.app.db, before.id, { state: "active", hook_id: "{7}" });
  const token = await world.token(acme);
  const stored = await idOf("gitlab");
  expect((await edit({ url: nextUrl(), credential: "stored", stored })).status).toBe(303);
  expect(await row()).toMatchObject({
    id: before.id,
    url: nextUrl(),
    provider: "gitlab",
    credential_id: stored,
    state: "waiting",
  });
  expect(await findWebhook(world.app.db, before.id)).toMatchObject({ state: "waiting", hook_id: null });
  const removals = await world.app.db.read.selectFrom("webhook_removals").selectAll().execute();
  expect(removals).toMatchObject([{ provider: "bitbucket", path: "acme/blog", hook_id: "{7}" }]);
  expect(await sync()).toMatchObject({ state: "fresh", error: null });
  const seen = await versionsSeen(world, { slug: "acme", name: "acme/blog", token });
  expect([...seen.keys()]).toContain("1.0.0");
  const last = (await listActivity(world.app.db, acme.id, 50)).find(
    ({ action }) => action === "repository.followed",
  );
  expect(last?.subject).toBe("blog");
  expect(await ann.read("/organizations/acme/activity")).toContain("changed the URL of");
});

test("an address that is mirrored already is refused, and a new name needs none", async () => {
  await ann.post("/organizations/acme/repositories", {
    url: "https://git.acme.test/acme/shop.git",
    credential: "none",
  });
  const answer = await edit({ url: "https://git.acme.test/acme/shop.git", credential: "none" });
  expect(answer.status).toBe(409);
  expect(await answer.text()).toContain("was already added as");
  expect((await edit({ url: nextUrl(), name: "journal" })).status).toBe(303);
  expect(await findRepository(world.app.db, acme.id, "journal")).toMatchObject({ url: nextUrl() });
});
