// A webhook at its forge is registered, checked, restored, renewed and removed; against fake forges.
import { afterEach, describe, expect, test } from "bun:test";
import { deleteOrganization } from "../../src/registry/organizations/delete.ts";
import { changeRepository } from "../../src/registry/repositories/change.ts";
import { checkWebhooks, ensureWebhook } from "../../src/registry/webhooks/ensure.ts";
import { addRepository, removeRepository } from "../../src/registry/repositories/repositories.ts";
import { removeWebhooks } from "../../src/registry/webhooks/remove.ts";
import { openWebhookSecret } from "../../src/registry/webhooks/secrets.ts";
import { requestWebhook, removeWebhook, type WebhookAction } from "../../src/registry/webhooks/webhooks.ts";
import { forgeNames, type ForgeName } from "../../src/forges/forge.ts";
import { findWebhook } from "../../src/store/webhooks/webhooks.ts";
import { proofOf, recordedAs } from "./recorded.ts";
import { openWorld, type World } from "../worlds/world.ts";

let world: World<{ forge: ForgeName }>;
afterEach(() => world?.close());

const hour = 3_600_000;
const ask = (action: WebhookAction) =>
  requestWebhook(world.app, { repository: world.blog, action, actor: "cli" });

async function push(secret: string): Promise<number> {
  const { blog, forge } = world;
  await world.get("/health", null);
  const body = JSON.stringify({ ref: `refs/heads/${crypto.randomUUID()}` });
  const { headers } = recordedAs(`${forge.name}-push`);
  const own = Object.entries(headers).filter(([name]) => !/delivery|request-uuid|idempotency/i.test(name));
  const sent = { ...Object.fromEntries(own), ...proofOf(forge.name, secret, body) };
  const url = `${world.app.config.appUrl}/webhooks/${forge.name}/${blog.id}`;
  return (await fetch(url, { method: "POST", headers: sent, body })).status;
}

for (const name of forgeNames)
  describe(`at ${name}`, () => {
    test("a repository that is added gets its webhook, and its pushes are taken", async () => {
      world = await openWorld({ in: "process", forge: name });
      const { blog } = world;
      expect(await world.webhook()).toMatchObject({ state: "waiting", hook_id: null });
      expect((await world.app.jobs.stats()).waiting).toBe(1);
      await world.keep();
      const [hook, ...others] = world.hooks();
      expect(others).toEqual([]);
      expect(hook).toMatchObject({
        url: `${world.app.config.appUrl}/webhooks/${name}/${blog.id}`,
        secret: await world.secret(),
        isActive: true,
        verifiesTls: true,
      });
      expect(await world.webhook()).toMatchObject({ state: "active", error: null });
      expect((await world.webhook()).hook_id).toContain(hook?.id ?? "none");
      expect(await push(hook?.secret ?? "")).toBe(202);
      expect(await world.actions()).toEqual(["webhook.set_up"]);
    });

    test("one that was deleted there is put back once, and then shown as missing", async () => {
      world = await openWorld({ in: "process", forge: name });
      await world.keep();
      world.hooks().length = 0;
      await world.keep();
      expect(world.hooks()).toHaveLength(1);
      expect((await world.webhook()).state).toBe("active");
      expect(await push(world.hooks()[0]?.secret ?? "")).toBe(202);
      world.hooks().length = 0;
      await world.keep();
      expect(world.hooks()).toHaveLength(0);
      const missing = await world.webhook();
      expect(missing.state).toBe("missing");
      expect(missing.error).toBe(`It was deleted at ${new URL(world.forge.origin).host}.`);
      await ask("webhook.repaired");
      await world.keep();
      expect(world.hooks()).toHaveLength(1);
      expect((await world.webhook()).state).toBe("active");
      expect(await world.actions()).toEqual(["webhook.set_up", "webhook.repaired", "webhook.repaired"]);
    });

    test("a token that may not manage webhooks is reported, with what it lacks", async () => {
      world = await openWorld({ in: "process", forge: name });
      world.forge.may.keepWebhooks = false;
      await world.keep();
      const failed = await world.webhook();
      expect(failed).toMatchObject({ state: "failed", hook_id: null });
      expect(failed.error).toMatch(/not allowed to manage webhooks\. It needs \S+/);
      expect(await world.actions()).toEqual(["webhook.set_up", "webhook.failed"]);
      await world.keep();
      expect(await world.actions()).toEqual(["webhook.set_up", "webhook.failed"]);
      world.forge.may.keepWebhooks = true;
      await world.keep();
      expect(await world.webhook()).toMatchObject({ state: "active", error: null });
    });

    test("another secret takes over there, and the old one counts for a day", async () => {
      world = await openWorld({ in: "process", forge: name });
      await world.keep();
      const old = await world.secret();
      expect(await ask("webhook.rotated")).toBeNull();
      expect(await push(old)).toBe(202);
      await world.keep();
      const [hook, ...others] = world.hooks();
      expect(others).toEqual([]);
      expect(hook?.secret).not.toBe(old);
      expect([await push(old), await push(hook?.secret ?? "")]).toEqual([202, 202]);
      world.tick(24 * hour);
      expect([await push(old), await push(hook?.secret ?? "")]).toEqual([401, 202]);
      expect(world.log.join("\n")).not.toContain(old);
    });

    test("it goes with its repository, without anybody waiting for the forge", async () => {
      world = await openWorld({ in: "process", forge: name });
      await world.keep();
      const { acme, blog } = world;
      world.forge.faults.status = 502;
      await removeRepository(world.app, { organization: acme, repository: blog, actor: "cli" });
      expect(await findWebhook(world.app.db, blog.id)).toBeNull();
      await removeWebhooks(world.app);
      expect(world.hooks()).toHaveLength(1);
      world.forge.faults.status = null;
      await removeWebhooks(world.app);
      expect(world.hooks()).toHaveLength(1);
      world.tick(60_000);
      await removeWebhooks(world.app);
      expect(world.hooks()).toHaveLength(0);
      const before = world.forge.requests.length;
      world.tick(hour);
      await removeWebhooks(world.app);
      expect(world.forge.requests).toHaveLength(before);
    });
  });

