// What forges and git servers say of how much they let themselves be asked stands where people look for it.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { addRepository } from "../../../src/registry/repositories/repositories.ts";
import { runSync } from "../../../src/registry/syncs/sync.ts";
import { addCredential, updateCredential } from "../../../src/store/repositories/credentials.ts";
import type { Organization } from "../../../src/store/organizations/organizations.ts";
import { updateRepository, type Repository } from "../../../src/store/repositories/repositories.ts";
import { startEvilServer, type EvilServer } from "../../git/evil-server.ts";
import type { TestApp } from "../../worlds/process.ts";
import { signedIn, type Visitor } from "../visitor.ts";
import { openWorld } from "../../worlds/world.ts";

const minute = 60_000;
const hour = 60 * minute;
const repositories = "/organizations/acme/repositories";

let world: TestApp;
let acme: Organization;
let ann: Visitor;
let busy: EvilServer;

beforeAll(async () => {
  world = await openWorld({
    in: "process",
    environment: { OUTBOUND_ALLOW: "127.0.0.1", SYNC_INTERVAL: "15m" },
  });
  acme = await world.organization("acme");
  ann = await signedIn(world, "ann", { roles: { acme: "admin" } });
  busy = await startEvilServer({ advertise: { status: 429, headers: { "retry-after": "1800" } } });
});
afterAll(async () => {
  busy?.stop();
  await world?.close();
});

async function mirrored(name: string): Promise<Repository> {
  const url = new URL(`/acme/${name}.git`, busy.url).href;
  const of = { url, name, provider: null, credential: null, allowLocal: false, actor: "cli" };
  return (await addRepository(world.app, acme, of)).repository;
}

async function textOf(path: string): Promise<string> {
  return (await ann.read(path)).replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");
}

test("a pause that a git server asked for stands on the page of every repository there, while it lasts", async () => {
  const { id: repositoryId } = await mirrored("blog");
  await mirrored("shop");
  expect(await textOf(`${repositories}/shop`)).not.toContain("Polling is paused");
  await runSync(world.app, { repositoryId, reason: "poll" }, new AbortController().signal);
  for (const name of ["blog", "shop"])
    expect(await textOf(`${repositories}/${name}`)).toContain(
      "Polling is paused until 09:30 UTC because 127.0.0.1 asked Pricore to slow down.",
    );
  world.tick(31 * minute);
  for (const name of ["blog", "shop"])
    expect(await textOf(`${repositories}/${name}`)).not.toContain("Polling is paused");
});

test("what a forge has left stands beside its account and on the pages of its repositories, until it is reset", async () => {
  const now = world.app.now();
  const none = {
    public_key: null,
    created_by: null,
    refresh_secret: null,
    expires_at: null,
    refused_at: null,
  };
  const forge = {
    provider: "github",
    origin: "https://github.com",
    account: "ann",
    scopes: null,
    error: null,
  };
  const id = Bun.randomUUIDv7();
  await addCredential(world.app.db, {
    ...none,
    ...forge,
    id,
    organization_id: acme.id,
    kind: "basic",
    username: "x-access-token",
    secret: "sealed",
    name: "acme at GitHub",
    host: "github.com",
    created_at: now,
    rate_limit: 5000,
    rate_remaining: 4310,
    rate_resets_at: now + 12 * minute,
  });
  const cart = await mirrored("cart");
  await updateRepository(world.app.db, cart.id, { credential_id: id });
  const page = "/organizations/acme/settings/credentials";
  expect(await textOf(page)).toContain("4,310 of 5,000 requests left, resets in 12 min");
  expect(await textOf(`${repositories}/cart`)).toContain(
    "GitHub: 4,310 of 5,000 requests left, resets in 12 min",
  );
  expect(await ann.read(page)).not.toContain("is-waiting strong");
  await updateCredential(world.app.db, acme.id, { id, rate_remaining: 12 });
  expect(await ann.read(page)).toContain("is-waiting strong");
  world.tick(hour);
  expect(await textOf(page)).not.toContain("of 5,000 requests left");
  expect(await textOf(`${repositories}/cart`)).not.toContain("of 5,000 requests left");
});