describe("a webhook", () => {
  test("that the forge does not take anew stays as it was, and its pushes are taken", async () => {
    world = await openWorld({ in: "process", forge: "github" });
    await world.keep();
    const old = await world.secret();
    world.forge.faults.expired = true;
    await ask("webhook.rotated");
    await world.keep();
    const failed = await world.webhook();
    expect(failed.state).toBe("failed");
    expect(failed.error).toContain("rejected the token");
    expect(await world.secret()).toBe(old);
    world.tick(48 * hour);
    expect(await push(old)).toBe(202);
    world.forge.faults.expired = false;
    await world.keep();
    expect(await world.webhook()).toMatchObject({ state: "active", error: null });
    expect(world.hooks()).toHaveLength(1);
  });

  test("whose new secret the forge took without saying so goes on with either", async () => {
    world = await openWorld({ in: "process", forge: "gitlab" });
    await world.keep();
    const old = await world.secret();
    await ask("webhook.rotated");
    const next = await world.secret();
    world.forge.faults.expired = true;
    await world.keep();
    expect([await push(old), await push(next)]).toEqual([202, 202]);
  });

  test("waits for a forge that is away, and is registered when that is back", async () => {
    world = await openWorld({ in: "process", forge: "gitea" });
    world.forge.faults.status = 503;
    await world.keep();
    expect(await world.webhook()).toMatchObject({ state: "waiting", hook_id: null });
    expect((await world.webhook()).error).toContain("Try again in a few minutes");
    world.forge.faults.status = null;
    world.tick(10 * 60_000);
    await checkWebhooks(world.app);
    await world.keep();
    expect(await world.webhook()).toMatchObject({ state: "active", error: null });
    expect(await world.actions()).toEqual(["webhook.set_up"]);
  });

  test("stays active while its forge cannot be asked, or wants to be left alone", async () => {
    world = await openWorld({ in: "process", forge: "github" });
    await world.keep();
    world.forge.faults.limited = { kind: "primary", until: Date.now() + 2 * hour };
    await world.keep();
    const limited = await world.webhook();
    expect(limited.state).toBe("active");
    expect(limited.error).toContain("is limiting requests");
    expect(Number(limited.next_check_at)).toBeGreaterThan(world.app.now() + 1.5 * hour);
  });

  test("is offered to the queue once an hour, and again when its job was lost", async () => {
    world = await openWorld({ in: "process", forge: "github" });
    const { app, tick } = world;
    await world.keep();
    const lost = () => app.db.write.deleteFrom("jobs").execute();
    const offered = async () => (await app.jobs.stats()).waiting;
    await lost();
    tick(0.7 * hour);
    await checkWebhooks(app);
    expect(await offered()).toBe(0);
    tick(0.6 * hour);
    await checkWebhooks(app);
    await checkWebhooks(app);
    expect(await offered()).toBe(1);
    await lost();
    tick(1.3 * hour);
    await checkWebhooks(app);
    expect(await offered()).toBe(1);
  });

  test("that was turned off, or leads elsewhere, is put right", async () => {
    for (const altered of [{ isActive: false }, { url: "https://old.acme.test/webhooks/1" }]) {
      world = await openWorld({ in: "process", forge: "gitea" });
      await world.keep();
      Object.assign(world.hooks()[0] ?? {}, altered);
      await world.keep();
      const { url } = world.hooks().at(-1) ?? {};
      expect(url).toBe(`${world.app.config.appUrl}/webhooks/gitea/${world.blog.id}`);
      expect(world.hooks()).toHaveLength(1);
      expect(world.hooks()[0]?.isActive).toBe(true);
      expect((await world.webhook()).state).toBe("active");
      await world.close();
    }
    world = await openWorld({ in: "process", forge: "gitea" });
  });

  test("is set up as soon as its repository is opened by an account", async () => {
    world = await openWorld({ in: "process", forge: "gitea" });
    const { app } = world;
    const stored = world.blog.credential_id ?? "";
    world.forge.add("acme/shop");
    const request = { url: `${world.forge.origin}/acme/shop.git`, name: null, provider: "gitea" };
    const more = { credential: null, allowLocal: false, actor: "cli" };
    const { repository } = await addRepository(app, world.acme, { ...request, ...more });
    expect(await findWebhook(app.db, repository.id)).toBeNull();
    const change = { name: "shop", credential: { kind: "stored", id: stored } } as const;
    await changeRepository(app, { organization: world.acme, repository }, { change, actor: "cli" });
    await ensureWebhook(app, { repositoryId: repository.id });
    expect(world.forge.repositories.get("acme/shop")?.hooks).toHaveLength(1);
    expect(await findWebhook(app.db, repository.id)).toMatchObject({ state: "active" });
  });

  test("of a host without an account is entered by hand: the secret is shown once", async () => {
    world = await openWorld({ in: "process", forge: "github" });
    const { acme } = world;
    const mirrored = await world.mirror(acme, "acme/tools", [{ manifest: { name: "acme/tools" } }]);
    const repository = await mirrored.row();
    const secret = await requestWebhook(world.app, { repository, action: "webhook.set_up", actor: "cli" });
    expect(secret).toStartWith("whsec_");
    const row = await findWebhook(world.app.db, repository.id);
    expect(row).toMatchObject({ state: "manual", hook_id: null });
    expect(openWebhookSecret(world.app, repository.id, row?.secret ?? "")).toBe(secret ?? "");
    expect(world.log.join("\n")).not.toContain(secret);
  });

  test("cannot be reached from outside while APP_URL is this very machine", async () => {
    world = await openWorld({ in: "process", forge: "github" });
    const { app } = world;
    const db = app.db.write;
    await db.updateTable("credentials").set({ origin: "https://github.com", host: "github.com" }).execute();
    await db.updateTable("repositories").set({ url: "https://github.com/acme/blog.git" }).execute();
    await world.keep();
    const failed = await world.webhook();
    expect(failed.state).toBe("failed");
    expect(failed.error).toContain("Set APP_URL");
  });

  test("that somebody removes is removed at the forge, and what came stays to be seen", async () => {
    world = await openWorld({ in: "process", forge: "gitlab" });
    const { app } = world;
    await world.keep();
    const secret = await world.secret();
    await removeWebhook(app, { repository: world.blog, actor: "cli" });
    expect(await push(secret)).toBe(401);
    await removeWebhooks(app);
    expect(world.hooks()).toEqual([]);
    expect(await world.actions()).toEqual(["webhook.set_up", "webhook.removed"]);
  });

  test("goes with its organization, whose token is forgotten after that", async () => {
    world = await openWorld({ in: "process", forge: "github" });
    const { app } = world;
    await world.keep();
    await deleteOrganization(app, world.acme, { typed: "acme", actor: "cli" });
    const kept = await app.db.read.selectFrom("webhook_removals").selectAll().execute();
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(kept)).not.toContain(world.forge.token);
    await removeWebhooks(app);
    expect(world.hooks()).toEqual([]);
    expect(await app.db.read.selectFrom("webhook_removals").selectAll().execute()).toEqual([]);
  });

  test("FW6: that the forge refuses, or does not let go, is failed work with its reason", async () => {
    world = await openWorld({ in: "process", forge: "github" });
    const { app } = world;
    const keep = () => ensureWebhook(app, { repositoryId: world.blog.id });
    world.forge.faults.expired = true;
    expect(await keep()).toEqual({ failed: expect.stringContaining("rejected the token") });
    world.forge.faults.expired = false;
    world.forge.faults.status = 502;
    expect(await keep()).toEqual({ failed: expect.any(String) });
    world.forge.faults.status = null;
    expect(await keep()).toBeUndefined();
    expect(await removeWebhooks(app)).toBeUndefined();
    await removeWebhook(app, { repository: world.blog, actor: "cli" });
    world.forge.faults.status = 502;
    const { failed = "" } = (await removeWebhooks(app)) ?? {};
    expect(failed).toMatch(/^The webhook of acme\/blog at .* was not removed: /);
    world.forge.faults.status = null;
    world.tick(hour);
    expect(await removeWebhooks(app)).toBeUndefined();
  });

  test("that the forge does not let go is left behind after a day", async () => {
    world = await openWorld({ in: "process", forge: "github" });
    const { app, tick } = world;
    await world.keep();
    await removeWebhook(app, { repository: world.blog, actor: "cli" });
    world.forge.faults.status = 502;
    for (let minute = 0; minute < 30; minute++) {
      await removeWebhooks(app);
      tick(hour);
    }
    expect(await app.db.read.selectFrom("webhook_removals").selectAll().execute()).toEqual([]);
    expect(world.log.join("\n")).toContain("webhook.left_behind");
  });
});
